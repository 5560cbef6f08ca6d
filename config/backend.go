package config

import (
	"context"

	"github.com/ginauth/gin-rest-auth/models"
)

// Credentials are what a client sent to POST login/. Where a user re-enters the password, they are
// that password and the user's name, or the address of a user who has no name.
type Credentials struct {
	Username string // as typed; may be an address where both are allowed
	Email    string // as typed into its own field; empty where it was not
	Password string // as typed; must not be logged or kept
}

// Backend checks a password: against the user table, a directory, an old system. The ones in
// Config.Backends are asked in order until one knows.
type Backend interface {
	// Authenticate returns the user of these credentials, or nil for unknown ones and for a
	// wrong password. It must take the same time for known and unknown users. An error means
	// that it could not decide: the response is 503.
	//
	// The user is of the type that NewUser makes: one of the table, or a new one without
	// ID. Call SetBackend on a new one, with a name for the backend and the user's ID in it. If
	// an account has that pair, the login is for the stored account. That gets the new user's name if
	// the name has changed in the backend and no other account has it. The rest of the new user is
	// ignored. So the backend needs no query, and an account follows the person, not the name.
	//
	// Otherwise the new user is stored, active and without a password. If another account has the
	// name, the new one has none until a login finds it free; without SetBackend the login is refused.
	// The address counts as confirmed, since the backend vouches for it. It must not belong to another
	// account, except to sign-ups that have not confirmed it. If it is the only way in for one of
	// these, the new account starts without an address. Users that were stored like this, with
	// SetBackend or without, cannot change their name or log in in other ways; see
	// Config.AllowBackendRename and Config.AllowBackendLocalLogin.
	Authenticate(ctx context.Context, c Credentials) (models.Account, error)
}

// PasswordBackend stands for the library's own backend: the passwords in the user table.
type PasswordBackend struct{}

// Authenticate is never called: the library does what it stands for itself.
func (PasswordBackend) Authenticate(context.Context, Credentials) (models.Account, error) {
	return nil, nil
}

// BackendFunc is a function as a Backend.
type BackendFunc func(ctx context.Context, c Credentials) (models.Account, error)

// Authenticate calls f.
func (f BackendFunc) Authenticate(ctx context.Context, c Credentials) (models.Account, error) {
	return f(ctx, c)
}
