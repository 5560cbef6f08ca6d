package ginauth

// Calls for handlers and commands: log in and out, set a password, end sessions, delete a user.

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/models"
)

// LogIn logs a user in within one of your handlers, for example after a login with a provider. It does what POST
// login/ does after the password was right: the account must be active and, with VerifyMandatory, have a confirmed
// address or come from a Backend; hooks are called; a login from a new device is mailed to the user; cookies are
// set. It returns the body that the route would respond with, as Config.Views make it. Your handler writes it:
//
//	func callback(c *gin.Context) {
//		body, err := auth.LogIn(c, member)
//		if err != nil {
//			auth.Fail(c, err)
//			return
//		}
//		c.JSON(http.StatusOK, body)
//	}
//
// account has the type that Config.NewUser makes and is stored already; only its ID is used. If no user has that
// ID, LogIn returns [ErrNoSuchUser]. Pass its other errors to [Auth.Fail]. The method of the session is
// "application".
//
// If the user has a second factor, the error is nil and the user is not logged in yet: the body is a
// binding.Challenge, or what Config.Views make of it. If your code does more for a user who is logged in, do it in
// Hooks.AfterLogin. If your handler has verified two factors itself, pass [WithTwoFactors].
//
// Call it in a POST handler. Like the route, it then refuses a request from a page of another origin that is not
// trusted. A request with neither Origin nor Sec-Fetch-Site is not from a browser, and can ask for a token with the
// header Auth-Credential.
//
// A GET is not checked: a link on any page can send one, and would log the browser in to an account that the page's
// author chose. So a GET handler, such as the callback of a provider, must first compare a value that this browser
// got before, such as the state of OAuth. Where cookies are in use, LogIn gives cookies on a GET or HEAD, and a
// token only to a page whose origin is in Config.TokenOrigins.
//
// Do not use it for "log in as". It is a real login of that user: where cookies are in use, the administrator's own
// session ends; the session is recent, so it can delete the account or change addresses without the password; the
// user gets the mail about a new device, and this browser becomes a known device of theirs.
//
// In the same handler, [User] still returns the user who made the request. Call LogIn before you write the response: afterwards it is an error,
// because cookies can no longer be set.
func (a *Auth) LogIn(c *gin.Context, account models.Account, options ...LogInOption) (any, error) {
	if err := cmp.Or(isRequest(c), a.core.IsOurType(account)); err != nil {
		return nil, fmt.Errorf("ginauth: LogIn %w", err)
	}
	defer a.core.Bound(c)()
	if err := a.checkCaller(c); err != nil {
		return nil, err
	}
	stored, err := a.core.UserByID(c.Request.Context(), account.Base().ID)
	if err != nil {
		return nil, core.NotFoundAs(err, ErrNoSuchUser)
	}
	flow := core.Flow{Account: stored, Method: core.MethodApplication}
	for _, option := range options {
		option(&flow)
	}
	out, err := a.core.SignIn(c, flow)
	if errors.Is(err, core.ErrChanged) || errors.Is(err, core.ErrNoRow) {
		err = core.ErrCredentials
	}
	if err != nil {
		return nil, err
	}
	a.core.Posted(c)
	c.Header("Cache-Control", "no-store") // T046
	return a.core.View(c, out), nil
}

// LogInOption changes what [Auth.LogIn] does.
type LogInOption func(*core.Flow)

// WithTwoFactors says that the handler has verified two factors of the user, for example because the provider reports a
// login with "mfa". LogIn then asks for no second factor, and the session counts as one with two factors.
func WithTwoFactors() LogInOption { return func(f *core.Flow) { f.Factors = 2 } }

// LogOut ends the session of a request within one of your handlers, as POST logout/ does: it deletes the cookies
// and calls Hooks.AfterLogout. It does not read the body, which may contain a refresh token. Without a session it
// does nothing. Pass its errors to [Auth.Fail]; the session has then not ended.
func (a *Auth) LogOut(c *gin.Context) error {
	if err := isRequest(c); err != nil {
		return fmt.Errorf("ginauth: LogOut %w", err)
	}
	defer a.core.Bound(c)()
	if err := a.checkCaller(c); err != nil {
		return err
	}
	return a.endLogin(c, func(*binding.RefreshToken) error { return nil })
}

