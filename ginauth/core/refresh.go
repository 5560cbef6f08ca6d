package core

// Refreshes of JSON Web Tokens: the next pair for a refresh token, and the reuse of an old one.

import (
	"context"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
	"github.com/ginauth/gin-rest-auth/models"
)

// Refresh exchanges a refresh token for the next pair of its session, and puts that where the login put the first: into
// cookies, or the result, whose AccessExpiration is always set. An empty token stands for that of the refresh cookie, if
// there is exactly one. A token that is not accepted is [ErrInvalidToken]. Call it only if [Core.UsesJWT].
//
// One conditional update decides: the current token becomes the next one. Within the grace after that, the
// token before it and the current one both get the current one, so that parallel requests, a second tab and a
// lost response log no client out. An older token means that a stranger has a copy: its session ends (RFC 9700,
// section 4.14; T124 to T126).
func (c *Core) Refresh(g *gin.Context, token string) (*binding.Tokens, error) {
	token, fromCookie := c.refreshTokenOf(g, token)
	ctx, now := g.Request.Context(), c.Now()
	session, account, generation, err := c.openRefresh(ctx, token)
	if err != nil {
		return nil, err
	}
	if !c.canRefresh(session, account, now) || fromCookie && !gave(session, config.AskCookie) {
		return nil, ErrInvalidToken
	}
	if generation == session.RefreshGeneration && !c.jwt.InGrace(session, now) && session.Credential != config.AskFixedJWT {
		p, won, err := c.rotate(ctx, account, session, now)
		if err != nil {
			return nil, err
		}
		if won {
			return c.writeRefresh(g, session, p), nil
		}
		if session, account, err = c.store.SessionByID(ctx, session.ID); err != nil { // as another request left it
			return nil, NotFoundAs(err, ErrInvalidToken)
		}
	}
	if !c.jwt.IsCurrent(session, generation, now) {
		return nil, c.endReused(ctx, account, session)
	}
	p, err := c.jwt.Issue(ctx, c.Now(), account, session)
	if err != nil {
		return nil, err
	}
	return c.writeRefresh(g, session, p), nil
}

// rotate makes the next refresh token of a session the current one. It reports false if
// another request did so first.
func (c *Core) rotate(ctx context.Context, account models.Account, s *models.Session, now time.Time) (*tokens.Pair, bool, error) {
	next, generation := *s, s.RefreshGeneration
	next.RefreshGeneration, next.RefreshedAt = generation+1, &now
	p, err := c.jwt.Issue(ctx, c.Now(), account, &next) // before the current token is spent: it may fail
	if err != nil {
		return nil, false, err
	}
	won, err := c.store.Rotate(ctx, s.ID, generation, now)
	return p, won, err
}

// writeRefresh writes the pair, with the expiration that a login may leave out.
func (c *Core) writeRefresh(g *gin.Context, s *models.Session, p *tokens.Pair) *binding.Tokens {
	out := c.jwt.Write(g, c.refreshPaths(), p, gave(s, config.AskCookie))
	out.AccessExpiration = &p.AccessEnd
	return out
}

// canRefresh reports whether a session has refresh tokens that are accepted.
func (c *Core) canRefresh(s *models.Session, account models.Account, now time.Time) bool {
	return c.valid(s, account.Base(), now) && now.Before(c.jwt.RefreshEnd(s).Add(c.cfg.JWT.Leeway))
}

// endReused ends the session of a refresh token that was used again.
func (c *Core) endReused(ctx context.Context, account models.Account, s *models.Session) error {
	if err := c.store.EndSessionByID(ctx, s.ID); NotFoundAs(err, nil) != nil {
		return err
	}
	c.After(ctx, config.EventRefreshReuse, config.Event{User: account, Session: s})
	return ErrInvalidToken
}

// refreshTokenOf returns the refresh token of a request, or "". With cookies, that of the body
// wins where there is one, as in dj-rest-auth. Two cookies are none (T045).
func (c *Core) refreshTokenOf(g *gin.Context, inBody string) (token string, fromCookie bool) {
	if _, all := c.jwt.Cookies(g.Request); inBody == "" && len(all) == 1 {
		return all[0], true
	}
	return inBody, false
}

// VerifyToken returns nil for an access or refresh token that would be accepted now, and [ErrInvalidToken] for any
// other text. Call it only if [Core.UsesJWT].
func (c *Core) VerifyToken(g *gin.Context, token string) error {
	if !strings.HasPrefix(token, tokens.RefreshPrefix) {
		id, err := c.byAccessToken(g, token, false)
		if err != nil {
			return err
		}
		return c.checkFactors(g.Request.Context(), id.Account.Base())
	}
	session, account, generation, err := c.openRefresh(g.Request.Context(), token)
	if now := c.Now(); err == nil && !(c.canRefresh(session, account, now) && c.jwt.IsCurrent(session, generation, now)) {
		err = ErrInvalidToken
	}
	return err
}

// openRefresh is findRefresh for tokens that are used. It fails if the user has a factor that no feature declares.
func (c *Core) openRefresh(ctx context.Context, token string) (*models.Session, models.Account, int64, error) {
	session, account, generation, err := c.findRefresh(ctx, token)
	if err == nil {
		err = c.checkFactors(ctx, account.Base())
	}
	return session, account, generation, err
}
