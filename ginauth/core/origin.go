package core

// The origin check: requests that a page of another site makes a browser send are rejected.

import (
	"log/slog"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
)

// CheckOrigin refuses what a page of another site makes a browser send, by the rules
// of net/http's CrossOriginProtection: safe methods pass, then Sec-Fetch-Site decides,
// then Origin; a request with neither does not come from a browser (T056). changes
// says that the request is unsafe although its method is not.
func (c *Core) CheckOrigin(r *http.Request, changes bool) error {
	if changes {
		post := *r
		post.Method = http.MethodPost
		r = &post
	}
	err := c.cross.Check(r)
	if err == nil {
		return nil
	}
	c.warnOfOrigin(r, "TrustedOrigins", "refused an unsafe request from a page of another origin; if the page is yours, put its origin into TrustedOrigins")
	switch {
	case r.Header.Get("Sec-Fetch-Site") != "":
		return errCrossSite.Because(err)
	default:
		return errCrossOrigin.Because(err)
	}
}

// warnOfOrigin logs what keeps pages of the request's origin from working. Text that is not an
// origin is not repeated.
func (c *Core) warnOfOrigin(r *http.Request, setting, problem string) {
	origin := r.Header.Get("Origin")
	if origin != "null" && (len(origin) > 200 || !config.ValidOrigin(origin)) {
		origin = "unknown"
	}
	if c.origins.first(setting + " " + origin) {
		c.cfg.Logger.LogAttrs(r.Context(), slog.LevelWarn, "ginauth: "+problem, slog.String("setting", setting), slog.String("origin", origin))
	}
}

// warnOfPreflight looks at a CORS preflight that no middleware answered.
func (c *Core) warnOfPreflight(g *gin.Context) {
	h := g.Request.Header
	if h.Get("Origin") != "" && h.Get("Access-Control-Request-Method") != "" && g.Writer.Header().Get("Access-Control-Allow-Origin") == "" {
		c.warnOfOrigin(g.Request, "auth.Register", "no CORS middleware answered a browser that asks for a page of another origin; "+
			"put one, as gin-contrib/cors, on the router before Register, and the origin into TrustedOrigins")
	}
}

// warnOfDroppedCookies looks at a response that sets cookies for a script of another site.
// Browsers send and keep only cookies with SameSite None then.
func (c *Core) warnOfDroppedCookies(g *gin.Context) {
	h := g.Request.Header
	if h.Get("Sec-Fetch-Site") != "cross-site" || h.Get("Sec-Fetch-Mode") == "navigate" ||
		len(g.Writer.Header()["Set-Cookie"]) == 0 || len(c.laxCookies()) == 0 {
		return
	}
	c.warnOfOrigin(g.Request, c.laxCookies()[0], "browsers drop cookies that are not SameSite None for pages of another site; "+
		"use one site for both, as localhost and 127.0.0.1 are two, or set None")
}

// laxCookies are the settings of the cookies in use that stay within their site.
func (c *Core) laxCookies() (settings []string) {
	if c.cookies && c.cfg.Cookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "Cookie.SameSite")
	}
	if c.UsesTokenCookies() && c.cfg.JWT.AccessCookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "JWT.AccessCookie.SameSite")
	}
	if c.UsesTokenCookies() && c.cfg.JWT.RefreshCookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "JWT.RefreshCookie.SameSite")
	}
	return settings
}

// answersCORS reports whether middleware has CORS in its name or package: gin-contrib/cors,
// rs/cors and most of an application's own.
func answersCORS(middleware gin.HandlersChain) bool {
	return slices.ContainsFunc(middleware, func(h gin.HandlerFunc) bool {
		return strings.Contains(strings.ToLower(runtime.FuncForPC(reflect.ValueOf(h).Pointer()).Name()), "cors")
	})
}
