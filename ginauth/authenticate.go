package ginauth

// Authentication by name or address and password: backends first, then the database.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// isOurType refuses users whom other tables are for.
func (a *Auth) isOurType(account models.Account) error {
	if wanted := a.cfg.NewUser(); reflect.TypeOf(account) != reflect.TypeOf(wanted) {
		return fmt.Errorf("got %T, but Config.NewUser makes %T", account, wanted)
	}
	return nil
}

var (
	errInactive = binding.Invalid(binding.NonField, binding.Problem{
		Code: binding.CodeAccountInactive})
	errMissingLogin = binding.Invalid(binding.NonField, binding.Problem{
		Code: binding.CodeMissingLogin})
)

// authenticate finds whose name and password these are. The second result is a renewed encoding
// of the password, where the stored one is out of date. Whatever the reason for a no, it is
// the same answer.
func (a *Auth) authenticate(ctx context.Context, in *binding.Login) (models.Account, string, error) {
	if email, username := a.loginKeys(in); email == "" && username == "" {
		return nil, "", errMissingLogin
	}
	given := config.Credentials{Username: in.Username, Email: in.Email, Password: in.Password}
	return a.askBackends(ctx, given, func() (models.Account, string, error) { return a.byPassword(ctx, in) })
}

// askBackends asks one backend after the other until one knows whose credentials these are;
// byPassword is what config.PasswordBackend stands for.
func (a *Auth) askBackends(ctx context.Context, given config.Credentials, byPassword func() (models.Account, string, error)) (models.Account, string, error) {
	refused := errCredentials
	for _, backend := range a.cfg.Backends {
		if _, own := backend.(config.PasswordBackend); own {
			account, rehashed, err := byPassword()
			switch err {
			case errCredentials: //nolint:errorlint // the very values: other refusals have the same code
			case errPasswordReset: // another backend may know the user
				refused = errPasswordReset
			default:
				return account, rehashed, err
			}
			continue
		}
		account, err := backend.Authenticate(ctx, given)
		if err != nil {
			return nil, "", fmt.Errorf("backend %T: %w", backend, err)
		}
		if account != nil && !reflect.ValueOf(account).IsZero() { // nor a nil pointer in it
			if err := a.isOurType(account); err != nil {
				return nil, "", fmt.Errorf("backend %T: %w", backend, err)
			}
			return a.fromBackend(ctx, account)
		}
	}
	return nil, "", refused
}

// defaultBackend is what models.User.Backend says of a backend that gives no name.
const defaultBackend = "backend"

var problemManaged = binding.Problem{Code: binding.CodeManagedElsewhere}

// fromBackend finds the account of a new user of a backend's, or makes the new user complete.
func (a *Auth) fromBackend(ctx context.Context, account models.Account) (models.Account, string, error) {
	user := account.Base()
	if user.ID == 0 {
		user.Backend = cmp.Or(user.Backend, defaultBackend)
		known, err := a.store.UserOfBackend(ctx, user.Backend, keyOf(user.BackendID))
		switch {
		case err == nil:
			account, user = known, known.Base()
		case !errors.Is(err, store.ErrNotFound):
			return nil, "", err
		}
	}
	if user.ID != 0 {
		if !a.exists(user) {
			return nil, "", errCredentials
		}
		return account, "", nil
	}
	unusable, err := passhash.Unusable(a.cfg.Rand)
	if err != nil {
		return nil, "", errInternal.Because(err)
	}
	user.SetUsername(user.Username)
	user.SetEmail(user.Email)
	user.Password, user.IsActive, user.DateJoined = unusable, true, a.now()
	return account, "", nil
}

// byPassword is the library's own backend: the same queries and hashes, whoever asks for whom
// (T001 to T004).
func (a *Auth) byPassword(ctx context.Context, in *binding.Login) (models.Account, string, error) {
	email, username := a.loginKeys(in)
	mandatory := a.cfg.EmailVerification == config.VerifyMandatory
	account, err := a.store.UserByKeys(ctx, email, username, mandatory, a.now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, "", err // a broken database is not a wrong password
	}
	result, err := a.verify(ctx, account, in.Password)
	result.OK = result.OK && account != nil
	switch {
	case err != nil:
		return nil, "", err
	case result.Truncated && account != nil && a.exists(account.Base()):
		a.logTruncated(ctx, account.Base())
		return nil, "", errPasswordReset
	case (!result.OK || !a.exists(account.Base()) && !a.cfg.AllowInactiveHint) && mandatory && email != "": // one answer after the same work
		return nil, "", a.unconfirmedLogin(ctx, email, in.Password)
	case !result.OK:
		return nil, "", errCredentials
	case !account.Base().IsActive && a.cfg.AllowInactiveHint:
		return nil, "", errInactive
	case !account.Base().IsActive:
		return nil, "", errCredentials
	}
	return account, result.Rehashed, nil
}

// verify compares a password with that of a user, or does the same work without one. A password that is stored
// for a user of a backend does not count.
func (a *Auth) verify(ctx context.Context, account models.Account, password string) (passhash.Result, error) {
	if account == nil || a.managed(account.Base()) {
		return a.hasher.Verify(ctx, "", password)
	}
	return a.hasher.Verify(ctx, account.Base().Password, password)
}

// logTruncated says why a user whose password was taken over from another program cannot log in.
func (a *Auth) logTruncated(ctx context.Context, user *models.User) {
	a.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: refused a password longer than 72 bytes: the stored bcrypt hash covers only the first 72, "+
		"and what follows could be anything; the user has to reset the password", slog.Int64("user", user.ID))
}

// unconfirmedLogin tells the user who signed up with an address last, and knows the password, that
// it has to be confirmed. It does the same where another account has confirmed or claims it, or the
// response would tell that (T005).
func (a *Auth) unconfirmedLogin(ctx context.Context, email models.Key, password string) error {
	account, err := a.store.LatestClaimant(ctx, email, a.now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	result, err := a.verify(ctx, account, password)
	if err != nil {
		return err
	}
	if account != nil && result.OK {
		return errUnverified
	}
	return errCredentials
}

// loginKeys returns what to look the user up by. An address in its own field wins; one
// typed into the field for names is taken where both are allowed.
func (a *Auth) loginKeys(in *binding.Login) (email, username models.Key) {
	byEmail := slices.Contains(a.cfg.LoginMethods, config.LoginByEmail)
	byUsername := slices.Contains(a.cfg.LoginMethods, config.LoginByUsername)
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
