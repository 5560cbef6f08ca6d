package core

// Check and Ping: what an operator asks before going live, and a health check after that.

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
)

// Check makes a Core as [New] does, on the same arguments, and lists all that is to be said
// of it: what New refuses, as errors, with what [Core.Check] finds in the rest. It is for a
// command of the application's that an operator calls before going live.
//
// A setting that is refused is in the list for that alone; the database is looked at unless
// NewUser is refused.
func Check(ctx context.Context, db *gorm.DB, cfg config.Config, features ...Feature) []Finding {
	c, err := open(db, cfg, features)
	return c.findings(ctx, err)
}

// Check implements the method Check of ginauth.Auth, which documents it.
func (c *Core) Check(ctx context.Context) []Finding {
	return c.findings(ctx, nil)
}

// findings checks a Core, without the parts that New refused.
func (c *Core) findings(ctx context.Context, refused error) (all []Finding) {
	for _, f := range check.Run(ctx, check.Options{
		Config: c.cfg, Refused: refused, Store: c.store, Sessions: c.cookies.Store, Mails: c.mails, Now: c.Now,
		Ambient: c.UsesCookies(), TokensInBody: c.tokens || c.jwt != nil && c.cfg.JWT.Transport != config.InCookies,
		LaxCookies: c.origins.LaxCookies(), NoCORS: c.origins.NoCORS(), OwnValues: c.hasValues.Load(),
		Migrations: c.migrations, Tables: c.tables, Questions: c.checks,
	}) {
		all = append(all, Finding{Severity(f.Severity), f.Setting, f.Problem, f.Fix})
	}
	return all
}

// Ping implements the method Ping of ginauth.Auth, which documents it.
func (c *Core) Ping(ctx context.Context) error {
	if err := c.store.Ping(ctx); err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	return nil
}
