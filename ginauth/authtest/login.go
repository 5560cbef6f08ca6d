package authtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
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
// The user must be stored and able to log in, or the test ends: active and, with EmailVerification
// mandatory, with a confirmed address. The session is begun by [ginauth.Auth.LogIn], as an application
// does after a login of its own kind. So no form and no backend is asked, but the hooks of a login are
// called, Session.MaxPerUser counts, and with mails on a user who was logged in before gets the notice
// of a new device.
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

// pass is what a client sends.
type pass struct {
	cookies       []*http.Cookie
	authorization string
}

// enter logs a user in by [ginauth.Auth.LogIn] of the application's own Auth, in a POST handler that only
// this call reaches. There is no other way in, so what an application cannot skip for a user, such as a
// second factor, a test cannot skip either.
func (a *App) enter(t testing.TB, user models.Account) pass {
	t.Helper()
	id, name := user.Base().ID, user.Base().Username
	if id == 0 {
		t.Fatalf("authtest: user %q is not stored; App.User stores one", name)
	}
	engine := newRouter()
	engine.POST("/", func(c *gin.Context) {
		account := a.Auth.Config().NewUser()
		account.Base().ID = id
		body, err := a.Auth.LogIn(c, account)
		if err != nil {
			a.Auth.Fail(c, err)
			return
		}
		c.JSON(http.StatusOK, body)
	})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	r.Header.Set("Accept", "application/problem+json")
	recorder := httptest.NewRecorder()
	engine.ServeHTTP(recorder, r)
	if recorder.Code != http.StatusOK {
		t.Fatalf("authtest: user %d (%q) cannot log in: %d %s", id, name, recorder.Code, recorder.Body)
	}
	if strings.Contains(recorder.Body.String(), `"mfa_required":true`) {
		t.Fatalf("authtest: user %d (%q) has a second factor, which no test can skip; log in over HTTP and send it: %s", id, name, recorder.Body)
	}
	out := pass{cookies: recorder.Result().Cookies()}
	cfg := a.Auth.Config()
	byToken := slices.Contains(cfg.Login, config.OpaqueToken)
	byJWT := slices.Contains(cfg.Login, config.JSONWebToken)
	if slices.Contains(cfg.Login, config.SessionCookie) || byJWT && cfg.JWT.Transport != config.InBody {
		return out
	}
	var answer binding.LoginResponse
	err := json.Unmarshal(recorder.Body.Bytes(), &answer)
	switch {
	case byToken && answer.Key != "":
		out.authorization = "Token " + answer.Key
	case !byToken && answer.Access != "":
		out.authorization = "Bearer " + answer.Access
	default:
		t.Fatalf("authtest: no token in the response, which Config.Views may have changed: %s, %v", recorder.Body, err)
	}
	return out
}