// checkCaller does the origin check of the routes that set cookies.
func (a *Auth) checkCaller(c *gin.Context) error {
	if !a.core.UsesCookies() {
		return nil
	}
	return a.core.CheckOrigin(c.Request)
}

// SetPassword sets the password of a user without the current one, for command lines and admin areas. All sessions
// and personal tokens of the user end, and mailed links become invalid, except those in notices. Addresses that are
// not confirmed are dropped, except the primary one. If mails are sent, the user gets the notice of a password
// change. Hooks.BeforePasswordChange can refuse it. Hooks get the values of ctx, so it can carry who made the
// change.
//
// It returns [ErrNoSuchUser] if no user has the ID, and a *binding.Error with the field password if the password
// breaks Config.PasswordRules, or if a Backend created the account and Config.AllowBackendLocalLogin is not set.
func (a *Auth) SetPassword(ctx context.Context, userID int64, password string) error {
	account, err := a.core.UserByID(ctx, userID)
	if err != nil {
		return core.NotFoundAs(err, ErrNoSuchUser)
	}
	problems, err := a.core.PasswordProblems(ctx, password, account.Base())
	if err != nil {
		return err
	}
	if problems != nil {
		return a.core.Localized(asField("password", problems))
	}
	encoded, err := a.core.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	c := core.WithoutRequest(ctx)
	err = a.core.Tx(ctx, clone.OnRetry(account, func(tx *core.Tx) error {
		user, err := tx.LockedUser(userID) // read again: a concurrent change must not undo this one
		if err != nil {
			return err
		}
		*account.Base() = *user
		return a.core.SetPassword(c, tx, config.Event{User: account}, encoded)
	}))
	if err != nil {
		return core.NotFoundAs(a.core.Localized(err), ErrNoSuchUser)
	}
	a.core.Posted(c)
	a.core.After(ctx, config.EventPasswordChange, config.Event{User: account})
	return nil
}

// EndSessions ends all sessions and personal tokens of a user, and logins in progress. The password stays valid.
// Hooks.AfterSessionRevoked is called, without a Session, with the values of ctx. EndSessions returns
// [ErrNoSuchUser] if no user has the ID.
func (a *Auth) EndSessions(ctx context.Context, userID int64) error {
	account, err := a.core.UserByID(ctx, userID)
	if err != nil {
		return core.NotFoundAs(err, ErrNoSuchUser)
	}
	e := config.Event{User: account}
	err = a.core.Tx(ctx, func(tx *core.Tx) error {
		if err := tx.EndAllSessions(userID); err != nil {
			return err
		}
		return tx.Record(config.EventSessionRevoked, e)
	})
	if err != nil {
		return err
	}
	a.core.After(ctx, config.EventSessionRevoked, e)
	return nil
}

// UserChanged tells the library that you changed a user's row in the database yourself. With
// Config.Session.CacheFor, this instance then reads it again at the next request. Call it after the change was
// committed.
func (a *Auth) UserChanged(userID int64) { a.core.UserChanged(userID) }

// DeleteUser deletes a user and all rows that the library has about them, immediately, whatever Config.DeleteGrace
// says. Hooks.BeforeDelete runs in the transaction and can refuse it; AfterDelete follows. Both get the values of
// ctx. For a pending sign-up no hook is called. No mail is sent, but mails that were stored before are still sent.
// It returns [ErrNoSuchUser] if no user has the ID.
func (a *Auth) DeleteUser(ctx context.Context, userID int64) error {
	account, err := a.core.UserByID(ctx, userID)
	if err == nil {
		err = a.remove(ctx, config.Event{User: account}, func(tx *core.Tx) error { return tx.LockUser(userID) }, nil)
	}
	return core.NotFoundAs(a.core.Localized(err), ErrNoSuchUser)
}

// isRequest returns an error for a context that does not belong to a request.
func isRequest(g *gin.Context) error {
	switch {
	case g == nil || g.Request == nil:
		return errors.New("needs the context of a request")
	case g.Writer.Written(): // T218
		return errors.New("comes too late: the response has begun, so its cookies would be lost; call it before you write")
	}
	return nil
}
