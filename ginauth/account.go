package ginauth

// Calls that manage users: CreateUser, ConfirmEmail, SetActive.

import (
	"context"
	"errors"
	"fmt"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/models"
)

// ErrNoSuchUser means that no user has the ID. The calls that take the ID of a user return it, and so does
// [Auth.LogIn].
var ErrNoSuchUser = errors.New("ginauth: no such user")

// CreateUser stores a new, active user and does not log them in. Use it in command lines, imports and fixtures:
//
//	user := &models.User{Username: "ann", Email: "ann@example.com", IsStaff: true}
//	err := auth.CreateUser(ctx, user, password)
//
// account has the type that Config.NewUser makes. CreateUser fills in its ID, keys, password, IsActive and, unless
// set, DateJoined. It stores all other fields unchanged. With an empty password the account cannot log in with one.
// No hook is called.
//
// Names, addresses and passwords must follow the rules of registration; otherwise the error is a *binding.Error
// with the fields username, email and password. The address is not confirmed; see [Auth.ConfirmEmail].
func (a *Auth) CreateUser(ctx context.Context, account models.Account, password string) error {
	if err := a.core.IsOurType(account); err != nil {
		return fmt.Errorf("ginauth: CreateUser %w", err)
	}
	user := account.Base()
	user.SetUsername(user.Username)
	user.SetEmail(user.Email)
	if err := a.core.CheckNewUser(ctx, user, password); err != nil {
		return a.core.Localized(err)
	}
	if err := a.core.CompleteNewUser(ctx, user, password); err != nil {
		return err
	}
	return a.storeNew(ctx, account, false)
}

// storeNew stores an account of CreateUser or ImportUsers and, if confirmed is true, makes it the owner of its address, in one transaction:
// an import that stops between the two would find the user stored at the next try.
func (a *Auth) storeNew(ctx context.Context, account models.Account, confirmed bool) error {
	user, e := account.Base(), config.Event{User: account}
	var done *core.Confirmation
	err := a.core.Tx(ctx, clone.OnRetry(account, func(tx *core.Tx) (err error) {
		if err := a.core.LockNew(tx, user); err != nil {
			return err
		}
		if err := a.core.StoreNewUser(tx, e); err != nil || !confirmed || user.Email == "" {
			return err
		}
		e.Email = user.Email
		done, err = a.core.ConfirmAddress(ctx, tx, e)
		return err
	}))
	if errors.Is(err, core.ErrExists) {
		return a.core.Localized(a.core.LostRace(ctx, user))
	}
	if err == nil && done != nil {
		a.core.NotifyManaged(ctx, done)
	}
	return err
}

// MailPasswordLink mails a user the link of password/reset/, such as to a new user. It goes
// to the primary address. It returns [ErrNoSuchUser] if no user has the ID, [ErrNoMailer] without config.Mail.Sender, and an error
// if the user has no address or only a backend can log them in.
func (a *Auth) MailPasswordLink(ctx context.Context, userID int64) error {
	if a.cfg.Mail.Sender == nil {
		return ErrNoMailer
	}
	g := core.WithoutRequest(ctx)
	err := a.core.Tx(ctx, func(tx *core.Tx) error {
		if err := tx.LockUser(userID); err != nil {
			return err
		}
		user, err := tx.User(userID)
		if err != nil {
			return err
		}
		if user.Email == "" || a.core.Managed(user) {
			return errors.New("ginauth: MailPasswordLink: the user has no address, or only a backend can log them in")
		}
		return a.core.PostInvitation(g, tx, userID)
	})
	if err != nil {
		return core.NotFoundAs(err, ErrNoSuchUser)
	}
	a.core.Posted(g)
	return nil
}

// ConfirmEmail confirms an address of a user without a mail, because the application knows that it is theirs. Use
// it in command lines and imports. If the user does not have the address yet, it is added. Other accounts lose it,
// and it becomes the primary address if the present one is not confirmed.
//
// A pending sign-up is then complete: BeforeRegister can refuse it, and AfterRegister is called. The only other
// hook that is called is AfterEmailChange.
//
// It returns [ErrNoSuchUser] if no user has the ID, and a *binding.Error if the address is invalid or another user
// has confirmed it.
func (a *Auth) ConfirmEmail(ctx context.Context, userID int64, address string) error {
	if !binding.ValidEmail(address) {
		return a.core.Localized(binding.Invalid("email", binding.Problem{Code: binding.CodeInvalidEmail}))
	}
	account, err := a.core.UserByID(ctx, userID)
	if errors.Is(err, core.ErrNoRow) {
		return ErrNoSuchUser
	}
	if err != nil {
		return err
	}
	var done *core.Confirmation
	err = a.core.Tx(ctx, clone.OnRetry(account, func(tx *core.Tx) (err error) {
		if err := a.core.LockAddress(tx, models.EmailKey(address)); err != nil {
			return err
		}
		done, err = a.core.ConfirmAddress(ctx, tx, config.Event{User: account, Email: models.NormalizeEmail(address)})
		return err
	}))
	if err != nil {
		return core.NotFoundAs(a.core.Localized(a.core.AsTaken(err, "email")), ErrNoSuchUser)
	}
	a.core.NotifyManaged(ctx, done)
	return nil
}

// SetActive activates or deactivates a user. Deactivating also ends all their sessions and personal tokens. No hook
// is called. It returns [ErrNoSuchUser] if no user has the ID.
func (a *Auth) SetActive(ctx context.Context, userID int64, active bool) error {
	err := a.core.SetActive(ctx, userID, active)
	if errors.Is(err, core.ErrNoRow) {
		return ErrNoSuchUser
	}
	return err
}
