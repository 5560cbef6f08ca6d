package authn

// The check whether an identified user may log in.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// CheckAllowed rejects an identified user who is not allowed to log in. A login by mail proves that the address is theirs,
// and a backend vouches for its users even without an address.
func (a *Authenticator) CheckAllowed(ctx context.Context, user *models.User, byMail bool) error {
	if user.ID == 0 { // just signed up, or vouched for by a backend
		return nil
	}
	if !a.MayUse(user) {
		return a.unusable(user)
	}
	if byMail && a.Managed(user) {
		return ErrCredentials
	}
	vouched := user.Backend != "" || a.Config.EmailVerification != config.VerifyMandatory
	if byMail || vouched && !user.Pending {
		return nil
	}
	confirmed, err := a.Store.HasConfirmed(ctx, user.ID)
	if err == nil && !confirmed {
		err = ErrUnverified
	}
	return err
}
