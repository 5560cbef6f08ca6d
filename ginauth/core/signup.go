package core

// Sign-ups: new users who name themselves, by registration/ or a feature, and whether their names are free.

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// SignUp stores a new user who signs up, and logs them in if config.Config.LoginOnSignUp says so. f.Account has the name and
// address that they chose, and an encoded password; an empty one becomes one that no login matches. f.Work runs when the user is
// stored and has an ID. The response is that of registration/: of a login, or a text. With VerifyMandatory the user is pending
// until the address is confirmed. A name or address that another request took in between is an error of its field.
func (c *Core) SignUp(g *gin.Context, f Flow) (any, error) {
	ctx, account, given := g.Request.Context(), f.Account, f
	user := account.Base()
	invited, err := c.invitation(ctx, f.Invitation, 0)
	if err != nil {
		return nil, err
	}
	invited.spell(user)
	taken, err := c.TakenBy(ctx, user.EmailKey.OrEmpty(), 0)
	if err != nil {
		return nil, err
	}
	if err := c.authn.Complete(user); err != nil {
		return nil, err
	}
	user.SignedUp = true
	f.created = true
	f.Login, f.Done = c.LogsInAtSignUp(), "done.registered"
	if c.cfg.EmailVerification == config.VerifyMandatory && !invited.confirms(user) {
		f.Done = "done.verification_sent"
		user.Pending, user.DeleteAt = true, new(c.Now().Add(c.cfg.UnconfirmedLifetime))
	}
	var confirmed *Confirmation
	f.Work = func(tx *Tx) (err error) {
		confirmed, err = c.storeApplicant(g, tx, given, taken, invited)
		return err
	}
	f.Committed = func() {
		given.committed(ctx)
		if confirmed != nil {
			c.NotifyConfirmed(ctx, confirmed)
		}
		if !user.Pending {
			c.After(ctx, config.EventRegister, c.Event(g, account))
		}
	}
	out, err := c.Complete(g, f)
	if errors.Is(err, ErrExists) {
		return nil, c.LostRace(ctx, user)
	}
	return out, err
}

// storeApplicant stores a user who signs up, and the mail to their address. If another account has the address,
// the mail goes to that account's user instead (T005, T006). For a pending sign-up both cases look the same; the
// hooks are called when its address is confirmed.
//
// An address to which the user's invitation was mailed is confirmed at once. It returns what that changed, or nil.
func (c *Core) storeApplicant(g *gin.Context, tx *Tx, f Flow, taken Owner, invited Invitation) (*Confirmation, error) {
	user := f.Account.Base()
	if err := c.LockNew(tx, user); err != nil {
		return nil, err
	}
	if err := c.ApplyForm(g, tx, f.Account); err != nil {
		return nil, err
	}
	if err := c.AddUser(tx, f.Account, !invited.confirms(user)); err != nil {
		return nil, err
	}
	if err := c.useInvitation(tx, invited, user); err != nil {
		return nil, err
	}
	if !user.Pending {
		if err := c.Before(g.Request.Context(), tx, config.EventRegister, c.Event(g, f.Account)); err != nil {
			return nil, err
		}
	}
	if err := f.work(tx); err != nil {
		return nil, err
	}
	switch {
	case invited.confirms(user):
		return c.confirmInvited(g, tx, f.Account)
	case user.Email == "" || c.cfg.EmailVerification == config.VerifyNone:
		return nil, nil
	}
	return nil, c.PostClaim(g, tx, user, taken)
}

// LogsInAtSignUp reports whether a sign-up ends with a login.
func (c *Core) LogsInAtSignUp() bool {
	return c.cfg.EmailVerification != config.VerifyMandatory && c.cfg.LoginOnSignUp == config.SignUpAndLogin
}

// SignUpResponses returns what a route that ends in [Core.SignUp] declares as Route.Answers: a login or a text.
func (c *Core) SignUpResponses() []any {
	if c.LogsInAtSignUp() {
		return []any{binding.LoginResponse{}}
	}
	return []any{binding.Detail{}}
}

// SignUpFields returns the fields of a sign-up that have this use, for Route.Required and Ignored.
func (c *Core) SignUpFields(use config.FieldUse) (fields []string) {
	if c.cfg.SignUpFields.Username == use {
		fields = append(fields, "username")
	}
	if c.cfg.SignUpFields.Email == use {
		fields = append(fields, "email")
	}
	if use == config.FieldOff { // until a feature declares invitations
		fields = append(fields, InvitationField)
	}
	return fields
}

// CheckApplicant returns an error for the fields of a sign-up that the new user cannot have. With VerifyMandatory an address
// always passes: a sign-up must not learn whether it is taken. invitation is the key that the user sent: the owner of an address to which
// it was mailed may learn that, and is not kept from it by other sign-ups. It changes u.
func (c *Core) CheckApplicant(ctx context.Context, u *models.User, invitation string) error {
	var invited Invitation
	var err error
	if invitation != "" { // Route.Required reports a missing one
		invited, err = c.invitation(ctx, invitation, 0)
	}
	confirms := invited.confirms(u)
	if c.cfg.EmailVerification == config.VerifyMandatory && !confirms {
		u.EmailKey = nil
	}
	err = binding.Merge(err, c.Unavailable(ctx, u, !confirms))
	if problems := c.cfg.Username.Problems(u.Username); u.Username != "" && len(problems) > 0 {
		err = binding.Merge(err, binding.Invalid("username", problems...))
	}
	return err
}

// LostRace returns the error for the field that another request took between the check and the insert.
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

// Unavailable returns the field errors for a name or address that a new user cannot have. signUps says whether
// addresses of other sign-ups that have not confirmed them count as taken. With VerifyMandatory the caller leaves
// the address out, because a sign-up must not learn whether it is taken.
func (c *Core) Unavailable(ctx context.Context, u *models.User, signUps bool) error {
	var errs []error
	if key := u.EmailKey.OrEmpty(); key != "" {
		taken, err := c.Claimed(ctx, key, u.ID, signUps)
		if err != nil {
			return err
		}
		if taken {
			errs = append(errs, binding.Invalid("email", ProblemTaken))
		}
	}
	return binding.Merge(append(errs, c.UsernameTaken(ctx, u))...)
}
