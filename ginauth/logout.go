package ginauth

// POST logout/: ending the sessions of a request and deleting their cookies.

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) logoutRoutes(s *core.Setup) {
	core.Add(s, a.logoutRoute(http.MethodPost), a.logout)
}

func (a *Auth) logoutOnGetRoutes(s *core.Setup) {
	core.Add(s, a.logoutRoute(http.MethodGet), a.logout)
}

// logoutRoute returns the route for a method.
func (a *Auth) logoutRoute(method string) core.Route {
	r := core.Route{
		Method: method, Path: "logout", Tag: "Logging out", Access: core.AccessOptional,
		SetsCookies: true, RefreshCookie: true, Changes: method == http.MethodGet,
		Doc: "Log out. Succeeds without a session as well.",
	}
	if a.core.UsesJWT() {
		r.Reads = binding.RefreshToken{}
	}
	return r
}

// logout answers POST logout/. It works without a login as well. It ends every session that the request names: by
// cookies, by a token in the header, expired or not, or by a refresh token in the body. It deletes the rows first:
// if the database cannot end a session, the response is 503 and the cookies stay, so that the client can try again.
// The same happens if the body cannot be read, may contain a refresh token, and nothing else in the request ended a
// session.
func (a *Auth) logout(c *gin.Context, _ *binding.Empty) (binding.Detail, error) {
	err := a.endLogin(c, func(in *binding.RefreshToken) error { return binding.Decode(c.Writer, c.Request, in) })
	if err != nil {
		return binding.Detail{}, err
	}
	return binding.Detail{Detail: a.core.Say(c, "done.logged_out", nil)}, nil
}

// endLogin ends every session that a request names. read decodes its body.
func (a *Auth) endLogin(c *gin.Context, read func(*binding.RefreshToken) error) error {
	ctx := c.Request.Context()
	keys, err := a.core.CookieKeys(c)
	if err != nil {
		return err
	}
	token, _ := a.core.HeaderToken(c.Request)
	if key, ok := secret.Parse(a.cfg.Token.Prefix, token); ok && a.core.UsesTokens() {
		keys = append(keys, secret.SessionKey(key))
	}
	ended := false
	for _, key := range keys {
		did, err := a.endAndNotify(c, func() (*models.Session, models.Account, error) { return a.core.SessionByKey(ctx, secret.Hash(key)) },
			func() error { return a.core.EndSessionByKey(ctx, secret.Hash(key)) })
		if err != nil {
			return err
		}
		ended = ended || did
	}
	if a.core.UsesJWT() {
		if err := a.endJWT(c, token, ended, read); err != nil {
			return err
		}
	}
	return a.core.DropSessionCookie(c)
}

// endAndNotify ends a session and calls the logout hooks with its user. It reports whether there was a session to
// end.
func (a *Auth) endAndNotify(c *gin.Context, find func() (*models.Session, models.Account, error), end func() error) (bool, error) {
	var e config.Event
	if a.core.Listens(config.EventLogout) {
		session, account, err := find()
		if err != nil {
			return false, core.NotFoundAs(err, nil) // there is nothing to end
		}
		e = a.core.Event(c, account)
		e.Session = session
	}
	if err := end(); err != nil {
		return false, core.NotFoundAs(err, nil)
	}
	a.core.Record(c.Request.Context(), config.EventLogout, e)
	a.core.After(c.Request.Context(), config.EventLogout, e)
	return true, nil
}

// endJWT ends the sessions of all JSON Web Tokens of a request and deletes their cookies. A readable body without a
// token of this Auth names no session, which is not an error.
func (a *Auth) endJWT(c *gin.Context, header string, ended bool, read func(*binding.RefreshToken) error) error {
	in := &binding.RefreshToken{}
	unread := read(in)
	ids, err := a.core.SessionsNamed(c, []string{header}, []string{in.Refresh})
	if err != nil {
		return err
	}
	for _, id := range ids {
		ctx := c.Request.Context()
		did, err := a.endAndNotify(c, func() (*models.Session, models.Account, error) { return a.core.SessionByID(ctx, id) },
			func() error { return a.core.EndSessionByID(ctx, id) })
		if err != nil {
			return err
		}
		ended = ended || did
	}
	if e, ok := errors.AsType[*binding.Error](unread); ok && e.Fields == nil && !ended {
		return e
	}
	a.core.DropTokenCookies(c)
	return nil
}

// forgetLogin deletes the cookies of a session that has ended. If the session store fails, that is logged: the
// client cannot do anything about it.
func (a *Auth) forgetLogin(c *gin.Context) {
	if err := a.core.DropSessionCookie(c); err != nil {
		a.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "ginauth: the session store failed after a session was ended",
			slog.String("error", err.Error()))
		a.core.ExpireCookie(c)
	}
	a.core.DropTokenCookies(c)
}
