package authtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/models"
)

// Login returns a new browser on App.Router that is logged in as a stored user, whoever stored
// it; the password is not needed. See [App.As] for the session.
func (a *App) Login(t testing.TB, user models.Account) *Client {
	t.Helper()
	c, pass := a.Client(t), a.enter(t, user)
	for _, cookie := range pass.cookies {
		c.Cookies[cookie.Name] = cookie.Value
	}
	if pass.authorization != "" {
		c.Header.Set("Authorization", pass.authorization)
	}
	return c
}

// As makes a request that of a logged-in user, and returns it:
//
//	router.ServeHTTP(answer, app.As(t, ann, httptest.NewRequest("GET", "/api/me", nil)))
//
// It begins a session of its own, stored like that of any login, and puts its credential on the
// request in place of one that was there: the session cookie where logins give it, else the
// cookie with the access token, else a token in the header Authorization.
//
// The user must be stored, active and, with EmailVerification mandatory, have a confirmed
// address, or the test ends. No hook is told of the login, no backend asked and no mail
// written, and it ends no other session.
func (a *App) As(t testing.TB, user models.Account, r *http.Request) *http.Request {
	t.Helper()
	pass := a.enter(t, user)
	kept := slices.DeleteFunc(r.Cookies(), func(had *http.Cookie) bool {
		return slices.ContainsFunc(pass.cookies, func(c *http.Cookie) bool { return c.Name == had.Name })
	})
	r.Header.Del("Cookie")
	r.Header.Del("Authorization")
	for _, cookie := range append(kept, pass.cookies...) {
		if cookie.Path == "" || strings.HasPrefix(r.URL.Path, cookie.Path) { // the refresh token goes to few routes
			r.AddCookie(cookie)
		}
	}
	if pass.authorization != "" {
		r.Header.Set("Authorization", pass.authorization)
	}
	return r
}

// sideDoor is a second Auth with the same database, secrets, session store and clock, whose one
// backend believes every password. It is the library's own login that begins the sessions of
// [App.As], so whatever a session row, a cookie or a token has in it, they have. Nobody else
// gets at its engine, and the application's Auth stays as it is: its hooks, forms, views and
// backends, which could refuse or hide the answer, are not asked.
type sideDoor struct {
	mu     sync.Mutex
	auth   *ginauth.Auth
	engine *gin.Engine
	of     *ginauth.Auth // for which it was made, when that was registered at
	base   string
}

// pass is what a client sends.
type pass struct {
	cookies       []*http.Cookie
	authorization string
}

// enter logs a user in by the side door.
func (a *App) enter(t testing.TB, user models.Account) pass {
	t.Helper()
	if user.Base().ID == 0 {
		t.Fatalf("authtest: user %q is not stored; App.User stores one", user.Base().Username)
	}
	auth, engine := a.openSide(t)
	body := fmt.Sprintf(`{"username": "%d", "password": "believed"}`, user.Base().ID)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, auth.Base()+"/login/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/problem+json")
	recorder := httptest.NewRecorder()
	engine.ServeHTTP(recorder, r)
	if recorder.Code != http.StatusOK {
		t.Fatalf("authtest: user %d (%q) cannot log in: %d %s", user.Base().ID, user.Base().Username, recorder.Code, recorder.Body)
	}
	out := pass{cookies: recorder.Result().Cookies()}
	cfg := auth.Config()
	byToken := slices.Contains(cfg.Login, config.OpaqueToken)
	byJWT := slices.Contains(cfg.Login, config.JSONWebToken)
	if slices.Contains(cfg.Login, config.SessionCookie) || byJWT && cfg.JWT.Transport != config.InBody {
		return out
	}
	var answer binding.LoginResponse
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if byToken {
		out.authorization = "Token " + answer.Key
	} else {
		out.authorization = "Bearer " + answer.Access
	}
	return out
}

// openSide makes the side door when it is first needed.
func (a *App) openSide(t testing.TB) (*ginauth.Auth, *gin.Engine) {
	t.Helper()
	a.side.mu.Lock()
	defer a.side.mu.Unlock()
	if a.side.of == a.Auth && a.side.base == a.Auth.Base() {
		return a.side.auth, a.side.engine
	}
	auth, err := ginauth.New(a.db, a.sideConfig())
	if err != nil {
		t.Fatal(err)
	}
	engine := newRouter()
	if err := auth.Register(engine); err != nil {
		t.Fatal(err)
	}
	a.side.auth, a.side.engine, a.side.of, a.side.base = auth, engine, a.Auth, a.Auth.Base()
	return auth, engine
}

// sideConfig is the application's but for what could refuse, tell or hide.
func (a *App) sideConfig() config.Config {
	cfg := a.Auth.Config()
	if base := a.Auth.Base(); base != "" {
		cfg.BasePath = base
	}
	cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
	cfg.SignUpFields = config.SignUpFields{Username: config.FieldRequired, Email: config.FieldRequired}
	cfg.Backends = []config.Backend{config.BackendFunc(a.believe)}
	cfg.Hooks, cfg.Forms, cfg.Views = config.Hooks{}, config.Forms{}, nil
	cfg.PasswordRules = []config.PasswordRule{}
	cfg.Session.MaxPerUser, cfg.PublicPath = -1, "" // requests of tests come by no proxy
	if cfg.SessionStore != nil {
		cfg.SessionStore = sharedStore{cfg.SessionStore}
	}
	return cfg
}

// sharedStore hides a gin-contrib store's method Options, which New would call while the
// application's requests read them.
type sharedStore struct{ config.SessionStore }

// believe is the side door's backend. The user comes as one who never logged in, so that
// nobody gets a mail about a new device.
func (a *App) believe(ctx context.Context, in config.Credentials) (models.Account, error) {
	id, err := strconv.ParseInt(in.Username, 10, 64)
	if err != nil {
		return nil, err
	}
	account, err := a.read(ctx, id)
	if err != nil {
		return nil, err
	}
	account.Base().LastLogin = nil
	return account, nil
}

// read reads a user as the application's type.
func (a *App) read(ctx context.Context, id int64) (models.Account, error) {
	account := a.Auth.Config().NewUser()
	err := a.db.Session(&gorm.Session{NewDB: true}).WithContext(ctx).Where("id = ?", id).Take(account).Error
	return account, err
}
