package social_test

// What sessions have proven, when a provider's account is connected or disconnected.

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

var assuranceCases = dbtest.Group{Name: "assurance", Cases: []func(*dbtest.Case){
	connectingProvesNothing, connectingKeepsBothFactors, connectingKeepsShortSessions, connectingNeedsALaterFactor, disconnectingEndsOtherSessions,
}}

// startWithMFA starts an application with the fake as the provider "acme", and with second factors.
func startWithMFA(c *dbtest.Case, o mfa.Options, change ...func(*config.Config)) *idp {
	c.Helper()
	idp := newIDP(c.T)
	with := flowOptions(acme())
	with.Transport = idp.Transport()
	c.With(social.Feature(with), mfa.Feature(o)).StartMail(change...)
	idp.now = c.Clock.Now
	c.Router.GET("/two", mfa.Require(c.Auth, 2), func(g *gin.Context) { g.Status(http.StatusNoContent) })
	return idp
}

// proven returns what sessions/ says of the session of a client.
func proven(c *dbtest.Case, browser *authtest.Client) string {
	c.Helper()
	var all []binding.Session
	browser.Get("/auth/sessions/").Want(200).JSON(&all)
	for _, s := range all {
		if s.Current {
			return fmt.Sprint(s.Method, " ", s.AMR, " ", s.ACR, " ", s.ExpiresAt.Sub(s.AuthTime))
		}
	}
	return ""
}

// connectBegun begins to connect by redirect, and returns the query of the URL.
func connectBegun(browser *authtest.Client) string {
	var out social.Begun
	browser.Post("/auth/acme/connect/login/", obj{"code_challenge": s256}).Want(200).JSON(&out)
	at, _ := url.Parse(out.URL)
	return "?" + at.RawQuery
}

// connectingProvesNothing: anyone can have an account at a provider, so connecting one is no second factor (T167), and does not
// keep an unattended session recent or alive (T165).
func connectingProvesNothing(c *dbtest.Case) {
	idp := startWithMFA(c, mfa.Options{})
	browser := c.SignedUp("ann")
	before := proven(c, browser)
	for i := range 2 {
		c.Clock.Advance(time.Minute)
		browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1", obj{"jti": fmt.Sprint(i)})}).Want(200)
		if after := proven(c, browser); after != before {
			c.Errorf("the session has proven %s, before %s", after, before)
		}
	}
	code := trip(c, idp, browser, connectBegun(browser), idp.claims("s2")).Query().Get("code")
	exchange(browser, code, verifier).Want(200)
	if after := proven(c, browser); after != before {
		c.Errorf("after a redirect the session has proven %s, before %s", after, before)
	}
	browser.Get("/two").WantCode(403, "factor_setup_required")
	c.Clock.Advance(c.Auth.Config().Session.Fresh - 2*time.Minute)
	browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s3")}).WantCode(403, "fresh_login_required")
}

// connectingKeepsBothFactors of a session that has proven them.
func connectingKeepsBothFactors(c *dbtest.Case) {
	idp := startWithMFA(c, mfa.Options{})
	browser := c.SignedUp("ann")
	c.TOTP(c.T, browser)
	before := proven(c, browser)
	browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1")}).Want(200)
	if after := proven(c, browser); after != before {
		c.Errorf("the session has proven %s, before %s", after, before)
	}
	browser.Get("/two").Want(204)
}

// connectingKeepsShortSessions short: the user asked not to be remembered.
func connectingKeepsShortSessions(c *dbtest.Case) {
	idp := startWithMFA(c, mfa.Options{})
	c.SignedUp("ann")
	browser := c.Client()
	browser.Post("/auth/login/", obj{"username": "ann", "password": authtest.Password, "remember": false}).Want(200)
	before := proven(c, browser)
	r := browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1")}).Want(200)
	if after := proven(c, browser); after != before {
		c.Errorf("the session is %s, before %s", after, before)
	}
	for _, cookie := range r.Cookies() {
		if cookie.MaxAge > 0 {
			c.Errorf("the cookie %s outlives the browser", cookie.Name)
		}
	}
}

// connectingNeedsALaterFactor: a session that began to connect before the user set up a factor in another one cannot finish.
func connectingNeedsALaterFactor(c *dbtest.Case) {
	idp := startWithMFA(c, mfa.Options{AllowOtherSessions: true})
	browser := c.SignedUp("ann")
	other := c.LoggedIn("ann")
	code := trip(c, idp, other, connectBegun(other), idp.claims("s1")).Query().Get("code")
	c.TOTP(c.T, browser)
	exchange(other, code, verifier).WantCode(403, "factor_required")
	other.Get("/two").WantCode(403, "factor_required")
	if all := accounts(browser); len(all) != 0 {
		c.Errorf("the accounts are %+v", all)
	}
}

// disconnectingEndsOtherSessions: who logged in with the account, or is about to, is out (ASVS 7.4.3).
func disconnectingEndsOtherSessions(c *dbtest.Case) {
	idp := startWithMFA(c, mfa.Options{})
	browser := c.SignedUp("ann")
	browser.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("thief")}).Want(200)
	thief, user := entered(c, idp, "thief", obj{"jti": "2"})
	if user.PK != me(browser).PK {
		c.Fatalf("the account is that of %+v", user)
	}
	late := trip(c, idp, c.Client(), "?code_challenge="+s256, idp.claims("thief")).Query().Get("code")
	browser.Post(fmt.Sprint("/auth/socialaccounts/", accounts(browser)[0].ID, "/disconnect/"), nil).Want(200)
	thief.Get("/auth/user/").Want(401)
	me(browser)
	out := c.Client()
	exchange(out, late, verifier).Want(200)
	if other := me(out); other.PK == user.PK {
		c.Error("a code from before the disconnection logs in")
	}
}
