package dbtest

// Package impersonate: with each credential.

import (
	"fmt"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

func impersonationByToken(c *Case) {
	c.startImpersonation(func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} })
	c.SignedUp("ann")
	c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	ann := c.byToken(c.tokenOf("ann"))
	var out binding.LoginResponse
	c.impersonate(ann, "bob").Want(200).JSON(&out)
	bob := c.byToken(out.Key)
	c.acts(bob, "bob", true)
	c.acts(ann, "ann", false)
	c.end(bob).Want(200)
	bob.Get("/whom").WantCode(401, binding.CodeInvalidToken)
	c.acts(ann, "ann", false)
}

// impersonationByJWT: the access token has the claim act, a refresh keeps the end, and nothing outlasts it.
func impersonationByJWT(c *Case) {
	c.startImpersonation(withJWT)
	c.SignedUp("bob")
	c.SignedUp("ann")
	c.set("ann", map[string]any{"is_superuser": true})
	ann := c.byToken(c.tokenPairOf("ann").Access)
	var out binding.LoginResponse
	c.impersonate(ann, "bob").Want(200).JSON(&out)
	c.acts(c.byToken(out.Tokens.Access), "bob", true)
	claims := payload(out.Tokens.Access)
	if fmt.Sprint(claims["act"]) != fmt.Sprintf("map[sub:%d]", c.user("ann").ID) || claims["auth_time"] != nil || claims["acr"] != nil {
		c.Error(claims)
	}
	c.Clock.Advance(28 * time.Minute)
	next := c.refreshed(out.Tokens.Refresh)
	if end, _ := payload(next.Access)["exp"].(float64); int64(end) != c.Clock.Now().Add(2*time.Minute).Unix() {
		c.Errorf("the access token ends at %v", end)
	}
	c.Clock.Advance(3 * time.Minute)
	c.refresh(next.Refresh).Want(401)
	c.byToken(next.Access).Get("/whom").Want(401)
	c.impersonate(c.byToken(c.tokenPairOf("ann").Access), "bob").Want(200).JSON(&out)
	c.set("ann", map[string]any{"is_active": false})
	c.refresh(out.Tokens.Refresh).Want(401)
	c.Client().Post("/auth/token/verify/", obj{"token": out.Tokens.Access}).Want(401)
}

func impersonationInTokenCookies(c *Case) {
	ann, _ := c.impersonating(withJWTCookies)
	c.acts(ann, "bob", true)
	ann.Post("/auth/token/refresh/", nil).Want(200)
	c.acts(ann, "bob", true)
	c.end(ann).Want(200)
	c.acts(ann, "ann", false)
	ann.Post("/auth/token/refresh/", nil).Want(200)
	c.acts(ann, "ann", false)
}

// accessTokensGiveNoSessionBack: services to which a browser's access token goes do not become the operator.
func accessTokensGiveNoSessionBack(c *Case) {
	both := func(cfg *config.Config) {
		withJWTCookies(cfg)
		cfg.Login = []config.Credential{config.SessionCookie, config.JSONWebToken}
	}
	for _, kind := range []func(*config.Config){withJWTCookies, both} {
		ann, _ := c.impersonating(kind)
		access := ann.Cookies["access"]
		service := c.byToken(access)
		c.acts(service, "bob", true)
		c.end(service).WantCode(409, binding.CodeNotImpersonating)
		c.acts(ann, "bob", true)
		c.end(ann).Want(200)
		c.acts(ann, "ann", false)
	}
}

// accessCookiesGiveNoSessionBack: sibling hosts, which get the access cookie alone, neither begin an impersonation nor end one.
func accessCookiesGiveNoSessionBack(c *Case) {
	ann, _ := c.impersonating(func(cfg *config.Config) {
		withJWTCookies(cfg)
		cfg.JWT.AccessCookie.Domain = "example.com"
	})
	sibling := func() *authtest.Client {
		browser := c.Client()
		browser.Cookies["access"] = ann.Cookies["access"]
		return browser
	}
	if r := c.end(sibling()).WantCode(409, binding.CodeNotImpersonating); r.Header["Set-Cookie"] != nil {
		c.Error("a cookie for a sibling host")
	}
	c.acts(ann, "bob", true)
	old := ann.Clone()
	c.Clock.Advance(time.Minute)
	ann.Post("/auth/token/refresh/", nil).Want(200)
	c.Clock.Advance(time.Minute)
	c.end(old).WantCode(409, binding.CodeNotImpersonating) // the refresh token was replaced
	c.Clock.Advance(30 * time.Minute)
	delete(ann.Cookies, "access") // it has expired
	r := c.end(ann).Want(200)
	c.acts(ann, "ann", false)
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	c.impersonate(sibling(), "bob").WantCode(401, binding.CodeAuthenticationFailed)
	c.impersonate(c.byToken(ann.Cookies["access"]), "bob").WantCode(401, binding.CodeAuthenticationFailed)
	c.impersonate(ann, "bob").Want(200)
	var paths []string
	for _, cookie := range r.Cookies() {
		if cookie.Name == "refresh" {
			paths = append(paths, cookie.Path)
		}
	}
	for _, want := range []string{"/auth/admin/users", "/auth/impersonate/end"} {
		if !slices.Contains(paths, want) {
			c.Errorf("refresh cookies of %q, want %s", paths, want)
		}
	}
}
