package authn

// Authentication by name or address and password.

import (
	"context"
	"errors"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// Authenticate finds the user with this name or address and password. If a backend found the user by its ID, the match has
// the name that the account gets. Any wrong credentials are [ErrCredentials].
func (a *Authenticator) Authenticate(ctx context.Context, in *binding.Login) (Match, error) {
	if email, username := a.loginKeys(in); email == "" && username == "" {
		return Match{}, errMissingLogin
	}
	given := config.Credentials{Username: in.Username, Email: in.Email, Password: in.Password}
	found, err := a.askBackends(ctx, given, func() (Match, error) { return a.byPassword(ctx, in) })
	if err == nil {
		err = a.fitName(ctx, &found)
	}
	return found, err
}

// IsPassword reports whether a password belongs to a user. It asks the backends.
func (a *Authenticator) IsPassword(ctx context.Context, account models.Account, password string) (bool, error) {
	user := account.Base()
	given := config.Credentials{Username: user.Username, Password: password}
	if user.Username == "" {
		given.Email = user.Email
	}
	found, err := a.askBackends(ctx, given, func() (Match, error) {
		result, err := a.VerifyPassword(ctx, account, password)
		switch {
		case err == nil && result.Truncated:
			a.LogTruncated(ctx, user)
			err = errPasswordReset
		case err == nil && !result.OK:
			err = ErrCredentials
		}
		return Match{Account: account}, err
	})
	if errors.Is(err, ErrNoMatch) {
		return false, nil
	}
	return err == nil && found.Account.Base().ID == user.ID, err
}
