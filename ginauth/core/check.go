package core

// For operators: what Check looks at, and the work beside requests.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/upkeep"
)

// Check lists what an operator should know of a Core before going live. refused is the error of [New]; without the parts
// that it rejects, the rest is still looked at.
func (c *Core) Check(ctx context.Context, refused error) []check.Finding {
	return check.Run(ctx, check.Options{
		Config: c.cfg, Refused: refused, Store: c.store, Sessions: c.cookies.Store, Mails: c.mails.Texts, Now: c.Now,
		Ambient: c.UsesCookies(), TokensInBody: c.tokens || c.jwt != nil && c.cfg.JWT.Transport != config.InCookies,
		LaxCookies: c.origins.LaxCookies(), NoCORS: c.origins.NoCORS(), OwnValues: c.hasValues.Load(),
		Migrations: c.migrations, Tables: c.tables, Questions: c.checks,
	})
}

// Upkeep is the work beside requests: migrations, the outbox and the hourly sweep.
func (c *Core) Upkeep() upkeep.Upkeep {
	return upkeep.Upkeep{
		Config: &c.cfg, Store: c.store, Outbox: c.mails.Outbox, Now: c.Now, IdleSince: c.idleSince, Migrations: c.migrations, Sweeps: c.sweeps,
	}
}
