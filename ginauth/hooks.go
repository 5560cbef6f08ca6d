package ginauth

import (
	"context"
	"errors"
	"log/slog"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// event is what a hook is told of a request.
func (a *Auth) event(c *gin.Context, account models.Account) config.Event {
	return config.Event{User: account, IP: a.clientAddress(c.Request), Agent: printable(c.Request.UserAgent(), 255)}
}

// before asks a hook within a transaction.
func before(ctx context.Context, tx *store.Tx, hook config.Before, e config.Event) error {
	if hook == nil {
		return nil
	}
	return ofHook(hook(ctx, tx.Handle(), e))
}

// ofHook keeps what a hook's own statements met from being taken for what ours did: that a
// value of its table exists already, say. Seen are refusals, and what asks for another try.
func ofHook(err error) error {
	if err == nil || store.Retryable(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if refused, ok := errors.AsType[*binding.Error](err); ok {
		if cause := refused.Unwrap(); cause != nil {
			refused = refused.Because(hookError{cause})
		}
		return refused
	}
	return hookError{err}
}

// hookError has no Unwrap.
type hookError struct{ cause error }

func (e hookError) Error() string { return "a Before hook: " + e.cause.Error() }

// after tells a hook of what cannot be changed any more, also when the client has left.
func (a *Auth) after(ctx context.Context, hook config.After, e config.Event) {
	if hook == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	defer func() {
		if p := recover(); p != nil {
			a.logPanic(ctx, p)
		}
	}()
	if err := hook(ctx, e); err != nil {
		a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: an After hook failed", slog.String("error", err.Error()))
	}
}

// loginFailed tells of refused credentials, and of nothing that a stranger must not learn.
func (a *Auth) loginFailed(c *gin.Context, login, method string) {
	e := a.event(c, nil)
	e.Login, e.Method = printable(login, 254), method
	a.after(c.Request.Context(), a.cfg.Hooks.AfterLoginFailed, e)
}
