package core

// Calls of listeners and of the application's hooks: Before in the transaction, After when it is committed.

import (
	"cmp"
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/models"
)

// Event returns the event that hooks get for a request.
func (c *Core) Event(g *gin.Context, account models.Account) config.Event {
	e := config.Event{User: account, IP: c.placeOf(g).address, UserAgent: client.Printable(g.Request.UserAgent(), 255), Language: c.LanguageOf(g)}
	e.Form = custom.Form(g)
	if s := Session(g); s != nil && account != nil && s.UserID == account.Base().ID {
		e.SessionID = s.ID
	}
	if id := identityOf(g); id != nil {
		e.Actor = id.Actor
	}
	return e
}

// Listens reports whether a hook or listener is called for an event, the audit trail has it, or observers are told.
func (c *Core) Listens(name config.EventName) bool {
	return c.audits() || c.observed() || c.hears(name) || c.recordsInFeatures(name)
}

// hears reports whether a hook or listener is called for an event.
func (c *Core) hears(name config.EventName) bool {
	return len(c.cfg.Hooks.AfterOf(name)) > 0 || slices.ContainsFunc(c.listeners, func(l Listener) bool { return l.After != nil })
}

// Before calls the listeners and the hook of an event within a transaction. Any of them can refuse the change. Then it
// writes the event to the audit trail, as [Tx.Record] does.
func (c *Core) Before(ctx context.Context, tx *Tx, name config.EventName, e config.Event) error {
	e = withOrigin(ctx, e)
	e.Name = name
	for _, l := range c.listeners {
		if l.Before != nil {
			if err := custom.Failure("Before of a feature", l.Before(tx, e)); err != nil {
				return err
			}
		}
	}
	if hook := c.cfg.Hooks.BeforeOf(name); hook != nil {
		if err := custom.Failure("a Before hook", hook(config.WithLanguage(ctx, e.Language), tx.DB, e)); err != nil {
			return err
		}
	}
	return tx.Record(name, e)
}

// After calls the listeners and hooks of a committed event, even if the client has disconnected. Their context ends after Config.Timeout,
// and not when they return, since they may start work with it.
func (c *Core) After(ctx context.Context, name config.EventName, e config.Event) {
	hooks := c.cfg.Hooks.AfterOf(name)
	if len(c.listeners)+len(hooks) == 0 {
		return
	}
	e = withOrigin(ctx, e)
	e.Name = name
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Timeout)
	context.AfterFunc(ctx, cancel)
	for _, l := range c.listeners {
		if l.After != nil {
			c.callAfter(ctx, l.After, e)
		}
	}
	for _, hook := range hooks {
		c.callAfter(ctx, hook, e)
	}
}

func (c *Core) callAfter(ctx context.Context, hook config.After, e config.Event) {
	if !custom.After(ctx, c.cfg.Logger, hook, e) {
		c.failed(ctx, PartHook)
	}
}

// LoginFailed calls the hooks for rejected credentials of a client that is not logged in. login is what the client
// typed; the event has no user, so it reveals nothing about one. The audit trail has the event as well.
func (c *Core) LoginFailed(g *gin.Context, login, method string) {
	c.loginFailed(g, nil, login, method)
}

// loginFailed is LoginFailed for a client that has proved something about an account, which the audit trail then names.
func (c *Core) loginFailed(g *gin.Context, account models.Account, login, method string) {
	wrongLogin(g, method)
	e := c.Event(g, account)
	e.Login, e.Method = client.Printable(login, 254), method
	c.Record(g.Request.Context(), config.EventLoginFailed, e)
	e.User, e.SessionID = nil, ""
	c.After(g.Request.Context(), config.EventLoginFailed, e)
}

// WrongPassword calls the hooks for a wrong password that the logged-in user entered. The event has the user. Use it in
// routes with AccessUser, instead of [Core.LoginFailed]. It does nothing if the request is not logged in.
func (c *Core) WrongPassword(g *gin.Context) { c.wrongProof(g, MethodPassword) }

// wrongProof is WrongPassword for any method.
func (c *Core) wrongProof(g *gin.Context, method string) {
	user := User(g)
	if user == nil {
		return
	}
	e := c.Event(g, accountOf(g))
	e.Login, e.Method = client.Printable(cmp.Or(user.Username, user.Email), 254), method
	c.Record(g.Request.Context(), config.EventLoginFailed, e)
	c.After(g.Request.Context(), config.EventLoginFailed, e)
}
