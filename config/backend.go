package config

import (
	"context"

	"github.com/ginauth/gin-rest-auth/models"
)

// Credentials are what a client sent to POST login/. When a logged-in user re-enters the password, they
// have that password and the user's name, or the address of a user without a name.
type Credentials struct {
	Username string // as typed; can be an address if users can log in by name and by address
	Email    string // as typed into the field for addresses; else empty
	Password string // as typed; do not log or store it
}

// Backend checks passwords, for example in a directory or an old system. The backends in Config.Backends
// are asked in order until one knows the user. See [BackendFunc] for an example.
type Backend interface {
	// Authenticate returns the user with these credentials. It returns nil if it does not know the user or
	// the password is wrong. It must take the same time in both cases, or attackers learn who has an
	// account. A *binding.Error goes to the client; any other error means that the backend could not
	// decide, and the response is 503.
	//
	// The user has the type that NewUser makes. It is a row of the users' table, or a new user without
	// ID. Call SetBackend on a new user, with a name for the backend and the user's ID in it. If an account
	// has both, the login is for that account. The account gets the new user's name if the name has
	// changed in the backend and no other account has it; the rest of the new user is ignored. So the backend
	// needs no query, and an account follows the person, not the name.
	//
	// If there is no such account, the new user is stored: active, without a password, and with a confirmed
	// address. If another account has the name, the new account has no name until a login finds it
	// free; without SetBackend that login fails. If another account has the address, the login fails.
	// Only sign-ups that have not confirmed the address lose it. If such a sign-up has no other way to log
	// in, it keeps the address, and the new account starts without one.
	//
	// Users that were stored like this, with or without SetBackend, cannot change their name or log in
	// in other ways; see Config.AllowBackendRename and Config.AllowBackendLocalLogin.
	Authenticate(ctx context.Context, c Credentials) (models.Account, error)
}

// PasswordBackend is the library's own backend, the passwords in the users' table.
type PasswordBackend struct{}

// Authenticate returns nil. The library never calls it and checks the password itself.
func (PasswordBackend) Authenticate(context.Context, Credentials) (models.Account, error) {
	return nil, nil
}

// BackendFunc is a function that implements [Backend].
type BackendFunc func(ctx context.Context, c Credentials) (models.Account, error)

// Authenticate calls f.
func (f BackendFunc) Authenticate(ctx context.Context, c Credentials) (models.Account, error) {
	return f(ctx, c)
}
