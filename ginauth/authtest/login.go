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

// Login returns a new client for App.Router that is logged in as a stored user. It needs no password. [App.As] describes the
// session.
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

// As authenticates a request as a user and returns it:
//
//	router.ServeHTTP(response, app.As(t, ann, httptest.NewRequest("GET", "/api/me", nil)))
//
// It creates a real session in the database and adds its credential to the request, in place of the previous one: the session
// cookie if the configuration has it, otherwise the cookie with the access token, otherwise a token in the Authorization header.
//
// The test ends if the user is not stored or cannot log in. The user must be active and, if EmailVerification is mandatory,
// have a confirmed address. The session is created by [ginauth.Auth.LogIn]: login forms and backends are not called, so captchas
// do not get in the way. Hooks of a login are called, Session.MaxPerUser applies, and with mails a user who logged in before gets
// the notice about a new device. A user with a second factor must log in over HTTP.
func (a *App) As(t testing.TB, user models.Account, r *http.Request) *http.Request {
	t.Helper()
	pass := a.enter(t, user)
	kept := slices.DeleteFunc(r.Cookies(), func(old *http.Cookie) bool {
		return slices.ContainsFunc(pass.cookies, func(c *http.Cookie) bool { return c.Name == old.Name })
	})
	r.Header.Del("Cookie")
	r.Header.Del("Authorization")
	for _, cookie := range append(kept, pass.cookies...) {
		if cookie.Path == "" || strings.HasPrefix(r.URL.Path, cookie.Path) { // browsers send the refresh token to few routes
			r.AddCookie(cookie)
		}
	}
	if pass.authorization != "" {
		r.Header.Set("Authorization", pass.authorization)
	}
	return r
}

// pass is the credential of a client.
type pass struct {
	cookies       []*http.Cookie
	authorization string
}

// enter logs a user in with [ginauth.Auth.LogIn] of the application's Auth, in a POST handler of its own. A test can therefore skip
// no more than an application can; it cannot skip a second factor.
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
		t.Fatalf("authtest: user %d (%q) has a second factor; log in over HTTP and send it: %s", id, name, recorder.Body)
	}
	out := pass{cookies: recorder.Result().Cookies()}
	cfg := a.Auth.Config()
	byToken := slices.Contains(cfg.Login, config.OpaqueToken)
	byJWT := slices.Contains(cfg.Login, config.JSONWebToken)
	if slices.Contains(cfg.Login, config.SessionCookie) || byJWT && cfg.JWT.Transport != config.InBody {
		return out
	}
	var response binding.LoginResponse
	err := json.Unmarshal(recorder.Body.Bytes(), &response)
	switch {
	case byToken && response.Key != "":
		out.authorization = "Token " + response.Key
	case !byToken && response.Access != "":
		out.authorization = "Bearer " + response.Access
	default:
		t.Fatalf("authtest: the response contains no token; does a view in Config.Views remove it? %s, %v", recorder.Body, err)
	}
	return out
}
