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
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
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
	err := a.checkNewUser(ctx, user, password)
	if err != nil {
		return a.core.Localized(err)
	}
	if password == "" {
		user.Password, err = passhash.Unusable(a.cfg.Rand)
	} else {
		user.Password, err = a.core.HashPassword(ctx, password)
	}
	if err != nil {
		return err
	}
	user.IsActive, user.Pending = true, false
	if user.DateJoined.IsZero() {
		user.DateJoined = a.core.Now()
	}
	err = a.core.Tx(ctx, clone.OnRetry(account, func(tx *core.Tx) error {
		if err := a.core.LockNew(tx, user); err != nil {
			return err
		}
		if err := a.core.AddUser(tx, account, a.firstComeFirstServed()); err != nil {
			return err
		}
		return tx.Record(config.EventUserCreated, config.Event{User: account})
	}))
	if errors.Is(err, core.ErrExists) {
		return a.core.Localized(a.lostRace(ctx, user))
	}
	return err
}

func (a *Auth) checkNewUser(ctx context.Context, user *models.User, password string) error {
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
	errs = append(errs, a.unavailable(ctx, &models.User{UsernameKey: user.UsernameKey, EmailKey: user.EmailKey}, a.firstComeFirstServed()))
	if password != "" {
		problems, err := a.core.PasswordProblems(ctx, password, user)
		if err != nil {
			return err
		}
		errs = append(errs, asField("password", problems))
	}
	return binding.Merge(errs...)
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
	email := a.core.NewEmail(userID, address)
	var done *core.Confirmation
	err = a.core.Tx(ctx, clone.OnRetry(account, func(tx *core.Tx) (err error) {
		if err := a.core.LockAddress(tx, email.Key); err != nil {
			return err
		}
		if err := tx.HaveEmail(email); err != nil {
			return err
		}
		e := config.Event{User: account, Email: email.Address}
		if done, err = a.core.Confirm(ctx, tx, e, email.Key); err != nil {
			return err
		}
		return recordConfirmed(tx, e, done.Primary)
	}))
	switch {
	case errors.Is(err, core.ErrNoRow):
		return ErrNoSuchUser
	case errors.Is(err, core.ErrExists):
		return a.core.Localized(binding.Invalid("email", core.ProblemTaken))
	case err != nil:
		return err
	}
	if done.Registered {
		a.core.After(ctx, config.EventRegister, done.Event)
	}
	if done.Primary {
		done.Displaced = append(done.Displaced, userID)
	}
	a.core.NotifyPrimaryChanged(ctx, done.Displaced)
	return nil
}

// recordConfirmed writes the events of ConfirmEmail to the audit trail.
func recordConfirmed(tx *core.Tx, e config.Event, primary bool) error {
	if primary {
		if err := tx.Record(config.EventEmailChange, e); err != nil {
			return err
		}
	}
	return tx.Record(config.EventVerify, e)
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
