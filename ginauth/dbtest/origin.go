package dbtest

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var originCases = []func(*Case){OriginOfUnsafeRequests, OriginOfLogins}

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
