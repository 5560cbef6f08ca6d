package core

// Refreshes and checks of JSON Web Tokens, for their routes; package tokens exchanges them.

import (
	"errors"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
	"github.com/ginauth/gin-rest-auth/models"
)

// Refresh exchanges a refresh token for the next pair of its session, and puts that where the login put the first: into
// cookies, or the result, whose AccessExpiration is always set. An empty token stands for that of the refresh cookie, if
// there is exactly one. A token that is not accepted is [ErrInvalidToken]; one that was replaced before ends its session,
// and After hooks hear of it. Call it only if [Core.UsesJWT].
func (c *Core) Refresh(g *gin.Context, token string) (*binding.Tokens, error) {
	ctx, fromCookie := g.Request.Context(), false
	if _, all := c.jwt.Cookies(g.Request); token == "" && len(all) == 1 { // two cookies are none (T045)
		token, fromCookie = all[0], true
	}
	pair, of, err := c.refresher().Exchange(ctx, token, c.acceptRefresh(g, fromCookie))
	if errors.Is(err, tokens.ErrReused) {
		c.After(ctx, config.EventRefreshReuse, config.Event{User: of.Account, Session: of.Session})
	}
	if err != nil {
		return nil, err
	}
	out := c.jwt.Write(g, c.refreshPaths(), pair, gave(of.Session, config.AskCookie))
	out.AccessExpiration = &pair.AccessEnd
	return out, nil
}

// acceptRefresh returns the check of the session of a refresh token. A token in a cookie must have been given as one.
func (c *Core) acceptRefresh(g *gin.Context, inCookie bool) tokens.Accept {
	return func(s *models.Session, account models.Account) error {
		if err := c.checkFactors(g.Request.Context(), account.Base()); err != nil {
			return err
		}
		if !c.valid(s, account.Base(), c.Now()) || inCookie && !gave(s, config.AskCookie) {
			return ErrInvalidToken
		}
		return nil
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
	return c.checkFactors(g.Request.Context(), id.Account.Base())
}
