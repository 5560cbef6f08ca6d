package dbtest

import (
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// refreshKeepsItsKind: a refresh returns the kind of credential of its login, whatever the request asks for.
func refreshKeepsItsKind(c *Case) {
	c.Start(withJWT, func(cfg *config.Config) { cfg.JWT.Transport = config.InEither })
	browser := c.SignedUp("ann")
	tokens := c.loginAs("ann", "jwt")

	smuggled := c.Client()
	smuggled.Cookies["refresh"] = tokens.Refresh
	if r := smuggled.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken); len(r.Cookies()) != 0 {
		c.Errorf("set %v", r.Header)
	}
	r := c.clientAskingFor("cookie").Post("/auth/token/refresh/", obj{"refresh": tokens.Refresh}).Want(200)
	var next binding.Tokens
	if r.JSON(&next); len(r.Cookies()) != 0 || next.Refresh == "" {
		c.Errorf("a refresh of the app: %s, %v", r.Text, r.Header)
	}
	c.byToken(next.Access).Get("/auth/user/").Want(200)

	stolen := browser.Cookies["refresh"]
	r = browser.Do("POST", "/auth/token/refresh/", nil, config.CredentialHeader, "jwt").Want(200)
	if hasToken(r) || len(r.Cookies()) != 3 {
		c.Errorf("a refresh of the browser: %s, %v", r.Text, r.Header)
	}
	if r = c.clientAskingFor("jwt").Post("/auth/token/refresh/", obj{"refresh": stolen}).Want(200); hasToken(r) {
		c.Errorf("a refresh with the browser's token in the body: %s", r.Text)
	}
	browser.Get("/auth/user/").Want(200)
}

// fixedRefreshMustBeRequested: a server that asks for it can use one refresh token again and again. Other clients,
// browsers and cookies cannot (C19).
func fixedRefreshMustBeRequested(c *Case) {
	c.Start(withEachCredential, withFixedRefresh, func(cfg *config.Config) {
		cfg.JWT.Transport, cfg.TokenOrigins = config.InEither, []string{"http://example.com"}
	})
	c.SignedUp("ann")
	server := c.loginAs("ann", "jwt-fixed")
	for range 3 {
		next := c.refreshed(server.Refresh)
		if next.Refresh != server.Refresh {
			c.Error("the refresh token changed")
		}
		c.byToken(next.Access).Get("/auth/user/").Want(200)
		c.Client().Post("/auth/token/verify/", obj{"token": server.Refresh}).Want(200)
		c.Clock.Advance(30 * time.Minute)
	}
	for _, header := range []string{"Origin", "Sec-Fetch-Site"} {
		value := map[string]string{"Origin": "http://example.com", "Sec-Fetch-Site": "same-origin"}[header]
		c.clientAskingFor("jwt-fixed").Do("POST", "/auth/login/", authtest.Login("ann"), header, value).WantCode(403, binding.CodeCredential)
	}
	smuggled := c.Client()
	smuggled.Cookies["refresh"] = server.Refresh
	smuggled.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)

	rotating := c.loginAs("ann", "jwt")
	next := c.refreshed(rotating.Refresh)
	c.Clock.Advance(11 * time.Second)
	c.refresh(rotating.Refresh).WantCode(401, binding.CodeInvalidToken)
	c.refresh(next.Refresh).WantCode(401, binding.CodeInvalidToken)

	c.Start(withJWT, withFixedRefresh) // without cookies, browsers cannot either
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.clientAskingFor("jwt-fixed").Do("POST", "/auth/login/", authtest.Login("ann"), "Origin", "http://example.com").WantCode(403, binding.CodeCredential)
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.clientAskingFor("jwt-fixed").Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
}

// fixedRefreshEnds: by its own limit, with the session, and by a logout.
func fixedRefreshEnds(c *Case) {
	c.Start(withJWT, withFixedRefresh)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	one, two := c.loginAs("ann", "jwt-fixed"), c.loginAs("ann", "jwt-fixed")
	c.Client().Post("/auth/logout/", obj{"refresh": one.Refresh}).Want(200)
	c.refresh(one.Refresh).WantCode(401, binding.CodeInvalidToken)
	c.Clock.Advance(2*time.Hour - time.Minute)
	last := c.refreshed(two.Refresh)
	if !last.AccessExpiration.Equal(c.Clock.Now().Add(time.Minute)) {
		c.Errorf("access until %v", last.AccessExpiration)
	}
	c.Clock.Advance(time.Minute)
	c.refresh(two.Refresh).WantCode(401, binding.CodeInvalidToken)
	c.byToken(last.Access).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)

	three := c.loginAs("ann", "jwt-fixed")
	off := authtest.New(c.T, c.DB, withJWT, func(cfg *config.Config) { cfg.Now = c.Clock.Now })
	authtest.NewClient(c.T, off.Router).Post("/auth/token/refresh/", obj{"refresh": three.Refresh}).WantCode(401, binding.CodeInvalidToken)
}

// refreshCannotLogABrowserIn covers T058: a foreign page sends its own refresh token.
func refreshCannotLogABrowserIn(c *Case) {
	c.Start(withJWTCookies, func(cfg *config.Config) { cfg.JWT.AllowCookieTokensInBody = true })
	c.Client().Post("/auth/registration/", authtest.SignUp("eve")).Want(201)
	victim := c.Client()
	victim.Do("POST", "/auth/token/refresh/", "refresh="+c.tokenPairOf("eve").Refresh, foreignForm...).WantCode(403, binding.CodeCrossSite)
	if len(victim.Cookies) != 0 {
		c.Errorf("cookies %v", victim.Cookies)
	}
}
