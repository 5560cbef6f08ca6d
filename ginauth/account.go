package ginauth

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// ErrNoSuchUser is returned by [Auth.SetActive].
var ErrNoSuchUser = errors.New("ginauth: no such user")

// CreateUser stores a new, active user without logging anybody in, for command lines,
// imports and fixtures:
//
//	user := &models.User{Username: "ann", Email: "ann@example.com", IsStaff: true}
//	err := auth.CreateUser(ctx, user, password)
//
// account is of the type that Config.NewUser makes; its ID, keys, password, DateJoined
// (unless set) and IsActive are filled in, everything else is stored as it is. An
// empty password makes an account that cannot log in with one.
//
// Names, addresses and passwords are held to the rules of registration: what is wrong
// comes back as a *binding.Error with the fields username, email and password.
func (a *Auth) CreateUser(ctx context.Context, account models.Account, password string) error {
	if wanted := a.cfg.NewUser(); reflect.TypeOf(account) != reflect.TypeOf(wanted) {
		return fmt.Errorf("ginauth: CreateUser got %T, but Config.NewUser makes %T", account, wanted)
	}
	user := account.Base()
	user.SetUsername(user.Username)
	user.SetEmail(user.Email)
	if err := a.checkNewUser(ctx, user, password); err != nil {
		return err
	}
	var err error
	if password == "" {
		user.Password, err = passhash.Unusable(a.cfg.Rand)
	} else {
		user.Password, err = a.hasher.Hash(ctx, password)
	}
	if err != nil {
		return err
	}
	user.IsActive = true
	if user.DateJoined.IsZero() {
		user.DateJoined = a.now()
	}
	err = a.store.Tx(ctx, func(tx *store.Tx) error { return tx.CreateUser(account) })
	if errors.Is(err, store.ErrExists) {
		return a.lostRace(ctx, &models.User{UsernameKey: user.UsernameKey, EmailKey: user.EmailKey})
	}
	return err
}

func (a *Auth) checkNewUser(ctx context.Context, user *models.User, password string) error {
	var errs []error
	if user.Username == "" && user.Email == "" {
		errs = append(errs, binding.Invalid("username", binding.Problem{
			Code: binding.CodeRequired, Message: "Give a name or an address."}))
	}
	if user.Username != "" && !binding.ValidUsername(user.Username) {
		errs = append(errs, binding.Invalid("username", binding.Problem{
			Code: binding.CodeInvalidUsername, Message: "Use letters, digits and . + - _ only."}))
	}
	if user.Email != "" && !binding.ValidEmail(user.Email) {
		errs = append(errs, binding.Invalid("email", binding.Problem{
			Code: binding.CodeInvalidEmail, Message: "This is not an e-mail address."}))
	}
	errs = append(errs, a.taken(ctx, &models.User{UsernameKey: user.UsernameKey, EmailKey: user.EmailKey}))
	if password != "" {
		problems, err := a.passwordProblems(ctx, password, user)
		if err != nil {
			return err
		}
		errs = append(errs, asField("password", problems))
	}
	return binding.Merge(errs...)
}

// SetActive activates or deactivates a user. Deactivating also ends all his sessions.
// It returns [ErrNoSuchUser] when there is none with that ID.
func (a *Auth) SetActive(ctx context.Context, userID int64, active bool) error {
	err := a.store.SetActive(ctx, userID, active)
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoSuchUser
	}
	return err
}
