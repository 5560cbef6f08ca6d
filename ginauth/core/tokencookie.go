package core

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
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookies"
	"github.com/ginauth/gin-rest-auth/models"
)

func (c *Core) hasAccessCookie(g *gin.Context) bool {
	return c.UsesTokenCookies() && len(g.Request.CookiesNamed(c.cfg.JWT.AccessCookie.Name)) > 0
}

// hasTokenCookie also counts the refresh token, which ends a session at logout.
func (c *Core) hasTokenCookie(g *gin.Context) bool {
	return c.hasAccessCookie(g) || c.UsesTokenCookies() && len(g.Request.CookiesNamed(c.cfg.JWT.RefreshCookie.Name)) > 0
}

// writePair puts the tokens where the login of their session did, the one place that does, and
// returns what goes into the body.
func (c *Core) writePair(g *gin.Context, s *models.Session, p *TokenPair, expirations bool) *binding.Tokens {
	out := &binding.Tokens{Access: p.access, Refresh: p.refresh}
	if c.UsesTokenCookies() && gave(s, config.AskCookie) {
		c.SetTokenCookies(g, p)
		if !c.cfg.JWT.AllowCookieTokensInBody {
			out.Access, out.Refresh = "", ""
		}
	}
	if expirations {
		out.AccessExpiration, out.RefreshExpiration = &p.accessEnd, &p.refreshEnd
	}
	return out
}

// SetTokenCookies sets both cookies; the empty pair deletes them, with the attributes
// they were set with.
func (c *Core) SetTokenCookies(g *gin.Context, p *TokenPair) {
	set := func(k config.JWTCookie, path, value string, end time.Time) {
		cookie := &http.Cookie{
			Name: k.Name, Value: value, Path: path, Domain: k.Domain, HttpOnly: true, SameSite: k.SameSite,
			Secure: !c.cfg.Cookie.InsecureHTTP, Partitioned: c.cfg.Cookie.Partitioned, MaxAge: -1, Expires: time.Unix(1, 0),
		}
		if value != "" {
			cookie.MaxAge, cookie.Expires = max(1, wholeSeconds(end.Sub(c.Now()))), end
		}
		http.SetCookie(g.Writer, cookie)
	}
	set(c.cfg.JWT.AccessCookie, c.cfg.JWT.AccessCookie.Path, p.access, p.accessEnd)
	for _, path := range c.refreshPaths() {
		set(c.cfg.JWT.RefreshCookie, path, p.refresh, p.refreshEnd)
	}
}

// refreshPaths are where the refresh cookie goes: by default only to the routes that
// read it, each with a cookie of its own. Where their path has a parameter, it goes to
// everything below the part before that.
func (c *Core) refreshPaths() []string {
	if path := c.cfg.JWT.RefreshCookie.Path; path != "" {
		return []string{path}
	}
	base := strings.TrimRight(cmp.Or(c.cfg.PublicPath, c.responses.Base), "/")
	if i := strings.IndexAny(base, ":*;"); i >= 0 { // browsers compare it with the path they ask for, byte by byte
		return []string{cmp.Or(escaped(base[:strings.LastIndexByte(base[:i], '/')]), "/")}
	}
	var paths []string
	for _, r := range slices.Backward(c.routes) {
		if path := escaped(base) + "/" + r.Path; r.RefreshCookie && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// DropTokenCookies deletes the cookies of JSON Web Tokens, where they are in use.
func (c *Core) DropTokenCookies(g *gin.Context) {
	if c.UsesTokenCookies() {
		c.SetTokenCookies(g, &TokenPair{})
	}
}

// distinct returns the different values of cookies of one name, at most 50.
func distinct(all []*http.Cookie) []string {
	var values []string
	for _, cookie := range all {
		if len(values) < cookies.MaxDuplicates && !slices.Contains(values, cookie.Value) {
			values = append(values, cookie.Value)
		}
	}
	return values
}

// SessionsNamed returns the sessions that tokens name, those in cookies included, expired
// or not.
func (c *Core) SessionsNamed(g *gin.Context, access, refresh []string) (ids []string, err error) {
	if c.UsesTokenCookies() {
		access = append(access, distinct(g.Request.CookiesNamed(c.cfg.JWT.AccessCookie.Name))...)
		refresh = append(refresh, distinct(g.Request.CookiesNamed(c.cfg.JWT.RefreshCookie.Name))...)
	}
	for _, token := range access {
		if claims, err := c.keyring.Verify(token, true); err == nil && claims.TokenType == tokenTypeAccess {
			ids = append(ids, claims.SessionID)
		}
	}
	for _, token := range refresh {
		session, _, _, err := c.findRefresh(g.Request.Context(), token)
		if errors.Is(err, ErrInvalidToken) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, session.ID)
	}
	return ids, nil
}
