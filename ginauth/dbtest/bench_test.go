package dbtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// BenchmarkRequireUser is the hot path: an authenticated request by cookie on SQLite,
// beside the same request without the guard and beside its one query alone.
func BenchmarkRequireUser(b *testing.B) {
	db := openSQLite(b)
	app := authtest.New(b, db)
	ok := func(c *gin.Context) { c.Status(http.StatusNoContent) }
	app.Router.GET("/open", ok)
	app.Router.GET("/guarded", app.Auth.RequireUser(), func(c *gin.Context) {
		if ginauth.User(c) == nil {
			b.Error("nobody")
		}
		ok(c)
	})
	ann := app.Client(b)
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	for _, path := range []string{"/open", "/guarded"} {
		b.Run(path[1:], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Header.Set("Cookie", "__Host-session="+ann.Cookies["__Host-session"])
				w := httptest.NewRecorder()
				app.Router.ServeHTTP(w, r)
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
