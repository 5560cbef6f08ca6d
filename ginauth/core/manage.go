package core

// What calls of package ginauth and operators do to users, in a transaction of the caller. Call Core.After with the event when it is
// committed.

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/models"
)

// Ban stores a ban, or ends one if it is zero, with hooks and the notice of Mail.BanNotice. It updates e.User as well. It reports
// whether it changed anything, as [Tx.SetBan] does.
func (c *Core) Ban(g *gin.Context, tx *Tx, e config.Event, ban Ban) (changed bool, err error) {
	user := e.User.Base()
	if changed, err = tx.SetBan(user.ID, ban); err != nil || !changed {
		return false, err
	}
	ban.Apply(user)
	name := config.EventBan
	if ban.At.IsZero() {
		name = config.EventUnban
	}
	if err := c.Before(g.Request.Context(), tx, name, e); err != nil || ban.At.IsZero() || c.cfg.Mail.BanNotice == config.BanNoticeNone {
		return err == nil, err
	}
	return true, c.NotifyOwner(g, tx, MailAccountBanned, user)
}

// Remove deletes a user with all rows, and calls the hooks. The user is locked. No hook is called for a pending sign-up, because none was
// called when it was created; pending reports that.
func (c *Core) Remove(ctx context.Context, tx *Tx, e config.Event) (pending bool, err error) {
	user, err := tx.LockedUser(e.User.Base().ID)
	if err != nil {
		return false, err
	}
	if !user.Pending {
		if err := c.Before(ctx, tx, config.EventDelete, e); err != nil {
			return false, err
		}
	}
	return user.Pending, tx.DeleteUser(user.ID)
}

// ReplacePassword stores a new password, ends all sessions and personal tokens except the session keep, and mails the notice. The error
// is [ErrChanged] if the password has changed since the user was read.
func (c *Core) ReplacePassword(g *gin.Context, tx *Tx, user *models.User, encoded, keep string) error {
	if err := tx.SetPasswordHash(user, encoded); err != nil {
		return err
	}
	if err := tx.EndSessions(user.ID, keep); err != nil {
		return err
	}
	// An intruder may have added the unconfirmed addresses (T112); the user got notices about the confirmed ones.
	if err := tx.DropUnconfirmed(user.ID, models.EmailKey(user.Email)); err != nil {
		return err
	}
	return c.Notify(g, tx, MailPasswordChanged, user, user.Email)
}

// SetPassword is [Core.ReplacePassword] without a session of the user, with hooks. It ends mailed links as well, except those in
// notices. e.User is read in the transaction, and updated.
func (c *Core) SetPassword(g *gin.Context, tx *Tx, e config.Event, encoded string) error {
	user := e.User.Base()
	if err := c.ReplacePassword(g, tx, user, encoded, ""); err != nil {
		return err
	}
	if err := tx.EndTickets(user.ID, ForNotice, c.Now()); err != nil {
		return err
	}
	user.Password, user.SessionEpoch = encoded, user.SessionEpoch+1
	return c.Before(g.Request.Context(), tx, config.EventPasswordChange, e)
}

// DropPassword makes the password of a user unusable, so that they set a new one by a mailed link before the next login. All sessions,
// personal tokens and mailed links end, except those in notices. user is updated.
func (c *Core) DropPassword(tx *Tx, user *models.User) error {
	unusable, err := passhash.Unusable(c.cfg.Rand)
	if err != nil {
		return ErrInternal.Because(err)
	}
	if err := tx.rows.InvalidatePassword(user.ID, unusable); err != nil {
		return err
	}
	user.Password = unusable
	user.SessionEpoch++
	return tx.EndTickets(user.ID, ForNotice, c.Now())
}

// ResetFactors removes the second factors of a user who lost them, see [Tx.ResetFactors], and ends all sessions and personal tokens. Features
// record it and mail the user, see Listener.AfterFactorsReset.
func (c *Core) ResetFactors(g *gin.Context, tx *Tx, user *models.User) error {
	if err := tx.ResetFactors(user.ID); err != nil {
		return err
	}
	if err := tx.EndAllSessions(user.ID); err != nil {
		return err
	}
	for _, l := range c.listeners {
		if l.AfterFactorsReset != nil {
			if err := l.AfterFactorsReset(g, tx, user); err != nil {
				return err
			}
		}
	}
	return nil
}

