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
	e := config.Event{User: account, IP: client.Address(g.Request, c.proxies), UserAgent: client.Printable(g.Request.UserAgent(), 255), Language: c.LanguageOf(g)}
	e.Form = custom.Form(g)
	return e
}

// Listens reports whether a hook or listener is called for an event.
func (c *Core) Listens(name config.EventName) bool {
	return len(c.cfg.Hooks.AfterOf(name)) > 0 || slices.ContainsFunc(c.listeners, func(l Listener) bool { return l.After != nil })
}

// Before calls the listeners and the hook of an event within a transaction. Any of them can refuse the change.
func (c *Core) Before(ctx context.Context, tx *Tx, name config.EventName, e config.Event) error {
	e.Name = name
	for _, l := range c.listeners {
		if l.Before != nil {
			if err := custom.Failure("Before of a feature", l.Before(tx, e)); err != nil {
				return err
			}
		}
	}
	hook := c.cfg.Hooks.BeforeOf(name)
	if hook == nil {
		return nil
	}
	return custom.Failure("a Before hook", hook(config.WithLanguage(ctx, e.Language), tx.DB, e))
}

// After calls the listeners and hooks of a committed event, even if the client has disconnected.
func (c *Core) After(ctx context.Context, name config.EventName, e config.Event) {
	e.Name = name
	for _, l := range c.listeners {
		if l.After != nil {
			custom.After(ctx, c.cfg.Logger, l.After, e)
		}
	}
	for _, hook := range c.cfg.Hooks.AfterOf(name) {
		custom.After(ctx, c.cfg.Logger, hook, e)
	}
}

// LoginFailed calls the hooks for rejected credentials of a client that is not logged in. login is what the client
// typed; the event has no user, so it reveals nothing about one.
func (c *Core) LoginFailed(g *gin.Context, login, method string) {
	e := c.Event(g, nil)
	e.Login, e.Method = client.Printable(login, 254), method
	c.After(g.Request.Context(), config.EventLoginFailed, e)
}

// WrongPassword calls the hooks for a wrong password that the logged-in user entered. The event has the user. Use it in
// routes with AccessUser, instead of [Core.LoginFailed]. It does nothing if the request is not logged in.
func (c *Core) WrongPassword(g *gin.Context) {
	user := User(g)
	if user == nil {
		return
	}
	e := c.Event(g, accountOf(g))
	e.Login, e.Method = client.Printable(cmp.Or(user.Username, user.Email), 254), MethodPassword
	c.After(g.Request.Context(), config.EventLoginFailed, e)
}
