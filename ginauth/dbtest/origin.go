package dbtest

import (
	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var originCases = []func(*Case){OriginOfUnsafeRequests, OriginOfLogins, OriginOfTheApplicationsSessions, OriginOfAppWebViews}

// OriginOfUnsafeRequests covers T056 and T061. httptest requests go to example.com.
func OriginOfUnsafeRequests(c *Case) {
	c.start(func(cfg *config.Config) { cfg.TrustedOrigins = []string{"https://app.example.org"} })
	ann := c.signedUp("ann")
	c.Router.POST("/transfer", c.Auth.RequireUser(), func(g *gin.Context) { g.Status(200) })
	c.Router.POST("/note", c.Auth.OptionalUser(), func(g *gin.Context) { g.Status(200) })
	for _, try := range []struct {
		site, origin string
		code         binding.Code
	}{
		{"", "", ""}, {"same-origin", "https://example.com", ""}, {"none", "", ""}, {"", "https://example.com", ""},
		{"", "https://app.example.org", ""}, {"cross-site", "https://app.example.org", ""},
		{"cross-site", "https://evil.example", binding.CodeCrossSite}, {"same-site", "https://sub.example.com", binding.CodeCrossSite},
		{"cross-site", "", binding.CodeCrossSite}, {"", "null", binding.CodeCrossOrigin}, {"", "https://evil.example", binding.CodeCrossOrigin},
		{"", "https://example.com.evil.example", binding.CodeCrossOrigin}, {"", "https://app.example.org.evil.example", binding.CodeCrossOrigin},
		{"", "http://app.example.org", binding.CodeCrossOrigin}, {"", "https://app.example.org:444", binding.CodeCrossOrigin},
		{"", "https://example.com@evil.example", binding.CodeCrossOrigin},
	} {
		headers := []string{"Content-Type", "application/json"}
		if try.site != "" {
			headers = append(headers, "Sec-Fetch-Site", try.site)
		}
		if try.origin != "" {
			headers = append(headers, "Origin", try.origin)
		}
		for _, target := range []struct{ method, path string }{
			{"PATCH", "/auth/user/"}, {"DELETE", "/auth/sessions/"}, {"POST", "/transfer"}, {"POST", "/note"}, {"GET", "/auth/user/"},
		} {
			r := ann.Do(target.method, target.path, obj{}, headers...)
			switch {
			case try.code != "" && target.method != "GET":
				r.WantCode(403, try.code)
			case r.StatusCode/100 != 2:
				c.Errorf("%+v %+v: %d %s", try, target, r.StatusCode, r.Text)
			}
		}
	}
	ann.Do("POST", "/auth/logout/", nil, "Origin", "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
	ann.Get("/auth/user/").Want(200)
	// Without a cookie there is nothing to abuse.
	c.client().Do("POST", "/transfer", nil, "Origin", "https://evil.example").WantCode(401, binding.CodeNotAuthenticated)
	c.client().Do("POST", "/note", nil, "Origin", "https://evil.example").Want(200)
}

// OriginOfLogins covers T058: a foreign page cannot log the browser in.
func OriginOfLogins(c *Case) {
	c.start()
	c.signedUp("ann")
	form := []string{"Sec-Fetch-Site", "cross-site", "Content-Type", "application/x-www-form-urlencoded"}
	c.client().Do("POST", "/auth/login/", "username=ann&password="+authtest.Password, form...).WantCode(403, binding.CodeCrossSite)
	c.client().Do("POST", "/auth/registration/", authtest.SignUp("eve"), "Origin", "https://evil.example").
		WantCode(403, binding.CodeCrossOrigin)
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users", n)
	}
}

// OriginOfTheApplicationsSessions: a foreign page can neither use the values of a session nor
// put another cookie in the place of the login's.
func OriginOfTheApplicationsSessions(c *Case) {
	c.start(func(cfg *config.Config) { cfg.TrustedOrigins = []string{"https://app.example.org"} })
	c.Router.Any("/cart", c.Auth.Sessions(), func(g *gin.Context) {
		s := ginsessions.Default(g)
		s.Set("cart", "tea")
		if err := s.Save(); err != nil {
			g.String(500, err.Error())
		}
	})
	ann := c.signedUp("ann")
	for _, browser := range []*authtest.Client{ann, c.client()} { // browsers hold Lax cookies back, and take new ones
		r := browser.Do("POST", "/cart", nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example").WantCode(403, binding.CodeCrossSite)
		if len(r.Cookies()) != 0 {
			c.Errorf("a foreign page set %v", r.Cookies())
		}
		browser.Do("POST", "/cart", nil, "Origin", "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
		browser.Do("POST", "/cart", nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.org").Want(200)
		browser.Do("POST", "/cart", nil, "Sec-Fetch-Site", "same-origin").Want(200)
		browser.Do("GET", "/cart", nil, "Sec-Fetch-Site", "cross-site").Want(200)
		browser.Post("/cart", nil).Want(200)
	}
}

// OriginOfAppWebViews: applications on phones and desktops load their pages from schemes of
// their own. Only those that are listed count, and null never does.
func OriginOfAppWebViews(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.TrustedOrigins = []string{"capacitor://localhost", "ionic://localhost", "com.example.app://localhost", "tauri://localhost"}
	})
	ann := c.signedUp("ann")
	for origin, code := range map[string]binding.Code{
		"capacitor://localhost": "", "ionic://localhost": "", "com.example.app://localhost": "", "tauri://localhost": "",
		"null": binding.CodeCrossSite, "capacitor://evil": binding.CodeCrossSite, "other://localhost": binding.CodeCrossSite,
		"http://localhost": binding.CodeCrossSite, "capacitor:": binding.CodeCrossSite, "file://": binding.CodeCrossSite,
	} {
		r := ann.Do("PATCH", "/auth/user/", obj{}, "Sec-Fetch-Site", "cross-site", "Origin", origin, "Content-Type", "application/json")
		if code != "" {
			r.WantCode(403, code)
		} else {
			r.Want(200)
		}
	}
}
