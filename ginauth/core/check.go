package core

// For operators: the input of Check, and the work outside of requests.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/upkeep"
)

// Check reports what an operator should know about a Core before going live. refused is the error of [New]; Check
// then leaves out the rejected parts.
func (c *Core) Check(ctx context.Context, refused error) []check.Finding {
	return check.Run(ctx, check.Options{
		Config: c.cfg, Rejected: refused, Store: c.store, Sessions: c.cookies.Store, Mails: c.mails.Texts, Now: c.Now,
		Ambient: c.UsesCookies(), TokensInBody: c.tokens || c.jwt != nil && c.cfg.JWT.Transport != config.InCookies,
		LaxCookies: c.origins.LaxCookies(), NoCORS: c.origins.NoCORS(), NoRefresh: c.missedByRefresh(), OwnValues: c.hasValues.Load(),
		Migrations: c.migrations, Tables: c.tables, Questions: c.checks,
	})
}

// Upkeep returns the work outside of requests: migrations, the outbox and the hourly sweep.
func (c *Core) Upkeep() upkeep.Upkeep {
	return upkeep.Upkeep{
		Config: &c.cfg, Store: c.store, Outbox: c.mails.Outbox, Now: c.Now, IdleSince: c.idleSince, Migrations: c.migrations, Sweeps: c.sweeps, Swept: c.swept,
		Queues: c.queues,
	}
}
