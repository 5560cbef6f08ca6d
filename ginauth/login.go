package ginauth

// POST login/: the login by password, and the accounts of users that a backend has authenticated.

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

func (a *Auth) loginRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "login", Tag: "Logging in", SetsCookies: true, Limit: core.LimitGuess,
		Doc: "Log in with a user name or e-mail address and a password.", Form: a.cfg.Forms.Login,
		Answers: []any{binding.LoginResponse{}},
	}, a.login)
}

// login answers POST login/. It ignores the credentials that the request came with: an expired cookie never
// prevents a login.
func (a *Auth) login(c *gin.Context, in *binding.Login) (any, error) {
	if err := a.core.CheckGrant(c.Request); err != nil {
		return nil, err
	}
	attempt, err := a.core.GuessLogin(c, core.LoginIdentifiers(in.Email, in.Username)...)
	if err != nil {
		return nil, err
	}
	out, err := a.tryLogin(c, in, attempt)
	if errors.Is(err, errNotFree) { // a concurrent request may have stored the same backend user
		out, err = a.tryLogin(c, in, attempt)
	}
	if errors.Is(err, errNotFree) {
		a.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "ginauth: rejected the new user of a backend: another account has the address, the ID "+
			"or, without SetBackend, the name; if the user is in the table already, the backend must return that row")
		err = core.ErrCredentials
	}
	if isRefusal(err) {
		a.core.LoginFailed(c, cmp.Or(in.Email, in.Username), core.MethodPassword)
	} else if err != nil && !errors.Is(err, core.ErrGuessed) {
		attempt.GiveBack(c)
	}
	return out, err
}

// errNotFree means that another account has the name of a backend's user, or has confirmed their address.
var errNotFree = errors.New("ginauth: the name or address of a backend's user is taken")

// isRefusal reports whether an error is about the credentials: wrong, of an inactive or banned user, or of a password that
// must be reset.
func isRefusal(err error) bool {
	refused, ok := errors.AsType[*binding.Error](err)
	return ok && slices.ContainsFunc(refused.Fields[binding.NonField], func(p binding.Problem) bool {
		return p.Code == binding.CodeInvalidCredentials || p.Code == binding.CodeAccountInactive || p.Code == binding.CodeAccountBanned || p.Code == binding.CodePasswordReset
	})
}

func (a *Auth) tryLogin(c *gin.Context, in *binding.Login, attempt *core.Attempt) (any, error) {
	f, err := a.core.Authenticate(c.Request.Context(), in)
	if err != nil {
		return nil, err
	}
	known, store := f.Account, f.Work
	f.Attempt, f.Short = attempt, core.Shortens(in.Remember)
	if f.Account, err = a.core.ApplyToCopy(c, known); err != nil {
		return nil, err
	}
	if known.Base().ID == 0 {
		out, err := a.core.SignInNew(c, f)
		if errors.Is(err, core.ErrExists) {
			err = errNotFree
		}
		return out, err
	}
	f.Work = func(tx *core.Tx) error {
		if err := store(tx); err != nil {
			return err
		}
		return tx.SaveOwn(c, known, f.Account)
	}
	out, err := a.core.SignIn(c, f)
	switch {
	case errors.Is(err, core.ErrChanged) || errors.Is(err, core.ErrNoRow):
		err = core.ErrCredentials
	case errors.Is(err, core.ErrExists) && !errors.Is(err, core.ErrOwnExists):
		err = errNotFree
	}
	return out, err
}
