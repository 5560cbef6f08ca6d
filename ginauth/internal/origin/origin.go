// Package origin rejects requests that a page of another site makes a browser send, and logs problems that break the
// application's own pages.
package origin

// The check of origins, and its log lines: one for each origin and setting.

import (
	"log/slog"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

var (
	errCrossSite   = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeCrossSite}
	errCrossOrigin = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeCrossOrigin}
)

// maxLines is the maximum number of lines that a Checker logs: clients can send any number of made-up origins.
const maxLines = 100

// Checker checks the origins of requests. It is safe for concurrent use.
type Checker struct {
	cfg   *config.Config
	cross *http.CrossOriginProtection

	noCORS atomic.Bool

	mu   sync.Mutex
	seen map[string]bool // warnings already logged
}

// New returns a Checker that trusts no origin; see [Checker.Trust].
func New(cfg *config.Config) *Checker {
	return &Checker{cfg: cfg, cross: http.NewCrossOriginProtection(), seen: map[string]bool{}}
}

// Trust lets pages of the configuration's TrustedOrigins send requests. Call it before the first check.
func (k *Checker) Trust() error {
	for _, origin := range k.cfg.TrustedOrigins {
		if err := k.cross.AddTrustedOrigin(origin); err != nil {
			return &config.Mistake{Setting: "TrustedOrigins", Err: err}
		}
	}
	return nil
}

// Check rejects requests that a page of another site makes a browser send, by the rules of net/http's CrossOriginProtection:
// safe methods pass, then Sec-Fetch-Site decides, then Origin; a request with neither does not come from a browser (T056).
// changes marks a request as unsafe despite a safe method.
func (k *Checker) Check(r *http.Request, changes bool) error {
	if changes {
		post := *r
		post.Method = http.MethodPost
		r = &post
	}
	err := k.cross.Check(r)
	if err == nil {
		return nil
	}
	k.warn(r, "TrustedOrigins", "rejected an unsafe request from a page of another origin; if it is your own page, add its origin to TrustedOrigins")
	if r.Header.Get("Sec-Fetch-Site") != "" {
		return errCrossSite.Because(err)
	}
	return errCrossOrigin.Because(err)
}

// warn logs a problem that breaks pages of the request's origin, since browsers show it in their console at best. It does
// not log text that is not an origin.
func (k *Checker) warn(r *http.Request, setting, problem string) {
	origin := r.Header.Get("Origin")
	if origin != "null" && (len(origin) > 200 || !config.ValidOrigin(origin)) {
		origin = "unknown"
	}
	if k.isNew(setting + " " + origin) {
		k.cfg.Logger.LogAttrs(r.Context(), slog.LevelWarn, "ginauth: "+problem, slog.String("setting", setting), slog.String("origin", origin))
	}
}

// isNew reports whether a warning was not logged before and the limit is not reached.
func (k *Checker) isNew(what string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen[what] || len(k.seen) >= maxLines {
		return false
	}
	k.seen[what] = true
	return true
}

// WarnOfPreflight logs a warning about a CORS preflight request that no middleware answered.
func (k *Checker) WarnOfPreflight(g *gin.Context) {
	h := g.Request.Header
	if h.Get("Origin") != "" && h.Get("Access-Control-Request-Method") != "" && g.Writer.Header().Get("Access-Control-Allow-Origin") == "" {
		k.warn(g.Request, "auth.Register", "no CORS middleware answered the preflight request of a page of another origin; "+
			"add one, such as gin-contrib/cors, to the router before Register, and the origin to TrustedOrigins")
	}
}

// WarnOfTokens logs a warning about a page that asked for a token and is not listed.
func (k *Checker) WarnOfTokens(r *http.Request) {
	k.warn(r, "TokenOrigins", "denied a token to a page with credential_not_allowed; if the page is the web view of your own app, add its "+
		"origin to TokenOrigins; other pages log in without the header "+config.CredentialHeader)
}

// WarnOfCredential logs a warning about a client that asked for a credential which logins do not give.
func (k *Checker) WarnOfCredential(r *http.Request) {
	k.warn(r, "Login", "denied a login with credential_not_allowed: its header "+config.CredentialHeader+" must be cookie, token, jwt or jwt-fixed, "+
		"in lower case, and the settings must allow it; config.CredentialHeader lists what each value needs")
}

// WarnOfDroppedCookies logs a warning about a response that sets cookies for a script of another site. Browsers then accept
// and send only cookies with SameSite None.
func (k *Checker) WarnOfDroppedCookies(g *gin.Context) {
	h := g.Request.Header
	if h.Get("Sec-Fetch-Site") != "cross-site" || h.Get("Sec-Fetch-Mode") == "navigate" || len(g.Writer.Header()["Set-Cookie"]) == 0 {
		return
	}
	if lax := k.LaxCookies(); len(lax) > 0 {
		k.warn(g.Request, lax[0], "browsers drop cookies that are not SameSite None for pages of another site; "+
			"use one site for both (localhost and 127.0.0.1 are two sites), or set None")
	}
}

// LaxCookies returns the settings of the cookies in use that stay within their site.
func (k *Checker) LaxCookies() (settings []string) {
	jwt := slices.Contains(k.cfg.Login, config.JSONWebToken) && k.cfg.JWT.Transport != config.InBody
	if slices.Contains(k.cfg.Login, config.SessionCookie) && k.cfg.Cookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "Cookie.SameSite")
	}
	if jwt && k.cfg.JWT.AccessCookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "JWT.AccessCookie.SameSite")
	}
	if jwt && k.cfg.JWT.RefreshCookie.SameSite != http.SameSiteNoneMode {
		settings = append(settings, "JWT.RefreshCookie.SameSite")
	}
	return settings
}

// LookForCORS records whether a middleware before the routes has CORS in its name or package, as gin-contrib/cors, rs/cors
// and most custom ones do.
func (k *Checker) LookForCORS(middleware gin.HandlersChain) {
	k.noCORS.Store(!slices.ContainsFunc(middleware, func(h gin.HandlerFunc) bool {
		return strings.Contains(strings.ToLower(runtime.FuncForPC(reflect.ValueOf(h).Pointer()).Name()), "cors")
	}))
}

// NoCORS reports whether LookForCORS found none.
func (k *Checker) NoCORS() bool { return k.noCORS.Load() }
