package core

// JSON Web Tokens in flows, and their cookies. Package tokens creates and reads them.

import (
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
)

// UsesJWT reports whether logins give JSON Web Tokens.
func (c *Core) UsesJWT() bool { return c.jwt != nil }

// KeySet returns the public keys that verify access tokens, without secret keys. Call it only if [Core.UsesJWT].
func (c *Core) KeySet() binding.KeySet { return c.jwt.Public() }

// refreshPaths returns the paths that browsers send the refresh cookie to.
func (c *Core) refreshPaths() []string {
	var routes []string
	for _, r := range slices.Backward(c.routes) {
		if r.RefreshCookie && !slices.Contains(routes, r.Path) {
			routes = append(routes, r.Path)
		}
	}
	return c.jwt.RefreshPaths(c.responses.Base, routes)
}

// DropTokenCookies deletes the cookies of JSON Web Tokens, if they are in use.
func (c *Core) DropTokenCookies(g *gin.Context) {
	if c.jwt.InCookies() {
		c.jwt.SetCookies(g, c.refreshPaths(), &tokens.Pair{})
	}
}

func (c *Core) refresher() tokens.Refresher {
	return tokens.Refresher{Issuer: c.jwt, Store: c.store, Now: c.Now}
}

// SessionsNamed returns the IDs of the sessions that these tokens, and those in cookies, belong to, expired or not.
func (c *Core) SessionsNamed(g *gin.Context, access, refresh []string) (ids []string, err error) {
	return c.refresher().SessionsNamed(g.Request, access, refresh)
}
