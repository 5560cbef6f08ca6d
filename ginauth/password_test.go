package ginauth

import (
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/models"
)

// TestEmptyOldPassword is a wrong one, however it came to be empty, unless the setting allows it.
func TestEmptyOldPassword(t *testing.T) {
	t.Parallel()
	a := &Auth{cfg: config.Config{Hash: config.Hash{Memory: 64, Time: 1, InsecureCheapForTests: true}}.WithDefaults()}
	var err error
	if a.hasher, err = passhash.New(hashParams(a.cfg)); err != nil {
		t.Fatal(err)
	}
	encoded, err := a.hasher.Hash(t.Context(), "Looking-Glass-7")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest("POST", "/", nil)
	c.Set(identityKey{}, &identity{account: &models.User{Password: encoded}})
	check := func() error {
		return a.checkChangePassword(c, &binding.ChangePassword{}, func(string) bool { return true })
	}
	if check() == nil {
		t.Error("it was skipped")
	}
	a.cfg.AllowPasswordChangeWithoutOld = true
	if err := check(); err != nil {
		t.Errorf("it was not allowed: %v", err)
	}
}
