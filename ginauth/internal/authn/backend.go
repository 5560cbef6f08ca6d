package authn

// Backends: who knows the credentials, which account that is, and by which name it goes.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"unicode/utf8"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// A Match says whose credentials these are, and what their login stores.
type Match struct {
	Account  models.Account
	Rehashed string // the password in today's encoding, where the stored one is out of date
	name     string // the name that a backend has for its user
	Renamed  bool   // the stored account gets that name
	Holder   int64  // of a new account that goes without that name: the account that has it
}

// askBackends asks one backend after the other until one knows whose credentials these are;
// byPassword is what config.PasswordBackend stands for.
func (a *Authenticator) askBackends(ctx context.Context, given config.Credentials, byPassword func() (Match, error)) (Match, error) {
	refused := ErrCredentials
	for _, backend := range a.Config.Backends {
		if _, own := backend.(config.PasswordBackend); own {
			found, err := byPassword()
			switch {
			case errors.Is(err, ErrNoMatch):
			case errors.Is(err, ErrTruncated): // another backend may know the user
				refused = errPasswordReset
			default:
				return found, err
			}
			continue
		}
		account, err := backend.Authenticate(ctx, given)
		if err != nil {
			return Match{}, fmt.Errorf("backend %T: %w", backend, err)
		}
		if account != nil && !reflect.ValueOf(account).IsZero() { // nor a nil pointer in it
			if err := a.IsOurType(account); err != nil {
				return Match{}, fmt.Errorf("backend %T: %w", backend, err)
			}
			return a.fromBackend(ctx, account)
		}
	}
	return Match{}, refused
}

// defaultBackend is what models.User.Backend says of a backend that gives no name.
const defaultBackend = "backend"

// fromBackend finds the account of a new user of a backend's, or makes the new user complete.
func (a *Authenticator) fromBackend(ctx context.Context, account models.Account) (Match, error) {
	found, user := Match{Account: account}, account.Base()
	if user.ID == 0 {
		found.name = user.Username
		user.Backend = cmp.Or(user.Backend, defaultBackend)
		known, err := a.Store.UserOfBackend(ctx, user.Backend, user.BackendID.OrEmpty())
		switch {
		case err == nil:
			found.Account, user = known, known.Base()
		case !errors.Is(err, store.ErrNotFound):
			return Match{}, err
		}
	}
	if user.ID != 0 {
		if !a.MayUse(user) {
			return Match{}, ErrCredentials
		}
		return found, nil
	}
	user.Password = "" // no column of a backend is a credential here
	return found, a.Complete(user)
}

// maxName is how many characters a stored name or its key may have.
const maxName = 150

// fitName decides the name of an account that is found by its ID in a backend. It is the name that
// the backend has for the user, if no other account has it: else a new account has none, and a
// stored one keeps its own. With AllowBackendRename a stored one keeps its own in any case. Without
// an ID in the backend, the name is all that tells who the user is, and stays.
func (a *Authenticator) fitName(ctx context.Context, found *Match) error {
	user, wanted := found.Account.Base(), &models.User{}
	wanted.SetUsername(found.name)
	key, stored := wanted.UsernameKey.OrEmpty(), user.ID != 0
	switch {
	case key == "" || user.BackendID == nil:
		return nil
	case stored && (key == user.UsernameKey.OrEmpty() || user.Username != "" && a.Config.AllowBackendRename):
		return nil
	case stored && max(utf8.RuneCountInString(wanted.Username), utf8.RuneCountInString(string(key))) > maxName:
		return nil
	}
	holder, err := a.Store.UserOfName(ctx, key, user.ID)
	switch {
	case err != nil:
		return err
	case holder == 0:
		user.SetUsername(found.name)
		found.Renamed = stored
	case !stored:
		user.SetUsername("")
		found.Holder = holder
	case user.Username != "": // or it was logged when the account was stored
		a.logKept(ctx, user.ID, holder)
	}
	return nil
}

// logKept tells the operator, once, that a name in a directory did not reach the account of its user.
func (a *Authenticator) logKept(ctx context.Context, user, other int64) {
	if _, logged := a.renames.LoadOrStore([2]int64{user, other}, true); !logged {
		a.Config.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: a backend's user keeps the name they had, since another account has the new one",
			slog.Int64("user", user), slog.Int64("other", other))
	}
}

// LogWithout tells the operator that a backend's new user got an account without something that
// another account has. Nothing is logged when there is no other account.
func (a *Authenticator) LogWithout(ctx context.Context, what string, user *models.User, other int64) {
	if other != 0 {
		a.Config.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: a backend's new user got an account without the "+what+", which another account has",
			slog.Int64("user", user.ID), slog.Int64("other", other))
	}
}

// Complete fills in what a new user needs.
func (a *Authenticator) Complete(user *models.User) error {
	user.SetUsername(user.Username)
	user.SetEmail(user.Email)
	user.IsActive, user.DateJoined = true, a.Now()
	if user.Password != "" {
		return nil
	}
	unusable, err := passhash.Unusable(a.Config.Rand)
	if err != nil {
		return respond.ErrInternal.Because(err)
	}
	user.Password = unusable
	return nil
}
