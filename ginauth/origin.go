package ginauth

import (
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
)

// Mistakes with origins show in the browser's console, if at all. So the server's log names the
// setting, once for each origin.

// maxOrigins is how many lines an originLog allows: clients make up any number of origins.
const maxOrigins = 100

// originLog remembers what was logged.
type originLog struct {
	mu   sync.Mutex
	seen map[string]bool
}

// first reports whether this was not logged before, and there is room for it.
func (l *originLog) first(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[what] || len(l.seen) >= maxOrigins {
		return false
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[what] = true
	return true
}

// warnOfOrigin logs what keeps pages of the request's origin from working. Text that is not an
// origin is not repeated.
func (a *Auth) warnOfOrigin(r *http.Request, setting, problem string) {
	origin := r.Header.Get("Origin")
	if origin != "null" && (len(origin) > 200 || !config.ValidOrigin(origin)) {
		origin = "unknown"
	}
	if a.origins.first(setting + " " + origin) {
		a.cfg.Logger.LogAttrs(r.Context(), slog.LevelWarn, "ginauth: "+problem, slog.String("setting", setting), slog.String("origin", origin))
	}
}

// warnOfPreflight looks at a CORS preflight that no middleware answered.
func (a *Auth) warnOfPreflight(c *gin.Context) {
	h := c.Request.Header
	if h.Get("Origin") != "" && h.Get("Access-Control-Request-Method") != "" && c.Writer.Header().Get("Access-Control-Allow-Origin") == "" {
		a.warnOfOrigin(c.Request, "auth.Register", "no CORS middleware answered a browser that asks for a page of another origin; "+
			"put one, as gin-contrib/cors, on the router before Register, and the origin into TrustedOrigins")
	}
}

// warnOfDroppedCookies looks at a response that sets cookies for a script of another site.
// Browsers send and keep only cookies with SameSite None then.
func (a *Auth) warnOfDroppedCookies(c *gin.Context) {
	h := c.Request.Header
	if h.Get("Sec-Fetch-Site") != "cross-site" || h.Get("Sec-Fetch-Mode") == "navigate" ||
		len(c.Writer.Header()["Set-Cookie"]) == 0 || len(a.laxCookies()) == 0 {
		return
	}
	a.warnOfOrigin(c.Request, a.laxCookies()[0], "browsers drop cookies that are not SameSite None for pages of another site; "+
		"use one site for both, as localhost and 127.0.0.1 are two, or set None")
}

// laxCookies are the settings of the cookies in use that stay within their site.
func (a *Auth) laxCookies() (settings []string) {
	if a.cookies && a.cfg.Cookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "Cookie.SameSite")
	}
	if a.tokenCookies() && a.cfg.JWT.AccessCookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "JWT.AccessCookie.SameSite")
	}
	if a.tokenCookies() && a.cfg.JWT.RefreshCookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "JWT.RefreshCookie.SameSite")
	}
	return settings
}

// ofPages looks for what keeps pages of other origins from working.
func (k *checker) ofPages() error {
	if len(k.cfg.TrustedOrigins) > 0 && k.noCORS.Load() {
		k.add(SeverityNote, "auth.Register", "put one, as gin-contrib/cors, on the router before Register, unless a proxy or a handler around the router answers preflights",
			"no CORS middleware is before the routes, and browsers ask it before pages of TrustedOrigins may send JSON")
	}
	urls, names := k.cfg.Mail.URLs, map[string]bool{}
	for _, page := range append(slices.Clone(k.cfg.TrustedOrigins), urls.Verify, urls.Reset, urls.Login, urls.Notice) {
		u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(page))
		if err != nil || u.Host == "" {
			continue
		}
		if u.Scheme != "http" && u.Scheme != "https" && len(k.laxCookies()) > 0 {
			k.add(SeverityWarning, "TrustedOrigins", "set "+strings.Join(k.laxCookies(), " and ")+" to None, or use tokens in that app",
				"%q is another site than any server: its web view drops cookies that are not SameSite None", page)
		} else if local(u.Hostname()) && !strings.HasSuffix(u.Hostname(), ".localhost") {
			names[u.Hostname()] = true
		}
	}
	if len(names) > 1 {
		k.add(SeverityWarning, "TrustedOrigins", "use one of the names everywhere, also for the server and in the browser's address bar",
			"pages are at %s, which are different sites to a browser: a login at one is not one at the other",
			strings.Join(slices.Sorted(maps.Keys(names)), " and "))
	}
	return nil
}

// answersCORS reports whether middleware has CORS in its name or package: gin-contrib/cors,
// rs/cors and most of an application's own.
func answersCORS(middleware gin.HandlersChain) bool {
	return slices.ContainsFunc(middleware, func(h gin.HandlerFunc) bool {
		return strings.Contains(strings.ToLower(runtime.FuncForPC(reflect.ValueOf(h).Pointer()).Name()), "cors")
	})
}
