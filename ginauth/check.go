package ginauth

// Check and Ping: what an operator asks before going live, and a health check after that.

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
)

// Check makes an Auth as [New] does, on the same arguments, and lists all that is to be said
// of it: what New refuses, as errors, with what [Auth.Check] finds in the rest. It is for a
// command of the application's that an operator calls before going live.
//
// A setting that is refused is in the list for that alone; the database is looked at unless
// NewUser is refused.
func Check(ctx context.Context, db *gorm.DB, cfg config.Config, features ...Feature) []Finding {
	a, err := open(db, cfg, features)
	return a.findings(ctx, err)
}

// Check looks for what New cannot refuse, because it is right in development or depends on
// the database, and returns it by severity and name; nil when all is well. It is for an
// operator before going live, and for an alarm after that. The function [Check] is for a
// configuration that New may refuse.
//
// The database is only read, some rows of each table at most. What cannot be found out is a
// finding, too. No finding has a secret in it.
func (a *Auth) Check(ctx context.Context) []Finding {
	return a.findings(ctx, nil)
}

// findings checks an Auth, without the parts that New refused.
func (a *Auth) findings(ctx context.Context, refused error) (all []Finding) {
	for _, f := range check.Run(ctx, check.Options{
		Config: a.cfg, Refused: refused, Store: a.store, Sessions: a.carriers.inner, Mails: a.mails, Now: a.now,
		Ambient: a.ambient(), TokensInBody: a.tokens || a.ring != nil && a.cfg.JWT.Transport != config.InCookies,
		LaxCookies: a.laxCookies(), NoCORS: a.noCORS.Load(), OwnValues: a.hasValues.Load(),
	}) {
		all = append(all, Finding{Severity(f.Severity), f.Setting, f.Problem, f.Fix})
	}
	return all
}

// Ping returns nil if the database answers a query on the library's tables, for health checks: a
// database that is up but empty, or a SQLite file that was deleted, is an error.
func (a *Auth) Ping(ctx context.Context) error {
	if err := a.store.Ping(ctx); err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	return nil
}
