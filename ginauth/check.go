package ginauth

// What an operator asks before going live, Check, and a health check after that, Ping.

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
)

// Severity says how bad a [Finding] is.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // do not go live with it
	SeverityWarning Severity = "warning" // weakens, or does not work as it should
	SeverityNote    Severity = "note"    // right for some; read it once
)

// Finding is something that an operator should know before going live; see [Check].
type Finding struct {
	Severity Severity
	Setting  string // its name in config.Config, "Database", or what is called: "auth.Sweep", "ginauth.New"
	Problem  string // what is wrong with it
	Fix      string // what to do; "" where New refuses the setting and the problem says it all
}

// String is the finding in one line.
func (f Finding) String() string {
	line := fmt.Sprintf("%s: %s: %s", f.Severity, f.Setting, f.Problem)
	if f.Fix != "" {
		line += "; " + f.Fix
	}
	return strings.Join(strings.Fields(line), " ")
}

// Check makes an Auth as [New] does, on the same arguments, and lists all that is to be said
// of it: what New refuses, as errors, with what [Auth.Check] finds in the rest. It is for a
// command of the application's that an operator calls before going live.
//
// A setting that is refused is in the list for that alone; the database is looked at unless
// NewUser is refused.
func Check(ctx context.Context, db *gorm.DB, cfg config.Config, features ...core.Feature) []Finding {
	c, err := core.New(db, cfg, new(Auth).with(features)...)
	return findings(c.Check(ctx, err))
}

// Check looks for what New cannot refuse, because it is right in development or depends on
// the database, and returns it by severity and name; nil when all is well. It is for an
// operator before going live, and for an alarm after that. The function [Check] is for a
// configuration that New may refuse.
//
// The database is only read, some rows of each table at most. What cannot be found out is a
// finding, too. No finding has a secret in it.
func (a *Auth) Check(ctx context.Context) []Finding { return findings(a.core.Check(ctx, nil)) }

func findings(found []check.Finding) (all []Finding) {
	for _, f := range found {
		all = append(all, Finding{Severity(f.Severity), f.Setting, f.Problem, f.Fix})
	}
	return all
}

// Ping returns nil if the database answers a query on the library's tables, for health checks: a
// database that is up but empty, or a SQLite file that was deleted, is an error.
func (a *Auth) Ping(ctx context.Context) error { return a.core.Upkeep().Ping(ctx) }
