package dbtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// twoAuthsDoNotShareLogins: a user logged in at one Auth is anonymous at another one.
func twoAuthsDoNotShareLogins(c *Case) {
	c.Start()
	customers := c.App
	mallory := c.SignedUp("mallory")
	staff := authtest.New(c.T, c.open(c.T), func(cfg *config.Config) { cfg.Cookie.Name = "staff" })
	root := authtest.NewClient(c.T, staff.Router)
	root.Post("/auth/registration/", authtest.SignUp("rita")).Want(201)
	customers.Router.GET("/admin", customers.Auth.OptionalUser(), staff.Auth.RequireUser(), func(g *gin.Context) {
		g.String(200, ginauth.User(g).Username)
	})
	mallory.Get("/admin").WantCode(401, binding.CodeNotAuthenticated)
	mallory.Cookies["__Host-staff"] = root.Cookies["__Host-staff"]
	if r := mallory.Get("/admin").Want(200); r.Text != "rita" {
		c.Errorf("the guard of the staff accepted %q", r.Text)
	}
}

// plantedTokenCookiesAreIgnored covers T045 for cookie names without a prefix.
func plantedTokenCookiesAreIgnored(c *Case) {
	c.Start(func(cfg *config.Config) {
		withEverything(cfg)
		cfg.JWT.Transport = config.InCookies
	})
	victim, mallory := c.SignedUp("victim"), c.SignedUp("mallory")
	planted, own := "access="+mallory.Cookies["access"], "access="+victim.Cookies["access"]
	session := "__Host-session=" + victim.Cookies["__Host-session"]
	for cookies, want := range map[string]string{
		planted + "; " + session: "victim", own + "; " + session: "victim", own: "victim", planted + "; " + own: "", own + "; " + planted: "",
	} {
		r := c.Client().Do("GET", "/auth/user/", nil, "Cookie", cookies)
		var u binding.User
		if r.StatusCode == 200 {
			r.JSON(&u)
		}
		if u.Username != want {
			c.Errorf("%s: logged in as %q, want %q", cookies[:12], u.Username, want)
		}
	}
	twins := "refresh=" + mallory.Cookies["refresh"] + "; refresh=" + victim.Cookies["refresh"]
	c.Client().Do("POST", "/auth/token/refresh/", nil, "Cookie", twins).WantCode(401, binding.CodeInvalidToken)
}

// loginEndsSessionsOfTokenCookies: a browser that logs in again leaves no session behind.
func loginEndsSessionsOfTokenCookies(c *Case) {
	c.Start(withJWTCookies)
	ann := c.SignedUp("ann")
	before := ann.Clone()
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	before.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	before.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)
	if n := c.count(&models.Session{}); n != 1 {
		c.Errorf("%d sessions", n)
	}
}

// idleTimeDependsOnTheCredential: a long-lived refresh token does not extend the session cookie.
func idleTimeDependsOnTheCredential(c *Case) {
	c.Start(withEverything, func(cfg *config.Config) { cfg.Session.Idle = 15 * time.Minute })
	ann := c.SignedUp("ann")
	var out binding.LoginResponse
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&out)
	c.Clock.Advance(15 * time.Minute)
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	c.byToken(out.Key).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	c.refreshed(out.Refresh)
}

// loginChoosesCredentials: the setting decides what a login returns and which routes exist.
func loginChoosesCredentials(c *Case) {
	cookie, opaque, signed := config.SessionCookie, config.OpaqueToken, config.JSONWebToken
	c.DB = c.open(c.T)
	for i, try := range []struct {
		login                []config.Credential
		transport            config.Transport
		atOnce               bool
		body, cookies, paths string
	}{
		{nil, "", false, "user", "__Host-session", ""},
		{[]config.Credential{cookie, opaque}, "", false, "user", "__Host-session", "tokens"},
		{[]config.Credential{cookie, opaque}, "", true, "key", "__Host-session", "tokens"},
		{[]config.Credential{opaque}, "", false, "key user", "", "tokens"},
		{[]config.Credential{opaque}, "", true, "key", "", "tokens"},
		{[]config.Credential{opaque, signed}, "", false, "access key refresh user", "", "token/refresh token/verify tokens"},
		{[]config.Credential{signed}, "", false, "access refresh user", "", "token/refresh token/verify"},
		{[]config.Credential{signed}, config.InCookies, false, "user", "access refresh", "token/refresh token/verify"},
		{[]config.Credential{signed}, config.InEither, false, "user", "access refresh", "token/refresh token/verify"},
		{[]config.Credential{cookie, signed}, "", false, "user", "__Host-session", "token/refresh token/verify"},
		{[]config.Credential{cookie, signed}, "", true, "access refresh user", "__Host-session", "token/refresh token/verify"},
		{[]config.Credential{cookie, opaque, signed}, "", false, "user", "__Host-session", "token/refresh token/verify tokens"},
		{[]config.Credential{cookie, opaque, signed}, "", true, "access key refresh user", "__Host-session", "token/refresh token/verify tokens"},
	} {
		c.App = authtest.New(c.T, c.DB, func(cfg *config.Config) {
			cfg.Login, cfg.JWT.Transport, cfg.AllowTokensWithCookies = try.login, try.transport, try.atOnce
		})
		browser, body := c.Client(), obj{}
		browser.Post("/auth/registration/", authtest.SignUp(fmt.Sprint("ann", i))).Want(201).JSON(&body)
		var paths []string
		for _, path := range []string{"token/refresh", "token/verify", "tokens"} {
			if c.Client().Post("/auth/"+path+"/", obj{}).StatusCode != 404 {
				paths = append(paths, path)
			}
		}
		got := []string{sortedKeys(body), sortedKeys(browser.Cookies), strings.Join(paths, " ")}
		if !slices.Equal(got, []string{try.body, try.cookies, try.paths}) {
			c.Errorf("%v %s: body, cookies and paths are %q", try.login, try.transport, got)
		}
	}
}

func sortedKeys[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}

// pagesDeniedATokenAreLogged: the log names each page that is missing from TokenOrigins once, and says once that clients ask for a
// credential that Login does not give.
func pagesDeniedATokenAreLogged(c *Case) {
	c.Start(withEachCredential, func(cfg *config.Config) {
		cfg.TrustedOrigins = []string{"https://app.example.com", "https://other.example.com"}
		cfg.TokenOrigins = []string{"https://app.example.com"}
	})
	c.SignedUp("ann")
	login := func(status int, credential string, header ...string) {
		c.Helper()
		c.clientAskingFor(credential).Do("POST", "/auth/login/", authtest.Login("ann"), header...).Want(status)
	}
	for range 2 {
		login(200, "token")
		login(200, "token", "Origin", "https://app.example.com")
		login(403, "bogus", "Origin", "https://other.example.com")
		login(403, "jwt-fixed", "Origin", "https://other.example.com")
	}
	c.wantLogged(1, "level=WARN", "setting=Login", "Auth-Credential")
	c.wantLogged(1, "ginauth")
	for range 2 {
		login(403, "token", "Origin", "https://other.example.com")
		login(403, "jwt", "Origin", "https://other.example.com")
		login(403, "token", "Origin", "http://example.com", "Sec-Fetch-Site", "same-origin")
	}
	c.wantLogged(1, "level=WARN", "setting=TokenOrigins", "origin=https://other.example.com", "credential_not_allowed")
	c.wantLogged(1, "setting=TokenOrigins", "origin=http://example.com")
	c.wantLogged(3, "ginauth")
}
