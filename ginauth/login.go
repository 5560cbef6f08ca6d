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
		a.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "ginauth: refused a backend's new user: another account has the address, the ID "+
			"or, without SetBackend, the name; for a user who is in the table, the backend must return that row")
		err = errCredentials
	}
	if isRefusal(err) {
		a.loginFailed(c, cmp.Or(in.Email, in.Username), methodPassword)
	}
	return out, err
}

// errNotFree means that another account has the name of a backend's user, or the confirmed address.
var errNotFree = errors.New("ginauth: the name or address of a backend's user is not free")

// isRefusal reports whether an error says that credentials are wrong, their user inactive or the password to be reset.
func isRefusal(err error) bool {
	refused, ok := errors.AsType[*binding.Error](err)
	return ok && slices.ContainsFunc(refused.Fields[binding.NonField], func(p binding.Problem) bool {
		return p.Code == binding.CodeInvalidCredentials || p.Code == binding.CodeAccountInactive || p.Code == binding.CodePasswordReset
	})
}

func (a *Auth) tryLogin(c *gin.Context, in *binding.Login) (binding.LoginResponse, error) {
	var none binding.LoginResponse
	found, err := a.authenticate(c.Request.Context(), in)
	if err != nil {
		return none, err
	}
	if err := a.fitName(c.Request.Context(), &found); err != nil {
		return none, err
	}
	own, err := applyToCopy(c, found.account)
	if err != nil {
		return none, err
	}
	user := found.account.Base()
	if user.ID == 0 {
		return a.firstLogin(c, own, found.holder)
	}
	out, err := a.signIn(c, flow{account: own, method: methodPassword, work: func(tx *store.Tx) error {
		if found.renamed {
			if err := tx.UpdateProfile(user.ID, store.Profile{Username: user}); err != nil {
				return err
			}
		}
		if found.rehashed != "" {
			if err := tx.Rehash(user.ID, user.Password, found.rehashed); err != nil {
				return err
			}
		}
		return saveOwn(c, tx, found.account, own)
	}})
	switch {
	case errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrNotFound):
		err = errCredentials
	case found.renamed && errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrOwnExists):
		err = errNotFree
	}
	return out, err
}

// firstLogin logs a user in whom a backend knows and the table does not. holder is the account that
// has the name, where the new one goes without.
func (a *Auth) firstLogin(c *gin.Context, account models.Account, holder int64) (binding.LoginResponse, error) {
	var losers []int64 // of the address, which they have not confirmed
	var needs int64    // the sign-up that has no other way in than the address
	ctx := c.Request.Context()
	out, err := a.signIn(c, flow{
		account: account, method: methodPassword,
		work: func(tx *store.Tx) (err error) {
			needs, losers, err = a.adopt(c, tx, account)
			return err
		},
		committed: func() {
			a.logWithout(ctx, "name", account.Base(), holder)
			a.logWithout(ctx, "address", account.Base(), needs)
			a.after(ctx, config.EventRegister, a.event(c, account))
			a.notifyPrimaryChanged(ctx, losers)
		},
	})
	if errors.Is(err, store.ErrExists) {
		err = errNotFree
	}
	return out, err
}

// adopt stores a user whom a backend knows and the table does not. The backend vouches for the
// address: sign-ups that have not confirmed it lose it, and are returned as losers. It is not free if
// another account has confirmed it, or names it and did not come by sign-up: that may be an
// administrator's. If it is a sign-up's only way in, the new account goes without it.
func (a *Auth) adopt(c *gin.Context, tx *store.Tx, account models.Account) (needs int64, losers []int64, err error) {
	user := account.Base()
	if err := a.lockNew(tx, user); err != nil {
		return 0, nil, err
	}
	if needs, err = tx.OnlyWayIn(keyOf(user.EmailKey), a.now()); err != nil {
		return 0, nil, err
	}
	if needs != 0 {
		user.SetEmail("")
	}
	if err := applyOwn(c, tx, account); err != nil {
		return 0, nil, err
	}
	if err := a.addUser(tx, account, false); err != nil {
		return 0, nil, err
	}
	if err := a.before(c.Request.Context(), tx, config.EventRegister, a.event(c, account)); err != nil || user.Email == "" {
		return needs, nil, err
	}
	changed, err := tx.Confirm(user.ID, models.EmailKey(user.Email), a.now())
	return needs, changed.Losers, err
}
