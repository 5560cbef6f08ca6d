package tokens

// Cookies with JSON Web Tokens: setting, finding and deleting them.

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookies"
)

// InCookies reports whether tokens are sent in cookies. It is false for a nil Issuer.
func (i *Issuer) InCookies() bool { return i != nil && i.cfg.JWT.Transport != config.InBody }

// HasAccessCookie reports whether a request has an access token in a cookie and these are in use.
func (i *Issuer) HasAccessCookie(r *http.Request) bool {
	return i.InCookies() && len(r.CookiesNamed(i.cfg.JWT.AccessCookie.Name)) > 0
}

// HasCookie is HasAccessCookie for either token: at logout, a refresh token ends its session as well.
func (i *Issuer) HasCookie(r *http.Request) bool {
	return i.HasAccessCookie(r) || i.InCookies() && len(r.CookiesNamed(i.cfg.JWT.RefreshCookie.Name)) > 0
}

// Cookies returns the distinct tokens in the cookies of a request.
func (i *Issuer) Cookies(r *http.Request) (access, refresh []string) {
	if !i.InCookies() {
		return nil, nil
	}
	return cookies.Distinct(r, i.cfg.JWT.AccessCookie.Name), cookies.Distinct(r, i.cfg.JWT.RefreshCookie.Name)
}

// Write puts a pair into cookies if the login of its session did and cookies are in use. It returns the tokens for the body.
// paths are [Issuer.RefreshPaths].
func (i *Issuer) Write(g *gin.Context, paths []string, p *Pair, inCookies bool) *binding.Tokens {
	out := &binding.Tokens{Access: p.access, Refresh: p.refresh}
	if inCookies && i.InCookies() {
		i.SetCookies(g, paths, p)
		if !i.cfg.JWT.AllowCookieTokensInBody {
			out.Access, out.Refresh = "", ""
		}
	}
	if i.cfg.JWT.ReturnExpiration {
		out.AccessExpiration, out.RefreshExpiration = &p.AccessEnd, &p.refreshEnd
	}
	return out
}

// SetCookies sets both cookies; the empty pair deletes them, with the attributes
// they were set with.
func (i *Issuer) SetCookies(g *gin.Context, paths []string, p *Pair) {
	set := func(k config.JWTCookie, path, value string, end time.Time) {
		cookie := &http.Cookie{
			Name: k.Name, Value: value, Path: path, Domain: k.Domain, HttpOnly: true, SameSite: k.SameSite,
			Secure: !i.cfg.Cookie.InsecureHTTP, Partitioned: i.cfg.Cookie.Partitioned, MaxAge: -1, Expires: time.Unix(1, 0),
		}
		if value != "" && p.short {
			cookie.MaxAge, cookie.Expires = 0, time.Time{}
		} else if value != "" {
			cookie.MaxAge, cookie.Expires = max(1, wholeSeconds(end.Sub(i.cfg.Now().Truncate(time.Millisecond)))), end
		}
		http.SetCookie(g.Writer, cookie)
	}
	set(i.cfg.JWT.AccessCookie, i.cfg.JWT.AccessCookie.Path, p.access, p.AccessEnd)
	for _, path := range paths {
		set(i.cfg.JWT.RefreshCookie, path, p.refresh, p.refreshEnd)
	}
}

// RefreshPaths returns the paths of the refresh cookies: by default only the routes that read it, each with its own cookie.
// If the path has a parameter, the cookie is sent to everything below the part before the parameter.
func (i *Issuer) RefreshPaths(base string, routes []string) []string {
	if path := i.cfg.JWT.RefreshCookie.Path; path != "" {
		return []string{path}
	}
	return i.readingPaths(base, routes)
}

// MissedPaths returns the paths of routes that read the refresh cookie and are not below JWT.RefreshCookie.Path. Browsers do not
// send it there (RFC 6265, section 5.1.4).
func (i *Issuer) MissedPaths(base string, routes []string) (missed []string) {
	own := i.cfg.JWT.RefreshCookie.Path
	if own == "" || !i.InCookies() {
		return nil
	}
	for _, path := range i.readingPaths(base, routes) {
		if !strings.HasPrefix(strings.TrimRight(path, "/")+"/", strings.TrimRight(own, "/")+"/") {
			missed = append(missed, path)
		}
	}
	return missed
}

// readingPaths returns the paths of routes that read the refresh cookie, without parameters.
func (i *Issuer) readingPaths(base string, routes []string) []string {
	base = strings.TrimRight(cmp.Or(i.cfg.PublicPath, base), "/")
	if at := strings.IndexAny(base, ":*;"); at >= 0 { // browsers compare it with the requested path byte by byte
		return []string{cmp.Or(escaped(base[:strings.LastIndexByte(base[:at], '/')]), "/")}
	}
	for n, route := range routes {
		if at := strings.IndexByte(route, ':'); at >= 0 {
			route = strings.TrimRight(route[:at], "/")
		}
		routes[n] = escaped(base) + "/" + route
	}
	return routes
}

// wholeSeconds rounds up, because a token's times are whole seconds and the clock's are not.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// escaped returns a path as browsers send it.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
