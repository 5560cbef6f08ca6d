package core

// JSON Web Tokens in flows, and their cookies. Package tokens creates and reads them.

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
	"github.com/ginauth/gin-rest-auth/models"
)

// Claims adds claims to access tokens. read is called for each token that is issued, after config.JWT.Claims, and replaces claims
// of the same name, but not the library's own. Anyone who gets a token can read them. If it fails, the login or the refresh fails
// with 503. A nil function is an error of New.
func (s *Setup) Claims(read func(context.Context, models.Account) (map[string]any, error)) {
	if read == nil {
		s.fail(errors.New("Claims needs a function, got nil"))
		return
	}
	before, setup := s.declaring().core.cfg.JWT.Claims, s
	s.core.cfg.JWT.Claims = func(ctx context.Context, account models.Account) (map[string]any, error) {
		all := map[string]any{}
		if before != nil {
			own, err := before(ctx, account)
			if err != nil {
				return nil, err
			}
			maps.Copy(all, own)
		}
		claims, err := read(ctx, account)
		if err != nil {
			return nil, setup.named(err)
		}
		maps.Copy(all, claims)
		return all, nil
	}
}

// UsesJWT reports whether logins give JSON Web Tokens.
func (c *Core) UsesJWT() bool { return c.jwt != nil }

// KeySet returns the public keys that verify access tokens, without secret keys. Call it only if [Core.UsesJWT].
func (c *Core) KeySet() binding.KeySet { return c.jwt.Public() }

// refreshPaths returns the paths that browsers send the refresh cookie to.
func (c *Core) refreshPaths() []string {
	return c.jwt.RefreshPaths(c.responses.Base, c.refreshRoutes())
}

// refreshRoutes returns the routes that read the refresh cookie.
func (c *Core) refreshRoutes() (paths []string) {
	for _, r := range slices.Backward(c.routes) {
		if r.RefreshCookie && !slices.Contains(paths, r.Path) {
			paths = append(paths, r.Path)
		}
	}
	return paths
}

// missedByRefresh returns the paths of routes that browsers do not send the refresh cookie to, once it is known where they are.
func (c *Core) missedByRefresh() []string {
	if c.jwt == nil || !c.registered.Load() && c.cfg.PublicPath == "" {
		return nil
	}
	return c.jwt.MissedPaths(c.responses.Base, c.refreshRoutes())
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
