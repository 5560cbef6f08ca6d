package core

// Recent logins: sensitive changes need one, or the password.

import (
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/models"
)

// IsRecent reports whether the user logged in, or re-entered the password, within this time.
func (c *Core) IsRecent(s *models.Session, within time.Duration) bool {
	proven := s.CreatedAt
	if s.ProvenAt != nil {
		proven = *s.ProvenAt
	}
	return within > 0 && c.Now().Sub(proven) < within
}

// RequireRecent ensures that a sensitive change comes from the user, not from someone at an unattended session
// (ASVS 7.5.1). It returns nil if the login is recent, see config.Session.Fresh, or if password is right. Use it in
// routes with AccessUser: if the request is not logged in, it fails with [ErrInternal].
func (c *Core) RequireRecent(g *gin.Context, password string) error {
	if User(g) == nil {
		return errNoUser
	}
	if password == "" {
		if c.IsRecent(Session(g), c.cfg.Session.Fresh) {
			return nil
		}
		return ErrFreshLogin
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
