package ginauth

// Users for applications: CreateUser, ConfirmEmail, SetActive.

import (
	"context"
	"errors"
	"fmt"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// ErrNoSuchUser is returned by the calls that take the ID of a user, and by [Auth.LogIn].
var ErrNoSuchUser = errors.New("ginauth: no such user")

// CreateUser stores a new, active user without a login, for command lines,
// imports and fixtures:
//
//	user := &models.User{Username: "ann", Email: "ann@example.com", IsStaff: true}
//	err := auth.CreateUser(ctx, user, password)
//
// account is of the type that Config.NewUser makes; its ID, keys, password, DateJoined
// (unless set) and IsActive are filled in, everything else is stored unchanged. An
// empty password makes an account that cannot log in with one.
//
// Names, addresses and passwords must follow the rules of registration: problems are
// returned as a *binding.Error with the fields username, email and password. The address
// is not confirmed; see [Auth.ConfirmEmail].
func (a *Auth) CreateUser(ctx context.Context, account models.Account, password string) error {
	if err := a.isOurType(account); err != nil {
		return fmt.Errorf("ginauth: CreateUser %w", err)
	}
	user := account.Base()
	user.SetUsername(user.Username)
	user.SetEmail(user.Email)
	err := a.checkNewUser(ctx, user, password)
	if err != nil {
		return a.explained(err)
	}
	if password == "" {
		user.Password, err = passhash.Unusable(a.cfg.Rand)
	} else {
		user.Password, err = a.hasher.Hash(ctx, password)
	}
	if err != nil {
		return err
	}
	user.IsActive, user.Pending = true, false
	if user.DateJoined.IsZero() {
		user.DateJoined = a.now()
	}
	err = a.store.Tx(ctx, restoreOnRetry(account, func(tx *store.Tx) error {
		if err := a.lockNew(tx, user); err != nil {
			return err
		}
		return a.addUser(tx, account, a.firstComeFirstServed())
	}))
	if errors.Is(err, store.ErrExists) {
		return a.explained(a.lostRace(ctx, user))
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
		problems, err := a.passwordProblems(ctx, password, user)
		if err != nil {
			return err
		}
		errs = append(errs, asField("password", problems))
	}
	return binding.Merge(errs...)
}

// ConfirmEmail confirms an address of a user without a mail, because the application knows that
// it is theirs: for command lines and imports. An address that the user does not have yet is
// added. As when the user confirms it, other accounts lose it, and it becomes the primary address
// if that is not confirmed. A pending sign-up is then complete: BeforeRegister may refuse it, and
// AfterRegister is called; of the other hooks only AfterEmailChange is called. It returns
// [ErrNoSuchUser] if there is no user with that ID, and a *binding.Error if another user has
// confirmed the address, or it is invalid.
func (a *Auth) ConfirmEmail(ctx context.Context, userID int64, address string) error {
	if !binding.ValidEmail(address) {
		return a.explained(binding.Invalid("email", binding.Problem{Code: binding.CodeInvalidEmail}))
	}
	account, err := a.store.UserByID(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoSuchUser
	}
	if err != nil {
		return err
	}
	email := newEmail(userID, address, a.now())
	var done *confirmation
	err = a.store.Tx(ctx, restoreOnRetry(account, func(tx *store.Tx) (err error) {
		if err := a.lockAddress(tx, email.Key); err != nil {
			return err
		}
		if err := tx.HaveEmail(email); err != nil {
			return err
		}
		done, err = a.confirm(ctx, tx, config.Event{User: account, Email: email.Address}, email.Key)
		return err
	}))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return ErrNoSuchUser
	case errors.Is(err, store.ErrExists):
		return a.explained(binding.Invalid("email", problemTaken))
	case err != nil:
		return err
	}
	if done.registered {
		a.after(ctx, config.EventRegister, done.event)
	}
	if done.primary {
		done.losers = append(done.losers, userID)
	}
	a.notifyPrimaryChanged(ctx, done.losers)
	return nil
}

// SetActive activates or deactivates a user. Deactivating also ends all their sessions.
// It returns [ErrNoSuchUser] if there is no user with that ID.
func (a *Auth) SetActive(ctx context.Context, userID int64, active bool) error {
	err := a.store.SetActive(ctx, userID, active)
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoSuchUser
	}
	return err
}
