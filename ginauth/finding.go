package ginauth

// Findings of Check, and the errors of New as findings.

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
)

// Severity says how bad a [Finding] is.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // do not go live with it
	SeverityWarning Severity = "warning" // weakens, or does not work as it should
	SeverityNote    Severity = "note"    // right for some; read it once
)

// Finding is something that an operator should know before going live.
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

// refused lists what New refuses, by setting. What is of none is of New.
func refused(err error) []Finding {
	if err == nil {
		return nil
	}
	if mistake, ok := err.(*config.Mistake); ok { //nolint:errorlint // joined ones are taken apart below
		return []Finding{{SeverityError, mistake.Setting, mistake.Err.Error(), ""}}
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []Finding
		for _, one := range joined.Unwrap() {
			all = append(all, refused(one)...)
		}
		return all
	}
	if _, ok := errors.AsType[*config.Mistake](err); ok {
		return refused(errors.Unwrap(err))
	}
	return []Finding{{SeverityError, "ginauth.New", err.Error(), ""}}
}

// names reports whether an error is of a setting whose name begins so.
func names(err error, prefix string) bool {
	return slices.ContainsFunc(refused(err), func(f Finding) bool { return strings.HasPrefix(f.Setting, prefix) })
}

// isOf reports whether a setting is another, or an element of it, as OldSecrets[0] of OldSecrets.
func isOf(setting, list string) bool {
	rest, within := strings.CutPrefix(setting, list)
	return within && (rest == "" || rest[0] == '[')
}
