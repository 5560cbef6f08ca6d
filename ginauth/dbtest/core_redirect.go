package dbtest

// Routes that a browser opens as pages and that redirect.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// redirectsNeverShowJSON: errors of the handler, of a limit and of a panic lead to the page, if there is one.
func redirectsNeverShowJSON(c *Case) {
	handle := func(g *gin.Context) (string, error) {
		switch g.Query("do") {
		case "panic":
			panic("a bug")
		case "fail":
			return "", core.ErrPermission
		case "hidden":
			return "", core.ErrNotFound
		}
		return "https://idp.example/" + g.PostForm("next"), nil
	}
	page := func(_ *gin.Context, e *binding.Error) string {
		if e.Status == http.StatusNotFound {
			return ""
		}
		return "/page?error=" + string(e.Code)
	}
	c.With(func(s *core.Setup) error {
		for _, method := range []string{"GET", "POST"} {
			core.AddRedirect(s, core.Route{
				Method: method, Path: "away", Doc: "Leave.", Limit: core.LimitStart, Fails: []int{404}, AllowCrossSite: true,
				Query: []core.Parameter{{Name: "do", Doc: "what"}},
			}, handle, page)
		}
		return nil
	}).Start(func(cfg *config.Config) {
		cfg.Limits = config.Limits{Start: config.Limit{Attempts: 6}}
	})
	browser := c.Client()
	leads := func(r *authtest.Response, to string) {
		c.Helper()
		if r.Want(303); r.Header.Get("Location") != to || r.Text != "" || r.Header.Get("Cache-Control") != "no-store" {
			c.Errorf("%d to %q, want %q; %q", r.StatusCode, r.Header.Get("Location"), to, r.Text)
		}
	}
	browser.Do("HEAD", "/auth/away/", nil).Want(405)
	leads(browser.Get("/auth/away/"), "https://idp.example/")
	cross := []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site", "Origin", "https://idp.example"}
	leads(browser.Do("POST", "/auth/away/", "next=x", cross...), "https://idp.example/x")
	leads(browser.Get("/auth/away/?do=fail"), "/page?error=permission_denied")
	leads(browser.Get("/auth/away/?do=panic"), "/page?error=internal")
	browser.Get("/auth/away/?do=hidden").WantCode(404, binding.CodeNotFound)
	leads(browser.Get("/auth/away/"), "https://idp.example/")
	leads(browser.Get("/auth/away/"), "/page?error=rate_limited")
}
