package ginauth

// POST login/: the login by password, and the accounts of users that a backend vouches for.

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) loginRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "login", status: http.StatusOK, setsCookies: true,
		doc: "Log in with a name or address and a password.", form: a.cfg.Forms.Login,
	}, a.login)
}

// login answers POST login/. Credentials the request came with do not matter: a stale
// cookie never keeps anybody from logging in.
func (a *Auth) login(c *gin.Context, in *binding.Login) (binding.LoginResponse, error) {
	if _, err := a.grantFor(c.Request); err != nil { // else only a right password would be told
		return binding.LoginResponse{}, err
	}
	out, err := a.tryLogin(c, in)
	if errors.Is(err, errNotFree) { // another request may just have stored the same user of a backend's
		out, err = a.tryLogin(c, in)
	}
	if errors.Is(err, errNotFree) {
		a.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "ginauth: a backend returned a new user whose name or address belongs to another; "+
			"if he is in the table, it must return that row")
		err = errCredentials
	}
	if isRefusal(err) {
		a.loginFailed(c, cmp.Or(in.Email, in.Username), methodPassword)
	}
	return out, err
}

// errNotFree means that a backend's new user has a name or confirmed address that belongs to
// another account.
var errNotFree = errors.New("ginauth: the name or address of a backend's user is not free")

// isRefusal reports whether an error says that credentials are wrong, their user inactive or the password to be reset.
func isRefusal(err error) bool {
	refused, ok := errors.AsType[*binding.Error](err)
	return ok && slices.ContainsFunc(refused.Fields[binding.NonField], func(p binding.Problem) bool {
		return p.Code == binding.CodeInvalidCredentials || p.Code == binding.CodeAccountInactive || p.Code == binding.CodePasswordReset
	})
}

func (a *Auth) tryLogin(c *gin.Context, in *binding.Login) (binding.LoginResponse, error) {
	account, rehashed, err := a.authenticate(c.Request.Context(), in)
	if err != nil {
		return binding.LoginResponse{}, err
	}
	user := account.Base()
	own, err := applyToCopy(c, account)
	if err != nil {
		return binding.LoginResponse{}, err
	}
	if user.ID == 0 { // of a backend that knows somebody whom the table does not
		var losers []int64 // of the address, which they have not confirmed
		out, err := a.signIn(c, flow{
			account: own, method: methodPassword, work: func(tx *store.Tx) error { return a.adopt(c, tx, own, &losers) },
			committed: func() {
				a.after(c.Request.Context(), config.EventRegister, a.event(c, own))
				a.notifyPrimaryChanged(c.Request.Context(), losers)
			},
		})
		if errors.Is(err, store.ErrExists) {
			err = errNotFree
		}
		return out, err
	}
	out, err := a.signIn(c, flow{account: own, method: methodPassword, work: func(tx *store.Tx) error {
		if rehashed != "" {
			if err := tx.Rehash(user.ID, user.Password, rehashed); err != nil {
				return err
			}
		}
		return saveOwn(c, tx, account, own)
	}})
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrNotFound) {
		err = errCredentials
	}
	return out, err
}

// adopt stores a user whom a backend knows and the table does not. The backend vouches for the
// address: sign-ups that have not confirmed it lose it. It is not free if another account has
// confirmed it, or names it and did not come by sign-up: that may be an administrator's.
func (a *Auth) adopt(c *gin.Context, tx *store.Tx, account models.Account, losers *[]int64) error {
	user := account.Base()
	if err := a.lockNew(tx, user); err != nil {
		return err
	}
	if err := applyOwn(c, tx, account); err != nil {
		return err
	}
	if err := a.addUser(tx, account, false); err != nil {
		return err
	}
	if err := a.before(c.Request.Context(), tx, config.EventRegister, a.event(c, account)); err != nil || user.Email == "" {
		return err
	}
	changed, err := tx.Confirm(user.ID, models.EmailKey(user.Email), a.now())
	*losers = changed.Losers
	return err
}
