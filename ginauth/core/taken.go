package core

// Whether a name or an address is free, and the errors when it is taken.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// LostRace says which field another request took between the check and the insert.
func (c *Core) LostRace(ctx context.Context, u *models.User) error {
	lost := &models.User{ID: u.ID, UsernameKey: u.UsernameKey}
	if !u.Pending {
		lost.EmailKey = u.EmailKey
	}
	if err := c.Unavailable(ctx, lost, true); err != nil {
		return err
	}
	return binding.Invalid(binding.NonField, ProblemTaken)
}

// Unavailable returns the field errors for a name or address that a new user cannot have. With
// VerifyMandatory a sign-up is never told of an address: signUps says whether those of other
// sign-ups, which nobody has confirmed, are taken.
func (c *Core) Unavailable(ctx context.Context, u *models.User, signUps bool) error {
	var errs []error
	if key := u.EmailKey.OrEmpty(); key != "" {
		taken, err := c.store.Claimed(ctx, key, u.ID, signUps, c.Now())
		if err != nil {
			return err
		}
		if taken {
			errs = append(errs, binding.Invalid("email", ProblemTaken))
		}
	}
	return binding.Merge(append(errs, c.UsernameTaken(ctx, u))...)
}

// UsernameTaken returns the field error for a name that another user has.
func (c *Core) UsernameTaken(ctx context.Context, u *models.User) error {
	holder, err := c.store.UserOfName(ctx, u.UsernameKey.OrEmpty(), u.ID)
	if err == nil && holder != 0 {
		err = binding.Invalid("username", ProblemTaken)
	}
	return err
}
