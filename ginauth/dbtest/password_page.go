package dbtest

// The well-known path that password managers open to change a password.

import (
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

const wellKnown = "/.well-known/change-password"

func passwordPageIsAtTheRoot(c *Case) {
	for _, page := range []string{"https://app.example.com/account/password", "/account/password?from=manager"} {
		c.Start(func(cfg *config.Config) { cfg.ChangePasswordPage = page })
		browser := authtest.NewClient(c.T, c.Router)
		for _, method := range []string{"GET", "HEAD"} {
			if r := browser.Do(method, wellKnown, nil).Want(302); r.Header.Get("Location") != page {
				c.Errorf("%s leads to %q", method, r.Header.Get("Location"))
			}
		}
		if r := browser.Get("/auth" + wellKnown); r.StatusCode != 404 {
			c.Errorf("below /auth: %d", r.StatusCode)
		}
		if r := browser.Get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"); r.StatusCode != 404 {
			c.Errorf("browsers test the server with a path that does not exist, and get %d", r.StatusCode)
		}
	}
	c.Start()
	if r := authtest.NewClient(c.T, c.Router).Get(wellKnown); r.StatusCode != 404 {
		c.Errorf("without the setting: %d", r.StatusCode)
	}
}

// passwordPageOfAGroup: from a group, the library cannot reach the root. The application mounts the handler.
func passwordPageOfAGroup(c *Case) {
	c.DB = c.open(c.T)
	c.App = authtest.Prepare(c.T, c.DB, func(cfg *config.Config) { cfg.ChangePasswordPage = "/account" })
	if err := c.Auth.Register(c.Router.Group("/api/auth")); err != nil {
		c.Fatal(err)
	}
	browser := authtest.NewClient(c.T, c.Router)
	if r := browser.Get(wellKnown); r.StatusCode != 404 {
		c.Errorf("status %d", r.StatusCode)
	}
	if log := c.Log.String(); !strings.Contains(log, "ChangePasswordPage has no effect") {
		c.Errorf("log %s", log)
	}
	c.Router.GET(wellKnown, c.Auth.ChangePasswordPage())
	if r := browser.Get(wellKnown).Want(302); r.Header.Get("Location") != "/account" {
		c.Errorf("leads to %q", r.Header.Get("Location"))
	}
	taken := gin.New()
	taken.GET(wellKnown, func(*gin.Context) {})
	other := authtest.Prepare(c.T, c.open(c.T), func(cfg *config.Config) { cfg.ChangePasswordPage = "/account" })
	if err := other.Auth.Register(taken); err == nil || !strings.Contains(err.Error(), wellKnown) {
		c.Errorf("a path that is taken: %v", err)
	}
}

func passwordPageMustBeAPage(c *Case) {
	for _, page := range []string{"account", "//evil.example", "javascript:alert(1)", "https:///x", "/\\evil.example", "https://app.example.com/\nx"} {
		c.wantNewError("ChangePasswordPage", func(cfg *config.Config) { cfg.ChangePasswordPage = page })
	}
}
