package ginauth

// POST token/refresh/: the next pair for a refresh token, and the reuse of an old one.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// refreshToken answers POST token/refresh/. One conditional update decides: the current
// token becomes the next one. Within the grace after that, the token before it and the
// current one both get the current one, so that parallel requests, a second tab and a lost
// answer log no client out. Any older token means that somebody has a copy, and ends the
// session (RFC 9700, section 4.14; T124 to T126).
func (a *Auth) refreshToken(c *gin.Context, in *binding.RefreshToken) (*binding.Tokens, error) {
	token, fromCookie := a.refreshTokenOf(c, in)
	ctx, now := c.Request.Context(), a.core.Now()
	session, account, generation, err := a.core.FindRefresh(ctx, token)
	if err != nil {
		return nil, err
	}
	if !a.canRefresh(session, account, now) || fromCookie && !core.Gave(session, config.AskCookie) {
		return nil, core.ErrInvalidToken
	}
	if generation == session.RefreshGeneration && !a.inGrace(session, now) && session.Credential != config.AskFixedJWT {
		p, won, err := a.rotate(ctx, account, session, now)
		if err != nil {
			return nil, err
		}
		if won {
			return a.writeRefresh(c, session, p), nil
		}
		if session, account, err = a.core.SessionByID(ctx, session.ID); err != nil { // as another request left it
			return nil, core.NotFoundAs(err, core.ErrInvalidToken)
		}
	}
	if !a.currentRefresh(session, generation, now) {
		return nil, a.endReused(ctx, account, session)
	}
	p, err := a.core.NewPair(ctx, account, session)
	if err != nil {
		return nil, err
	}
	return a.writeRefresh(c, session, p), nil
}

// rotate makes the next refresh token of a session the current one. It reports false if
// another request did so first.
func (a *Auth) rotate(ctx context.Context, account models.Account, s *models.Session, now time.Time) (*core.TokenPair, bool, error) {
	next, generation := *s, s.RefreshGeneration
	next.RefreshGeneration, next.RefreshedAt = generation+1, &now
	p, err := a.core.NewPair(ctx, account, &next) // before the current token is spent: it may fail
	if err != nil {
		return nil, false, err
	}
	won, err := a.core.RotateRefresh(ctx, s.ID, generation, now)
	return p, won, err
}

// writeRefresh answers a refresh: as in dj-rest-auth, access_expiration is always there.
func (a *Auth) writeRefresh(c *gin.Context, s *models.Session, p *core.TokenPair) *binding.Tokens {
	out := a.core.WritePair(c, s, p, a.cfg.JWT.ReturnExpiration)
	out.AccessExpiration = &p.AccessEnd
	return out
}

// refreshGrace is how long after a rotation the token before the current one is accepted
// and the current one stays. JWT.Leeway is added, since another instance may have rotated.
const refreshGrace = 10 * time.Second

func (a *Auth) inGrace(s *models.Session, now time.Time) bool {
	return s.RefreshedAt != nil && now.Sub(*s.RefreshedAt) <= refreshGrace+a.cfg.JWT.Leeway
}

// canRefresh reports whether a session has refresh tokens that are accepted.
func (a *Auth) canRefresh(s *models.Session, account models.Account, now time.Time) bool {
	return a.core.Valid(s, account.Base(), now) && now.Before(a.core.RefreshEnd(s).Add(a.cfg.JWT.Leeway))
}

// currentRefresh reports whether a refresh token of this number is accepted.
func (a *Auth) currentRefresh(s *models.Session, generation int64, now time.Time) bool {
	return generation == s.RefreshGeneration || generation == s.RefreshGeneration-1 && a.inGrace(s, now)
}

// endReused ends the session of a refresh token that was used again.
func (a *Auth) endReused(ctx context.Context, account models.Account, s *models.Session) error {
	if err := a.core.EndSessionByID(ctx, s.ID); core.NotFoundAs(err, nil) != nil {
		return err
	}
	a.core.After(ctx, config.EventRefreshReuse, config.Event{User: account, Session: s})
	return core.ErrInvalidToken
}

// refreshTokenOf returns the refresh token of a request, or "". With cookies, that of the body
// wins where there is one, as in dj-rest-auth. Two cookies are none (T045).
func (a *Auth) refreshTokenOf(c *gin.Context, in *binding.RefreshToken) (token string, fromCookie bool) {
	if in.Refresh != "" {
		return in.Refresh, false
	}
	if a.core.UsesTokenCookies() {
		if all := core.Distinct(c.Request.CookiesNamed(a.cfg.JWT.RefreshCookie.Name)); len(all) == 1 {
			return all[0], true
		}
	}
	return "", false
}
