package snippet

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// TestStartInstance changes the secret in a rolling deployment: an instance that has the next secret in OldSecrets, and one that has
// it as Secret, accept each other's cookies.
func TestStartInstance(t *testing.T) {
	const next config.Secret = "for tests only: another secret of more than 32 bytes"
	path := filepath.Join(t.TempDir(), "app.db") + "?_journal_mode=WAL&_txlock=immediate&_busy_timeout=5000"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var routers [2]*gin.Engine
	var group sync.WaitGroup
	for i, secrets := range [][2]config.Secret{{authtest.Secret, next}, {next, authtest.Secret}} {
		db, err := gorm.Open(sqlite.Open(path), &gorm.Config{})
		if err != nil {
			t.Fatal(err)
		}
		routers[i] = gin.New()
		group.Go(func() { // both migrate at once
			if err := startInstance(ctx, db, config.Config{Secret: secrets[0], OldSecrets: secrets[1:]}, routers[i]); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i, name := range []string{"ann", "bob"} {
		here, there := authtest.NewClient(t, routers[i]), authtest.NewClient(t, routers[1-i])
		here.Get("/readyz").Want(200)
		here.Post("/auth/registration/", authtest.SignUp(name)).Want(201)
		there.Cookies = here.Cookies
		there.Get("/auth/user/").Want(200)
		there.Patch("/auth/user/", map[string]string{"first_name": "A."}).Want(200)
		here.Cookies = there.Cookies
		here.Get("/auth/user/").Want(200)
	}
}
