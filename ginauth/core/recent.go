package core

// Recent logins: sensitive changes need one, or the password.

import (
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clock"
	"github.com/ginauth/gin-rest-auth/models"
)

// IsRecent reports whether the user logged in, or re-authenticated, within this time.
func (c *Core) IsRecent(s *models.Session, within time.Duration) bool {
	return within > 0 && clock.Age(s.AuthenticatedAt(), c.Now()) < within
}

// RequireFresh returns nil if the user of the request logged in, or re-authenticated, within this time, and the session
// has proven the second factor of a user who has one. An operator in the place of the user gets [ErrImpersonated]. Use it in routes with AccessUser: if the request is not logged
// in, it fails with [ErrInternal].
func (c *Core) RequireFresh(g *gin.Context, within time.Duration) error {
	switch {
	case User(g) == nil:
		return errNoUser
	case Actor(g) != nil:
		return ErrImpersonated
	case LacksFactor(g):
		return ErrFactorRequired
	case !c.IsRecent(Session(g), within):
		return ErrFreshLogin
	}
	return nil
}

// RequireRecent ensures that a sensitive change comes from the user, not from someone at an unattended session
// (ASVS 7.5.1). It returns nil if the login is recent, see config.Session.Fresh, or if password is right. If the user
// has a second factor that the session has not proven, it returns [ErrFactorRequired] in both cases. Use it in routes
// with AccessUser: if the request is not logged in, it fails with [ErrInternal].
func (c *Core) RequireRecent(g *gin.Context, password string) error {
	if User(g) == nil {
		return errNoUser
	}
	if password == "" || LacksFactor(g) {
		return c.RequireFresh(g, c.cfg.Session.Fresh)
	}
	return c.enterPassword(g, password)
}

// MarkRecent is for a user who enters the password to continue: if it is right, the session counts as recent. The
// password is one factor, so a session that has not proven a second one still has not.
func (c *Core) MarkRecent(g *gin.Context, password string) error {
	if User(g) == nil {
		return errNoUser
	}
	if err := c.enterPassword(g, password); err != nil {
		return err
	}
	return c.MarkProven(g, MethodPassword)
}

// MarkProven makes the session of the request recent, because its user has just proven to be the user again. method is that of
// the proof, as in [Flow.Method]. It is one factor, so a session that has not proven a second one still has not.
func (c *Core) MarkProven(g *gin.Context, method string) error {
	if Actor(g) != nil {
		return ErrImpersonated
	}
	now, session := c.Now(), *Session(g)
	session.Prove(method, now)
	return c.store.Refresh(g.Request.Context(), session.ID, session.Proofs, now)
}

// enterPassword compares the password of the logged-in user.
func (c *Core) enterPassword(g *gin.Context, password string) error {
	if Actor(g) != nil {
		return ErrImpersonated
	}
	attempt, err := c.GuessPassword(g)
	if err != nil {
		return err
	}
	ok, err := c.authn.IsPassword(g.Request.Context(), identityOf(g).Account, password)
	if errors.Is(err, authn.ErrTruncated) {
		c.WrongPassword(g)
		return binding.Invalid("password", ProblemPasswordReset)
	}
	if err == nil && !ok {
		c.WrongPassword(g)
		return binding.Invalid("password", ProblemIncorrect)
	}
	if err != nil {
		if !errors.Is(err, ErrGuessed) {
			attempt.GiveBack(g)
		}
		return err
	}
	attempt.Right(g)
	return nil
}
