package ginauth

// Cookies that carry JSON Web Tokens: setting, finding and deleting them.

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) hasAccessCookie(c *gin.Context) bool {
	return a.tokenCookies() && len(c.Request.CookiesNamed(a.cfg.JWT.AccessCookie.Name)) > 0
}

// hasTokenCookie also counts the refresh token, which ends a session at logout.
func (a *Auth) hasTokenCookie(c *gin.Context) bool {
	return a.hasAccessCookie(c) || a.tokenCookies() && len(c.Request.CookiesNamed(a.cfg.JWT.RefreshCookie.Name)) > 0
}

// writePair puts the tokens where the login of their session did, the one place that does, and
// returns what goes into the body.
func (a *Auth) writePair(c *gin.Context, s *models.Session, p *pair, expirations bool) *binding.Tokens {
	out := &binding.Tokens{Access: p.access, Refresh: p.refresh}
	if a.tokenCookies() && gave(s, config.AskCookie) {
		a.setTokenCookies(c, p)
		if !a.cfg.JWT.AllowCookieTokensInBody {
			out.Access, out.Refresh = "", ""
		}
	}
	if expirations {
		out.AccessExpiration, out.RefreshExpiration = &p.accessEnd, &p.refreshEnd
	}
	return out
}

// setTokenCookies sets both cookies; the empty pair deletes them, with the attributes
// they were set with.
func (a *Auth) setTokenCookies(c *gin.Context, p *pair) {
	set := func(k config.JWTCookie, path, value string, end time.Time) {
		cookie := &http.Cookie{
			Name: k.Name, Value: value, Path: path, Domain: k.Domain, HttpOnly: true, SameSite: k.SameSite,
			Secure: !a.cfg.Cookie.InsecureHTTP, Partitioned: a.cfg.Cookie.Partitioned, MaxAge: -1, Expires: time.Unix(1, 0),
		}
		if value != "" {
			cookie.MaxAge, cookie.Expires = max(1, wholeSeconds(end.Sub(a.now()))), end
		}
		http.SetCookie(c.Writer, cookie)
	}
	set(a.cfg.JWT.AccessCookie, a.cfg.JWT.AccessCookie.Path, p.access, p.accessEnd)
	for _, path := range a.refreshPaths() {
		set(a.cfg.JWT.RefreshCookie, path, p.refresh, p.refreshEnd)
	}
}

// refreshPaths are where the refresh cookie goes: by default only to the two routes that
// read it, each with a cookie of its own. Where their path has a parameter, it goes to
// everything below the part before that.
func (a *Auth) refreshPaths() []string {
	if path := a.cfg.JWT.RefreshCookie.Path; path != "" {
		return []string{path}
	}
	base := strings.TrimRight(cmp.Or(a.cfg.PublicPath, a.base), "/")
	if i := strings.IndexAny(base, ":*;"); i >= 0 { // browsers compare it with the path they ask for, byte by byte
		return []string{cmp.Or(escaped(base[:strings.LastIndexByte(base[:i], '/')]), "/")}
	}
	return []string{escaped(base) + "/token/refresh", escaped(base) + "/logout"}
}

// dropTokenCookies deletes the cookies of JSON Web Tokens, where they are in use.
func (a *Auth) dropTokenCookies(c *gin.Context) {
	if a.tokenCookies() {
		a.setTokenCookies(c, &pair{})
	}
}

// maxTwins is how many cookies of one name are looked up: about as many as browsers keep for a
// site, so that none that was planted hides the real one; a header has room for thousands.
const maxTwins = 50

// distinct returns the different values of cookies of one name, the first maxTwins of them.
func distinct(cookies []*http.Cookie) []string {
	var values []string
	for _, cookie := range cookies {
		if len(values) < maxTwins && !slices.Contains(values, cookie.Value) {
			values = append(values, cookie.Value)
		}
	}
	return values
}

// sessionsOf returns the sessions that tokens name, those in cookies included, expired
// or not.
func (a *Auth) sessionsOf(c *gin.Context, access, refresh []string) (ids []string, err error) {
	if a.tokenCookies() {
		access = append(access, distinct(c.Request.CookiesNamed(a.cfg.JWT.AccessCookie.Name))...)
		refresh = append(refresh, distinct(c.Request.CookiesNamed(a.cfg.JWT.RefreshCookie.Name))...)
	}
	for _, token := range access {
		if claims, err := a.ring.Verify(token, true); err == nil && claims.TokenType == tokenTypeAccess {
			ids = append(ids, claims.SessionID)
		}
	}
	for _, token := range refresh {
		session, _, _, err := a.findRefresh(c.Request.Context(), token)
		if errors.Is(err, errInvalidToken) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, session.ID)
	}
	return ids, nil
}
