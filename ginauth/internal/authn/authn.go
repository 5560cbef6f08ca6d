// Package authn finds the user with a name or address and a password. It asks the application's backends and the library's
// own.
package authn

// Authenticator: its fields, which accounts can be used, and the errors of credentials.

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// Reasons of errors, for errors.Is: a *binding.Error is equal to every other one with its code.
var (
	ErrNoMatch   = errors.New("ginauth: the credentials match no account")
	ErrTruncated = errors.New("ginauth: the stored hash covers only the beginning of the password")
	ErrGuessed   = errors.New("after a wrong password")
	ErrInactive  = fmt.Errorf("%w: the account cannot be used", ErrNoMatch) // the password is right
)

// guessed marks an error that came after a password was found wrong. The client can tell it from a right one, so it is a guess.
func guessed(err error) error { return fmt.Errorf("%w, %w", err, ErrGuessed) }

// Errors of credentials.
var (
	ErrCredentials   = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeInvalidCredentials}).Because(ErrNoMatch)
	ErrUnverified    = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeEmailUnverified})
	errUnusable      = ErrCredentials.Because(ErrInactive) // the same for the client
	errPasswordReset = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodePasswordReset}).Because(ErrTruncated)
	errBanned        = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeAccountBanned}).Because(ErrInactive)
	errInactive      = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeAccountInactive})
	errMissingLogin  = binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeMissingLogin})
)

// Authenticator checks credentials. It is safe for concurrent use once its fields are set.
type Authenticator struct {
	Config *config.Config
	Store  *store.Store
	Hasher *passhash.Hasher
	Now    func() time.Time // rounded as the database stores it

	renames sync.Map // logged renames in a directory: the IDs of the user and of the account that has the name
}

// OpenHasher makes the configured hasher.
func (a *Authenticator) OpenHasher() (err error) {
	h := a.Config.Hash
	a.Hasher, err = passhash.New(passhash.Params{
		Algorithm: h.Algorithm, Memory: h.Memory, Time: h.Time, Threads: h.Threads, Cost: h.Cost, Django: h.Django,
		Parallel: h.Parallel, Wait: h.Wait, Rand: a.Config.Rand,
	})
	return err
}

// MayUse reports whether an account can be used at all.
func (a *Authenticator) MayUse(u *models.User) bool { return a.exists(u) && !u.IsBanned(a.Now()) }

// exists reports whether an account can be used unless it is banned.
func (a *Authenticator) exists(u *models.User) bool {
	return u.IsActive && (u.DeleteAt == nil || a.Now().Before(*u.DeleteAt) || u.IsBanned(a.Now())) // a ban holds the deletion
}

// unusable returns the error for a client that has proved to be the user of an account which cannot be used. A ban is told
// to such clients only.
func (a *Authenticator) unusable(u *models.User) error {
	if a.exists(u) && u.IsBanned(a.Now()) {
		return errBanned
	}
	return errUnusable
}

// Managed reports whether only a backend may log a user in.
func (a *Authenticator) Managed(user *models.User) bool {
	return user.Backend != "" && !a.Config.AllowBackendLocalLogin
}

// IsOurType returns an error for nil and for users of another type, whose rows are in another table.
func (a *Authenticator) IsOurType(account models.Account) error {
	if wanted := a.Config.NewUser(); reflect.TypeOf(account) != reflect.TypeOf(wanted) {
		return fmt.Errorf("got %T, but Config.NewUser makes %T", account, wanted)
	}
	if reflect.ValueOf(account).IsZero() {
		return fmt.Errorf("got a nil %T", account)
	}
	return nil
}
