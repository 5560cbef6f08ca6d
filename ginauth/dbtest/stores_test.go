package dbtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-contrib/sessions/memstore"
	ginredis "github.com/gin-contrib/sessions/redis"
	"github.com/gin-gonic/gin"
	"github.com/gomodule/redigo/redis"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
)

var storeKey = []byte("for tests only: thirty-two bytes")

// TestSessionStores runs a login on other gin-contrib stores, which keep the values on the server and an ID in the
// cookie.
func TestSessionStores(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) config.SessionStore{
		"memstore": func(*testing.T) config.SessionStore { return memstore.NewStore(storeKey) },
		"cookie":   func(*testing.T) config.SessionStore { return cookie.NewStore(storeKey) },
		"redis": func(t *testing.T) config.SessionStore {
			store, err := ginredis.NewStore(4, "tcp", testdb.DSN(t, "GINAUTH_TEST_REDIS"), "", "", storeKey)
			if err != nil {
				t.Fatal(err)
			}
			if err := ginredis.SetKeyPrefix(store, testdb.Fresh()+"_"); err != nil {
				t.Fatal(err)
			}
			return store
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			app := authtest.New(t, testdb.SQLite(t), func(cfg *config.Config) { cfg.SessionStore = store })
			playStore(t, app)
		})
	}
}

// browsers returns a function that makes browsers whose responses must match the OpenAPI document.
func browsers(t *testing.T, app *authtest.App) func() *authtest.Client {
	documented := openapitest.Check(t, app.Auth, app.Router)
	return func() *authtest.Client { return authtest.NewClient(t, documented) }
}

// playStore covers T034 and T035: the ID from before a login is invalid after it, values of the application are kept,
// and logout removes them.
func playStore(t *testing.T, app *authtest.App) {
	app.Router.POST("/cart/:thing", app.Auth.Sessions(), func(c *gin.Context) {
		s := ginsessions.Default(c)
		s.Set("cart", c.Param("thing"))
		if err := s.Save(); err != nil {
			c.AbortWithStatus(http.StatusInternalServerError)
		}
	})
	app.Router.GET("/cart", app.Auth.Sessions(), func(c *gin.Context) {
		thing, _ := ginsessions.Default(c).Get("cart").(string)
		c.String(http.StatusOK, thing)
	})
	browser := browsers(t, app)
	browser().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)

	victim := browser()
	set := victim.Post("/cart/tea", nil).Want(200).Header.Get("Set-Cookie")
	if !strings.Contains(set, "; HttpOnly; Secure; SameSite=Lax") || !strings.Contains(set, "Max-Age=1209600") {
		t.Errorf("the store set %q", set)
	}
	planted := victim.Clone() // an attacker gave the victim this cookie
	victim.Post("/auth/login/", authtest.Login("ann")).Want(200)
	victim.Get("/auth/user/").Want(200)
	planted.Get("/auth/user/").WantCode(401, binding.CodeNotAuthenticated)
	if got := victim.Get("/cart").Want(200).Text; got != "tea" {
		t.Errorf("cart is %q after login", got)
	}
	for size := 3960; size < 4100; size += 20 { // redis keeps 4 KB, so some leave no room for the key
		full := browser()
		full.Post("/cart/"+strings.Repeat("x", size), nil)
		full.Post("/auth/login/", authtest.Login("ann")).Want(200)
		full.Get("/auth/user/").Want(200)
	}
	stolen := victim.Clone()
	victim.Post("/auth/password/change/", binding.ChangePassword{
		OldPassword: authtest.Password, NewPassword1: "Mirror-Maze-88", NewPassword2: "Mirror-Maze-88",
	}).Want(200)
	stolen.Get("/auth/user/").Want(401)
	stolen = victim.Clone()
	victim.Post("/auth/logout/", nil).Want(200)
	stolen.Get("/auth/user/").Want(401)
	if got := victim.Get("/cart").Want(200).Text; got != "" {
		t.Errorf("cart is %q after logout", got)
	}
}

// TestSessionStoreFails covers T047: a store that fails is a 503. It is never "not logged in", and never a successful
// logout.
func TestSessionStoreFails(t *testing.T) {
	t.Parallel()
	store := &brittle{Store: memstore.NewStore(storeKey)}
	app := authtest.New(t, testdb.SQLite(t), func(cfg *config.Config) { cfg.SessionStore = store })
	ann := browsers(t, app)()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	for _, broken := range []*bool{&store.readFails, &store.saveFails} {
		*broken = true
		before := ann.Clone()
		if broken == &store.readFails {
			ann.Get("/auth/user/").WantCode(503, binding.CodeUnavailable)
			ann.Post("/auth/logout/", nil).WantCode(503, binding.CodeUnavailable)
		}
		ann.Post("/auth/login/", authtest.Login("ann")).WantCode(503, binding.CodeUnavailable)
		*broken = false
		before.Get("/auth/user/").Want(200)
	}
	leaving := authtest.New(t, testdb.SQLite(t), func(cfg *config.Config) { cfg.SessionStore, cfg.LogoutOnPasswordChange = store, true })
	bob := browsers(t, leaving)()
	bob.Post("/auth/registration/", authtest.SignUp("bob")).Want(201)
	store.saveFails = true // the password is changed by then, so it is not a failure
	bob.Post("/auth/password/change/", binding.ChangePassword{
		OldPassword: authtest.Password, NewPassword1: "Mirror-Maze-88", NewPassword2: "Mirror-Maze-88",
	}).Want(200)
	if len(bob.Cookies) != 0 || !strings.Contains(leaving.Log.String(), "the store is down") {
		t.Errorf("cookies %v, logged %s", bob.Cookies, leaving.Log)
	}
	if n := strings.Count(app.Log.String(), "the store is down"); n != 4 {
		t.Errorf("logged %d failures, want 4: %s", n, app.Log)
	}
}

