package core

// Refreshing and verifying JSON Web Tokens, for their routes. Package tokens exchanges them.

import (
	"errors"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
	"github.com/ginauth/gin-rest-auth/models"
)

// Refresh exchanges a refresh token for the next pair of its session. The pair goes where the login put the first
// one: into cookies, or into the result, whose AccessExpiration is always set. With an empty token it takes the
// refresh cookie, if there is exactly one. A token that is not accepted is [ErrInvalidToken]. A token that was
// replaced before ends its session, and After hooks are called. Call it only if [Core.UsesJWT].
func (c *Core) Refresh(g *gin.Context, token string) (*binding.Tokens, error) {
	ctx, fromCookie := g.Request.Context(), false
	if _, all := c.jwt.Cookies(g.Request); token == "" && len(all) == 1 { // two cookies are ignored (T045)
		token, fromCookie = all[0], true
	}
	pair, of, err := c.refresher().Exchange(ctx, token, c.acceptRefresh(g, fromCookie))
	if errors.Is(err, tokens.ErrReused) {
		e := c.Event(g, of.Account)
		e.Session = of.Session
		c.Record(ctx, config.EventRefreshReuse, e)
		c.After(ctx, config.EventRefreshReuse, e)
	}
	if err != nil {
		return nil, err
	}
	out := c.jwt.Write(g, c.refreshPaths(), pair, gave(of.Session, config.AskCookie))
	out.AccessExpiration = &pair.AccessEnd
	return out, nil
}

// acceptRefresh returns the check of a refresh token's session. A token in a cookie must have been given in a
// cookie.
func (c *Core) acceptRefresh(g *gin.Context, inCookie bool) tokens.Accept {
	return func(s *models.Session, account models.Account) error {
		if err := c.checkFactors(g.Request.Context(), account.Base()); err != nil {
			return err
		}
		if !c.valid(s, account.Base(), c.Now()) || inCookie && !gave(s, config.AskCookie) {
			return ErrInvalidToken
		}
		if err := c.checkActor(g, s, account); err != nil {
			return err
		}
		return c.checkSetUp(s, account)
	}
}

// VerifyToken returns nil for an access or refresh token that would be accepted now, and [ErrInvalidToken] for any
// other text. Call it only if [Core.UsesJWT].
func (c *Core) VerifyToken(g *gin.Context, token string) error {
	if strings.HasPrefix(token, tokens.RefreshPrefix) {
		return c.refresher().Verify(g.Request.Context(), token, c.acceptRefresh(g, false))
	}
	id, err := c.byAccessToken(g, token, false)
	if err != nil {
		return err
	}
	if err := c.checkFactors(g.Request.Context(), id.Account.Base()); err != nil {
		return err
	}
	if err := c.checkActor(g, id.Session, id.Account); err != nil {
		return err
	}
	return c.checkSetUp(id.Session, id.Account)
}
