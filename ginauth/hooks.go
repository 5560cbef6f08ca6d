package ginauth

// Calls of the application's hooks: Before hooks inside the transaction, After hooks when it is committed.

import (
	"context"
	"log/slog"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// event is what a hook is told of a request.
func (a *Auth) event(c *gin.Context, account models.Account) config.Event {
	e := config.Event{User: account, IP: client.Address(c.Request, a.proxies), UserAgent: client.Printable(c.Request.UserAgent(), 255)}
	if f, found := c.Get(formKey{}); found {
		e.Form = f.(filled).own()
	}
	return e
}

// told reports whether a hook is told of an event.
func (a *Auth) told(name config.EventName) bool { return len(a.cfg.Hooks.AfterOf(name)) > 0 }

// before asks the hook of an event within a transaction.
func (a *Auth) before(ctx context.Context, tx *store.Tx, name config.EventName, e config.Event) error {
	hook := a.cfg.Hooks.BeforeOf(name)
	if hook == nil {
		return nil
	}
	e.Name = name
	return ofApplication("a Before hook", hook(ctx, tx.Handle(), e))
}

// after tells the hooks of an event what is committed, also when the client has left.
func (a *Auth) after(ctx context.Context, name config.EventName, e config.Event) {
	e.Name = name
	for _, hook := range a.cfg.Hooks.AfterOf(name) {
		a.tellHook(context.WithoutCancel(ctx), hook, e)
	}
}

func (a *Auth) tellHook(ctx context.Context, hook config.After, e config.Event) {
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
	e.Login, e.Method = client.Printable(login, 254), method
	a.after(c.Request.Context(), config.EventLoginFailed, e)
}