// TestSessionStoreThatKeepsIDs covers T034 for a store that does not change its ID.
func TestSessionStoreThatKeepsIDs(t *testing.T) {
	t.Parallel()
	store := &brittle{Store: memstore.NewStore(storeKey), keepsID: true}
	app := authtest.New(t, testdb.SQLite(t), func(cfg *config.Config) { cfg.SessionStore = store })
	ann := browsers(t, app)()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	ann.Post("/auth/login/", authtest.Login("ann")).WantCode(500, binding.CodeInternal)
	if !strings.Contains(app.Log.String(), "keeps the ID") {
		t.Errorf("logged: %s", app.Log)
	}
}

// TestSessionStoreHangs: a store that does not respond is a 503, after the application's timeout at most. It keeps a
// limited number of goroutines. Requests of clients that leave end at once.
func TestSessionStoreHangs(t *testing.T) {
	t.Parallel()
	hung := make(chan struct{})
	store := &brittle{Store: memstore.NewStore(storeKey)}
	db := testdb.SQLite(t)
	app := authtest.New(t, db, func(cfg *config.Config) { cfg.SessionStore, cfg.Timeout = store, 2*time.Second })
	ann := browsers(t, app)()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	store.hung = hung
	answers := time.AfterFunc(time.Minute, func() { close(hung) }) // otherwise a request without a deadline would never return
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(gone, "GET", "/auth/user/", nil)
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: ann.Cookies["__Host-session"]})
	patient := authtest.New(t, db, func(cfg *config.Config) {
		cfg.SessionStore, cfg.Timeout = &brittle{Store: store.Store, hung: hung}, time.Hour
	})
	patient.Router.ServeHTTP(httptest.NewRecorder(), r)
	select {
	case <-hung:
		t.Fatal("a request of a client that has left waits for the store")
	default:
	}
	var all sync.WaitGroup
	for range 150 {
		browser := ann.Clone()
		all.Go(func() { browser.Get("/auth/user/").WantCode(503, binding.CodeUnavailable) })
	}
	all.Wait()
	if n := store.calls.Load(); n > 100 {
		t.Errorf("%d calls hang", n)
	}
	if !strings.Contains(app.Log.String(), "did not answer within Timeout") {
		t.Errorf("logged: %s", app.Log)
	}
	if !answers.Stop() {
		t.Fatal("requests wait for the store")
	}
	close(hung)
	ann.Clone().Get("/auth/user/").Want(200)
}

// TestSessionStoreThatPanics covers T214: a panic ends the request, not the process.
func TestSessionStoreThatPanics(t *testing.T) {
	t.Parallel()
	store := &brittle{Store: memstore.NewStore(storeKey)}
	app := authtest.New(t, testdb.SQLite(t), func(cfg *config.Config) { cfg.SessionStore = store })
	ann := browsers(t, app)()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	store.panics = true
	ann.Post("/auth/login/", authtest.Login("ann")).WantCode(500, binding.CodeInternal)
}

// TestCheckOfRedis: Check reports a pool without time-outs.
func TestCheckOfRedis(t *testing.T) {
	t.Parallel()
	addr := testdb.DSN(t, "GINAUTH_TEST_REDIS")
	short, err := ginredis.NewStore(4, "tcp", addr, "", "", storeKey)
	if err != nil {
		t.Fatal(err)
	}
	timed, err := ginredis.NewStoreWithPool(&redis.Pool{Dial: func() (redis.Conn, error) {
		return redis.Dial("tcp", addr, redis.DialReadTimeout(time.Second))
	}}, storeKey)
	if err != nil {
		t.Fatal(err)
	}
	for store, want := range map[config.SessionStore]bool{short: true, timed: false} {
		app := authtest.New(t, testdb.SQLite(t), func(cfg *config.Config) { cfg.SessionStore = store })
		findings := app.Auth.Check(t.Context())
		if found := strings.Contains(fmt.Sprint(findings), "NewStoreWithPool"); found != want {
			t.Errorf("found %v, want %v: %v", found, want, findings)
		}
	}
}

type brittle struct {
	memstore.Store
	readFails, saveFails, keepsID bool
	panics                        bool
	hung                          chan struct{} // calls wait until it is closed
	calls                         atomic.Int64  // number of calls that waited
	lastID                        string
}

func (b *brittle) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(b, name)
}

func (b *brittle) New(r *http.Request, name string) (*sessions.Session, error) {
	if b.panics {
		panic("canary")
	}
	if b.hung != nil {
		b.calls.Add(1)
		<-b.hung
	}
	s, err := b.Store.New(r, name)
	if b.readFails {
		return s, errStore
	}
	return s, err
}

func (b *brittle) Save(r *http.Request, w http.ResponseWriter, s *sessions.Session) error {
	if b.saveFails {
		return errStore
	}
	if b.keepsID && s.ID == "" {
		s.ID = b.lastID
	}
	err := b.Store.Save(r, w, s)
	b.lastID = s.ID
	return err
}

var errStore = os.NewSyscallError("the store is down", os.ErrDeadlineExceeded)
