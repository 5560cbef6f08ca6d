package authn

// Backends: which one accepts the credentials, which account they belong to, and the name of that account.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"unicode/utf8"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// A Match is the user that credentials belong to, and what their login stores.
type Match struct {
	Account  models.Account
	Rehashed string // the password in the current encoding if the stored one is outdated
	name     string // the user's name in the backend
	Renamed  bool   // the stored account gets that name
	Holder   int64  // if a new account does not get that name: the account that has it
}

// askBackends asks one backend after the other until one accepts the credentials. byPassword takes the place of
// config.PasswordBackend.
func (a *Authenticator) askBackends(ctx context.Context, given config.Credentials, byPassword func() (Match, error)) (Match, error) {
	refused, wrong := error(ErrCredentials), false
	for _, backend := range a.Config.Backends {
		if _, own := backend.(config.PasswordBackend); own {
			found, err := byPassword()
			switch {
			case errors.Is(err, ErrInactive): // of a banned user, another error
				refused = err
			case errors.Is(err, ErrNoMatch):
			case errors.Is(err, ErrTruncated): // another backend may know the user
				refused = errPasswordReset
			default:
				if err != nil && wrong && !errors.Is(err, ErrUnverified) { // a backend before this one has compared the password
					err = guessed(err)
				}
				return found, err
			}
			wrong = true
			continue
		}
		account, err := backend.Authenticate(ctx, given)
		if err != nil {
			err = fmt.Errorf("backend %T: %w", backend, err)
			if answer, ok := errors.AsType[*binding.Error](err); wrong || ok && answer.Status < http.StatusInternalServerError {
				err = guessed(err)
			}
			return Match{}, err
		}
		if account != nil && !reflect.ValueOf(account).IsZero() { // also false for a nil pointer in it
			if err := a.IsOurType(account); err != nil {
				return Match{}, fmt.Errorf("backend %T: %w", backend, err)
			}
			return a.fromBackend(ctx, account)
		}
		wrong = true
	}
	return Match{}, refused
}

// defaultBackend is the models.User.Backend of backends that give no name.
const defaultBackend = "backend"

// fromBackend finds the account of a user that a backend returned as new, or completes the new user.
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
			return Match{}, a.unusable(user)
		}
		return found, nil
	}
	user.Password = "" // no column of a backend is a credential here
	return found, a.Complete(user)
}

// maxName is the maximum length of a stored name or its key, in characters.
const maxName = 150

// fitName chooses the name of an account that is found by its ID in a backend. It is the user's name in the backend unless
// another account has that name: then a new account gets no name, and a stored one keeps its name. With AllowBackendRename a
// stored account always keeps its name. Without an ID in the backend, only the name identifies the user, so it does not
// change.
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

// logKept logs once that a user's new name in a directory was not applied to the account.
func (a *Authenticator) logKept(ctx context.Context, user, other int64) {
	if _, logged := a.renames.LoadOrStore([2]int64{user, other}, true); !logged {
		a.Config.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: a backend's user keeps their previous name because another account has the new one",
			slog.Int64("user", user), slog.Int64("other", other))
	}
}

// LogWithout logs that a backend's new user got an account without something that another account already has. It logs
// nothing if other is 0.
func (a *Authenticator) LogWithout(ctx context.Context, what string, user *models.User, other int64) {
	if other != 0 {
		a.Config.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: a backend's new user got an account without the "+what+" because another account has it",
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
