package ginauth

// For operators: Check, before going live, and Ping, a health check.

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
)

// Severity says how serious a [Finding] is.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // do not go live with it
	SeverityWarning Severity = "warning" // weakens security, or does not work as intended
	SeverityNote    Severity = "note"    // right for some applications; read it once
)

// Finding is something that an operator should know before going live; see [Check].
type Finding struct {
	Severity Severity
	Setting  string // a name in config.Config, "Database", or a call such as "auth.Sweep" or "ginauth.New"
	Problem  string // what is wrong with it
	Fix      string // what to do; empty if New rejects the setting and Problem says it
}

// String returns the finding in one line.
func (f Finding) String() string {
	line := fmt.Sprintf("%s: %s: %s", f.Severity, f.Setting, f.Problem)
	if f.Fix != "" {
		line += "; " + f.Fix
	}
	return strings.Join(strings.Fields(line), " ")
}

// Check creates an Auth as [New] does, with the same arguments, and reports what New rejects, as errors, and
// everything that [Auth.Check] finds. Use it in a command that an operator runs before going live.
//
// A rejected setting is reported once, for that reason only. Check looks at the database unless NewUser is
// rejected.
func Check(ctx context.Context, db *gorm.DB, cfg config.Config, features ...core.Feature) []Finding {
	c, err := core.New(db, cfg, new(Auth).with(features)...)
	return findings(c.Check(ctx, err))
}

// Check reports risks that New cannot reject, because they are right in development or depend on the database. The
// result is sorted by severity and name; it is nil if there is nothing to report. Use it before going live, and in
// an alarm after that. The function [Check] also accepts a configuration that New rejects.
//
// Check only reads the database, a few rows of each table at most. If it cannot find something out, it reports
// that. A finding never contains a secret.
func (a *Auth) Check(ctx context.Context) []Finding { return findings(a.core.Check(ctx, nil)) }

func findings(found []check.Finding) (all []Finding) {
	for _, f := range found {
		all = append(all, Finding{Severity(f.Severity), f.Setting, f.Problem, f.Fix})
	}
	return all
}

// Ping returns nil if the database answers a query on the library's tables. Use it as a health check: an empty
// database, or a deleted SQLite file, is an error.
func (a *Auth) Ping(ctx context.Context) error { return a.core.Upkeep().Ping(ctx) }
