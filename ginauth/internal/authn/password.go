package authn

// The library's own backend: names and addresses, and passwords that are stored for them.

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// byPassword is the library's own backend. It runs the same queries and hashes for every name, known or not (T001 to T004).
func (a *Authenticator) byPassword(ctx context.Context, in *binding.Login) (Match, error) {
	var none Match
	email, username := a.loginKeys(in)
	mandatory := a.Config.EmailVerification == config.VerifyMandatory
	account, err := a.Store.UserByKeys(ctx, email, username, mandatory, a.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return none, err // a broken database is not a wrong password
	}
	result, err := a.VerifyPassword(ctx, account, in.Password)
	if err != nil {
		return none, err
	}
	rejected := a.rejection(account, result)
	switch {
	case rejected == nil:
		return Match{Account: account, Rehashed: result.Rehashed}, nil
	case errors.Is(rejected, ErrTruncated):
		a.LogTruncated(ctx, account.Base())
	case errors.Is(rejected, ErrNoMatch) && mandatory && email != "": // the same response after the same work
		if other := a.unconfirmedLogin(ctx, email, in.Password); !errors.Is(rejected, ErrInactive) || !errors.Is(other, ErrNoMatch) {
			rejected = other
		}
	}
	return none, rejected
}

// rejection returns why an account cannot be used with a password, or nil if it can.
func (a *Authenticator) rejection(account models.Account, result passhash.Result) error {
	switch {
	case account == nil:
		return ErrCredentials
	case result.Truncated && a.MayUse(account.Base()):
		return errPasswordReset
	case result.OK && a.MayUse(account.Base()):
		return nil
	case result.OK && !account.Base().IsActive && a.Config.AllowInactiveHint:
		return errInactive
	case result.OK:
		return a.unusable(account.Base())
	}
	return ErrCredentials
}

// VerifyPassword compares a password with a user's, or does the same work without a user. A stored password of a backend's
// user does not count.
func (a *Authenticator) VerifyPassword(ctx context.Context, account models.Account, password string) (passhash.Result, error) {
	if account == nil || a.Managed(account.Base()) {
		return a.Hasher.Verify(ctx, "", password)
	}
	return a.Hasher.Verify(ctx, account.Base().Password, password)
}

// LogTruncated logs why a user whose password hash was imported from another program cannot log in.
func (a *Authenticator) LogTruncated(ctx context.Context, user *models.User) {
	a.Config.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: rejected a password longer than 72 bytes: the stored bcrypt hash covers only the first 72, "+
		"so the rest could be anything; the user must reset the password", slog.Int64("user", user.ID))
}

// unconfirmedLogin tells the user who signed up last with an address, and knows the password, to confirm the address. It
// does so even if another account has confirmed or claims the address: otherwise the response would reveal that (T005).
func (a *Authenticator) unconfirmedLogin(ctx context.Context, email models.Key, password string) error {
	account, err := a.Store.LatestClaimant(ctx, email, a.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return guessed(err)
	}
	result, err := a.VerifyPassword(ctx, account, password)
	if err != nil {
		return guessed(err)
	}
	if account != nil && result.OK {
		return ErrUnverified
	}
	return ErrCredentials
}

// loginKeys returns the keys to look the user up by. An address in its own field wins. An address in the field for names is
// accepted if both are allowed.
func (a *Authenticator) loginKeys(in *binding.Login) (email, username models.Key) {
	byEmail := slices.Contains(a.Config.LoginMethods, config.LoginByEmail)
	byUsername := slices.Contains(a.Config.LoginMethods, config.LoginByUsername)
	if byEmail && in.Email != "" {
		return models.EmailKey(in.Email), ""
	}
	if !byUsername {
		return "", ""
	}
	if byEmail && strings.Contains(in.Username, "@") {
		email = models.EmailKey(in.Username)
	}
	return email, models.UsernameKey(in.Username)
}
