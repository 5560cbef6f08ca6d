package config

import (
	"context"

	"github.com/ginauth/gin-rest-auth/models"
)

// Credentials are what POST login/ was sent or, where a user shows his password once more, it and
// his name; his address instead, where he has no name.
type Credentials struct {
	Username string // as typed; may be an address where both are allowed
	Email    string // as typed into its own field; empty where it was not
	Password string // as typed; must not be logged or kept
}

// Backend checks a password: against the user table, a directory, an old system. The ones in
// Config.Backends are asked in order until one knows.
type Backend interface {
	// Authenticate returns whose credentials these are, or nil for credentials that it
	// does not know, also for a wrong password. It must take the same time for users that
	// it knows and others (T002). An error means that it could not decide: the login is
	// answered 503.
	//
	// The user is of the type that NewUser makes: one of the table, or a new one without
	// ID. Call SetBackend on a new one, with a name for the backend and the user's ID in it: if
	// an account has that pair, the login is for that account as it is stored, whatever else the new
	// user says. So the backend needs no query, and an account follows the person, not the name.
	//
	// Otherwise the new user is stored, active and without a password. Its name must be free. Its
	// address counts as confirmed, since the backend vouches for it: it must not be that of another
	// account, unless only sign-ups have it that never confirmed it. Users that were stored like
	// this, with SetBackend or without, cannot change their name or log in in other ways, see
	// Config.AllowBackendRename and Config.AllowBackendLocalLogin.
	Authenticate(ctx context.Context, c Credentials) (models.Account, error)
}

// PasswordBackend stands for the library's own backend: the passwords in the user table.
type PasswordBackend struct{}

// Authenticate is never called: the library does what it stands for itself.
func (PasswordBackend) Authenticate(context.Context, Credentials) (models.Account, error) {
	return nil, nil
}

// BackendFunc makes a Backend of a function.
type BackendFunc func(ctx context.Context, c Credentials) (models.Account, error)

// Authenticate calls f.
func (f BackendFunc) Authenticate(ctx context.Context, c Credentials) (models.Account, error) {
	return f(ctx, c)
}
