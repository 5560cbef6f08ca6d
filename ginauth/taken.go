package ginauth

// Whether a name or an address is free, and the errors when it is taken.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// lostRace says which field another request took between the check and the insert.
func (a *Auth) lostRace(ctx context.Context, u *models.User) error {
	lost := &models.User{ID: u.ID, UsernameKey: u.UsernameKey}
	if !u.Pending {
		lost.EmailKey = u.EmailKey
	}
	if err := a.unavailable(ctx, lost, true); err != nil {
		return err
	}
	return binding.Invalid(binding.NonField, problemTaken)
}

func keyOf(k *models.Key) models.Key {
	if k == nil {
		return ""
	}
	return *k
}

// unavailable returns the field errors for a name or address that a new user cannot have. With
// VerifyMandatory a sign-up is never told of an address: signUps says whether those of other
// sign-ups, which nobody has confirmed, are taken.
func (a *Auth) unavailable(ctx context.Context, u *models.User, signUps bool) error {
	var errs []error
	if key := keyOf(u.EmailKey); key != "" {
		taken, err := a.store.Claimed(ctx, key, u.ID, signUps, a.now())
		if err != nil {
			return err
		}
		if taken {
			errs = append(errs, binding.Invalid("email", problemTaken))
		}
	}
	return binding.Merge(append(errs, a.usernameTaken(ctx, u))...)
}

// usernameTaken returns the field error for a name that another user has.
func (a *Auth) usernameTaken(ctx context.Context, u *models.User) error {
	holder, err := a.store.UserOfName(ctx, keyOf(u.UsernameKey), u.ID)
	if err == nil && holder != 0 {
		err = binding.Invalid("username", problemTaken)
	}
	return err
}
