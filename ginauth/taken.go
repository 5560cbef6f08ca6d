package ginauth

// Whether the name and address of a new user are free, and the errors when they are taken.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// lostRace returns the error for the field that another request took between the check and the insert.
func (a *Auth) lostRace(ctx context.Context, u *models.User) error {
	lost := &models.User{ID: u.ID, UsernameKey: u.UsernameKey}
	if !u.Pending {
		lost.EmailKey = u.EmailKey
	}
	if err := a.unavailable(ctx, lost, true); err != nil {
		return err
	}
	return binding.Invalid(binding.NonField, core.ProblemTaken)
}

// unavailable returns the field errors for a name or address that a new user cannot have. signUps says whether
// addresses of other sign-ups that have not confirmed them count as taken. With VerifyMandatory the caller leaves
// the address out, because a sign-up must not learn whether it is taken.
func (a *Auth) unavailable(ctx context.Context, u *models.User, signUps bool) error {
	var errs []error
	if key := u.EmailKey.OrEmpty(); key != "" {
		taken, err := a.core.Claimed(ctx, key, u.ID, signUps)
		if err != nil {
			return err
		}
		if taken {
			errs = append(errs, binding.Invalid("email", core.ProblemTaken))
		}
	}
	return binding.Merge(append(errs, a.core.UsernameTaken(ctx, u))...)
}

// firstComeFirstServed reports whether an address belongs to the first account that names it, because addresses are
// never confirmed. Otherwise a sign-up cannot keep an address from CreateUser.
func (a *Auth) firstComeFirstServed() bool { return a.cfg.EmailVerification == config.VerifyNone }