// ConfirmAddress makes e.User the owner of an address without a mail, and adds it if they do not have it. The error is [ErrExists] if
// another user has confirmed it. The transaction must have begun with [Core.LockAddress]. Afterwards call [Core.NotifyManaged].
func (c *Core) ConfirmAddress(ctx context.Context, tx *Tx, e config.Event) (*Confirmation, error) {
	email := c.NewEmail(e.User.Base().ID, e.Email)
	if err := tx.HaveEmail(email); err != nil {
		return nil, err
	}
	done, err := c.Confirm(ctx, tx, e, email.Key)
	if err != nil {
		return nil, err
	}
	if done.Primary {
		if err := tx.Record(config.EventEmailChange, e); err != nil {
			return nil, err
		}
	}
	return done, tx.Record(config.EventVerify, e)
}

// NotifyManaged calls the After hooks of [Core.ConfirmAddress].
func (c *Core) NotifyManaged(ctx context.Context, done *Confirmation) {
	if done.Registered {
		c.After(ctx, config.EventRegister, done.Event)
	}
	if done.Primary {
		done.Displaced = append(done.Displaced, done.Event.User.Base().ID)
	}
	c.NotifyPrimaryChanged(ctx, done.Displaced)
}

// FirstComeFirstServed reports whether an address belongs to the first account that names it, because addresses are
// never confirmed. Otherwise a sign-up cannot keep an address from a user whom an operator creates.
func (c *Core) FirstComeFirstServed() bool { return c.cfg.EmailVerification == config.VerifyNone }

// CheckNames checks the form of name and address of a user who does not sign up. One of both is needed. The error is a *binding.Error with
// the fields username and email.
func CheckNames(user *models.User) error {
	var errs []error
	if user.Username == "" && user.Email == "" {
		errs = append(errs, binding.Invalid("username", binding.Problem{Code: binding.CodeRequired, Message: "Give a name or an address."}))
	}
	if user.Username != "" && !binding.ValidUsername(user.Username) {
		errs = append(errs, binding.Invalid("username", binding.Problem{Code: binding.CodeInvalidUsername}))
	}
	if user.Email != "" && !binding.ValidEmail(user.Email) {
		errs = append(errs, binding.Invalid("email", binding.Problem{Code: binding.CodeInvalidEmail}))
	}
	return binding.Merge(errs...)
}

// CheckNewUser checks name, address and password of a user who does not sign up, by the rules of registration. An empty password is
// none. The error is a *binding.Error with the fields username, email and password.
func (c *Core) CheckNewUser(ctx context.Context, user *models.User, password string) error {
	errs := []error{CheckNames(user)}
	errs = append(errs, c.Unavailable(ctx, &models.User{UsernameKey: user.UsernameKey, EmailKey: user.EmailKey}, c.FirstComeFirstServed()))
	if password != "" {
		problems, err := c.PasswordProblems(ctx, password, user)
		if err != nil {
			return err
		}
		if problems != nil {
			errs = append(errs, binding.Invalid("password", problems...))
		}
	}
	return binding.Merge(errs...)
}

// CompleteNewUser sets the columns of an active user who does not sign up: the password, which is unusable if it is empty, and
// DateJoined unless it is set.
func (c *Core) CompleteNewUser(ctx context.Context, user *models.User, password string) (err error) {
	if password == "" {
		user.Password, err = passhash.Unusable(c.cfg.Rand)
	} else {
		user.Password, err = c.HashPassword(ctx, password)
	}
	user.IsActive, user.Pending = true, false
	if user.DateJoined.IsZero() {
		user.DateJoined = c.Now()
	}
	return err
}

// StoreNewUser stores a user who does not sign up. The transaction must have begun with [Core.LockNew]. The error is [ErrExists] if the
// name or address was taken concurrently; see [Core.LostRace].
func (c *Core) StoreNewUser(tx *Tx, e config.Event) error {
	if err := c.AddUser(tx, e.User, c.FirstComeFirstServed()); err != nil {
		return err
	}
	return tx.Record(config.EventUserCreated, e)
}

// AsTaken returns the field error for an address that another user has confirmed, and other errors unchanged.
func (c *Core) AsTaken(err error, field string) error {
	if errors.Is(err, ErrExists) {
		return binding.Invalid(field, ProblemTaken)
	}
	return err
}
