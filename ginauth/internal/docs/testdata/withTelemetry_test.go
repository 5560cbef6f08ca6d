package snippet

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithTelemetry(t *testing.T) {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	router := gin.New()
	auth, err := withTelemetry(db, config.Config{Secret: "for tests only: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"}, router, "a-password")
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	get := func(password string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.SetBasicAuth("prometheus", password)
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		return w
	}
	if w := get("guessed"); w.Code != 401 {
		t.Error(w.Code)
	}
	if w := get("a-password"); w.Code != 200 || !strings.Contains(w.Body.String(), "ginauth_sessions 0") {
		t.Error(w.Code, w.Body)
	}
}
