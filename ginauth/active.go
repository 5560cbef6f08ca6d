package ginauth

// Whether an account may be used, and whether it may log in.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// exists reports whether an account can be used at all.
func (a *Auth) exists(u *models.User) bool {
	return u.IsActive && (u.DeleteAt == nil || a.now().Before(*u.DeleteAt))
}

// mayEnter rejects an identified user who is not allowed to log in. A method by mail shows that
// the address is theirs, and a backend vouches for its users whether or not they have one.
func (a *Auth) mayEnter(ctx context.Context, user *models.User, method string) error {
	if user.ID == 0 { // just signed up, or vouched for by a backend
		return nil
	}
	if !a.exists(user) {
		return errCredentials
	}
	byMail := method == methodLink || method == methodCode
	if byMail && a.managed(user) {
		return errCredentials
	}
	vouched := user.Backend != "" || a.cfg.EmailVerification != config.VerifyMandatory
	if byMail || vouched && !user.Pending {
		return nil
	}
	confirmed, err := a.store.HasConfirmed(ctx, user.ID)
	if err == nil && !confirmed {
		err = errUnverified
	}
	return err
}

// managed reports whether only a backend may log a user in.
func (a *Auth) managed(user *models.User) bool {
	return user.Backend != "" && !a.cfg.AllowBackendLocalLogin
}
