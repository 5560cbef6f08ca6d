package dbtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// BenchmarkRequireUser is the hot path: an authenticated request on SQLite by each kind
// of credential, beside the same request without the guard and beside its one query.
func BenchmarkRequireUser(b *testing.B) {
	db := openSQLite(b)
	everything := func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
		cfg.AllowTokensWithCookies = true
	}
	app := authtest.New(b, db, everything)
	stateless := authtest.New(b, db, everything, func(cfg *config.Config) { cfg.JWT.Stateless = true })
	for _, a := range []*authtest.App{app, stateless} {
		ok := func(c *gin.Context) { c.Status(http.StatusNoContent) }
		a.Router.GET("/open", ok)
		a.Router.GET("/guarded", a.Auth.RequireUser(), ok)
	}
	ann := app.Client(b)
	var out binding.LoginResponse
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&out)
	cookie := "__Host-session=" + ann.Cookies["__Host-session"]
	for _, bench := range []struct {
		name, path, header, value string
		app                       *authtest.App
	}{
		{"open", "/open", "Cookie", cookie, app},
		{"cookie", "/guarded", "Cookie", cookie, app},
		{"opaque", "/guarded", "Authorization", "Token " + out.Key, app},
		{"jwt", "/guarded", "Authorization", "Bearer " + out.Access, app},
		{"stateless", "/guarded", "Authorization", "Bearer " + out.Access, stateless},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, bench.path, nil)
				r.Header.Set(bench.header, bench.value)
				w := httptest.NewRecorder()
				bench.app.Router.ServeHTTP(w, r)
				if w.Code != http.StatusNoContent {
					b.Fatal(w.Code)
				}
			}
		})
	}
	b.Run("query", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var row struct{ ID int64 }
			if err := db.Raw("SELECT u.id FROM auth_user u JOIN auth_session s ON s.user_id = u.id WHERE s.key_hash = ?", "x").Scan(&row).Error; err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestQueriesOfARequest: an authenticated request costs one query, and no more while
// the session was touched lately (T133: no cache that could be stale).
func TestQueriesOfARequest(t *testing.T) {
	t.Parallel()
	db := openSQLite(t)
	app := authtest.New(t, db)
	ann := app.Client(t)
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	queries := 0
	count := func(*gorm.DB) { queries++ }
	for _, err := range []error{
		db.Callback().Query().Before("*").Register("count", count), db.Callback().Raw().Before("*").Register("count", count),
		db.Callback().Update().Before("*").Register("count", count), db.Callback().Row().Before("*").Register("count", count),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	ann.Get("/auth/user/").Want(200)
	if queries != 1 {
		t.Errorf("%d queries, want 1", queries)
	}
	queries = 0
	app.Client(t).Get("/auth/user/").Want(401)
	if queries != 0 {
		t.Errorf("%d queries for a stranger, want 0", queries)
	}
}
