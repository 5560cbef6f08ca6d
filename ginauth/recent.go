package ginauth

// Recent authentication: sensitive changes need a new login or the password.

import (
	"cmp"
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// isFresh reports whether the user authenticated within this time.
func (a *Auth) isFresh(s *models.Session, within time.Duration) bool {
	proven := s.CreatedAt
	if s.ProvenAt != nil {
		proven = *s.ProvenAt
	}
	return within > 0 && a.now().Sub(proven) < within
}

// proveFresh ensures that sensitive changes come from the user, not from someone at an unattended
// session: by a recent login, or by a password with which the user could log in (ASVS 7.5.1, T112).
func (a *Auth) proveFresh(c *gin.Context, password string) error {
	if password == "" {
		if a.isFresh(Session(c), a.cfg.Session.Fresh) {
			return nil
		}
		return errFreshLogin
	}
	ok, err := a.isPassword(c.Request.Context(), identityOf(c).account, password)
	if err == errPasswordReset { //nolint:errorlint // the very value
		a.loginFailed(c, cmp.Or(User(c).Username, User(c).Email), methodPassword)
		return binding.Invalid("password", problemPasswordReset)
	}
	if err == nil && !ok {
		a.loginFailed(c, cmp.Or(User(c).Username, User(c).Email), methodPassword)
		return binding.Invalid("password", problemIncorrect)
	}
	return err
}

// isPassword asks the backends whether a password is that of a user.
func (a *Auth) isPassword(ctx context.Context, account models.Account, password string) (bool, error) {
	user := account.Base()
	given := config.Credentials{Username: user.Username, Password: password}
	if user.Username == "" {
		given.Email = user.Email
	}
	found, err := a.askBackends(ctx, given, func() (match, error) {
		result, err := a.verify(ctx, account, password)
		switch {
		case err == nil && result.Truncated:
			a.logTruncated(ctx, user)
			err = errPasswordReset
		case err == nil && !result.OK:
			err = errCredentials
		}
		return match{account: account}, err
	})
	if err == errCredentials { //nolint:errorlint // the very value
		return false, nil
	}
	return err == nil && found.account.Base().ID == user.ID, err
}
