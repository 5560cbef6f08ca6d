package dbtest_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/models"
)

// BenchmarkRequireUser measures an authenticated request on SQLite with each kind of credential. For comparison it
// measures the same request without the guard, and the one query of the guard.
func BenchmarkRequireUser(b *testing.B) {
	db := testdb.SQLite(b)
	for _, request := range newRequests(b, db) {
		b.Run(request.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				request.send(b)
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

// benchRequest is a request of a logged-in user.
type benchRequest struct {
	name, path, header, value string
	app                       *authtest.App
}

// newRequests returns a request without the guard, and one by each kind of credential.
func newRequests(t testing.TB, db *gorm.DB) []benchRequest {
	t.Helper()
	everything := func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
		cfg.AllowTokensWithCookies = true
	}
	app := authtest.New(t, db, everything)
	stateless := authtest.New(t, db, everything, func(cfg *config.Config) { cfg.JWT.Stateless = true })
	for _, a := range []*authtest.App{app, stateless} {
		ok := func(c *gin.Context) { c.Status(http.StatusNoContent) }
		a.Router.GET("/open", ok)
		a.Router.GET("/guarded", a.Auth.RequireUser(), ok)
	}
	ann := app.Client(t)
	var out binding.LoginResponse
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&out)
	cookie := "__Host-session=" + ann.Cookies["__Host-session"]
	return []benchRequest{
		{"open", "/open", "Cookie", cookie, app},
		{"cookie", "/guarded", "Cookie", cookie, app},
		{"opaque", "/guarded", "Authorization", "Token " + out.Key, app},
		{"jwt", "/guarded", "Authorization", "Bearer " + out.Access, app},
		{"stateless", "/guarded", "Authorization", "Bearer " + out.Access, stateless},
	}
}

func (q benchRequest) send(t testing.TB) {
	r := httptest.NewRequest(http.MethodGet, q.path, nil)
	r.Header.Set(q.header, q.value)
	w := httptest.NewRecorder()
	q.app.Router.ServeHTTP(w, r)
	if w.Code != http.StatusNoContent {
		t.Fatal(w.Code)
	}
}

// BenchmarkLogin measures POST login/ on SQLite without and with rate limits, and its hash alone, with the cheapest parameters that argon2id allows.
func BenchmarkLogin(b *testing.B) {
	plain, limited := newLogins(b, 1000, config.Limits{AllowUnlimited: true}), newLogins(b, 1000, config.Limits{})
	b.Run("hash", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			plain.hash(b)
		}
	})
	for name, l := range map[string]*logins{"login": plain, "limited login": limited} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.next(b)
			}
		})
	}
}

// logins are users who log in one after the other, so that none of them reaches the limit of sessions.
type logins struct {
	app     *authtest.App
	bodies  [][]byte
	n       int
	hasher  *passhash.Hasher
	encoded string
}

func newLogins(t testing.TB, users int, limits config.Limits) *logins {
	t.Helper()
	cheapest := config.Hash{Memory: 8, Time: 1, Threads: 1, Parallel: 8, Wait: time.Minute, InsecureCheapForTests: true}
	db, l := testdb.SQLite(t), &logins{}
	l.app = authtest.New(t, db, func(cfg *config.Config) { cfg.Hash, cfg.Limits = cheapest, limits })
	var err error
	l.hasher, err = passhash.New(passhash.Params{
		Algorithm: "argon2id", Memory: cheapest.Memory, Time: cheapest.Time, Threads: cheapest.Threads, Parallel: 8, Wait: time.Minute, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	if l.encoded, err = l.hasher.Hash(t.Context(), authtest.Password); err != nil {
		t.Fatal(err)
	}
	all := make([]models.User, users)
	for i := range all {
		u := &all[i]
		u.SetUsername("user" + strconv.Itoa(i))
		u.SetEmail(u.Username + "@example.com")
		u.IsActive, u.DateJoined, u.Password = true, l.app.Clock.Now(), l.encoded
		body, err := json.Marshal(authtest.Login(u.Username))
		if err != nil {
			t.Fatal(err)
		}
		l.bodies = append(l.bodies, body)
	}
	if err := db.CreateInBatches(all, 100).Error; err != nil {
		t.Fatal(err)
	}
	return l
}

// next logs in the next user.
func (l *logins) next(t testing.TB) {
	r := httptest.NewRequest(http.MethodPost, "/auth/login/", bytes.NewReader(l.bodies[l.n%len(l.bodies)]))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	l.app.Router.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	l.n++
}

// hash does the work of a login that depends on the password.
func (l *logins) hash(t testing.TB) {
	if result, err := l.hasher.Verify(t.Context(), l.encoded, authtest.Password); err != nil || !result.OK {
		t.Fatal(result, err)
	}
}

// TestQueriesOfARequest covers T133: an authenticated request makes one query, and no other one if the session was
// touched recently.
func TestQueriesOfARequest(t *testing.T) {
	t.Parallel()
	db := testdb.SQLite(t)
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
		t.Errorf("%d queries for an anonymous request, want 0", queries)
	}
}
