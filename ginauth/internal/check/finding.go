package check

// Findings, and the errors of New as findings.

import (
	"errors"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
)

// Severity is how serious a finding is.
type Severity string

// The severities; see those of package ginauth.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is one of package ginauth.
type Finding struct {
	Severity              Severity
	Setting, Problem, Fix string
}

// FindingsOf lists the settings that an error of New rejects. Errors about no setting are listed under New.
func FindingsOf(err error) []Finding {
	if err == nil {
		return nil
	}
	if mistake, ok := err.(*config.Mistake); ok { //nolint:errorlint // joined errors are split below
		return []Finding{{Error, mistake.Setting, mistake.Err.Error(), ""}}
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []Finding
		for _, one := range joined.Unwrap() {
			all = append(all, FindingsOf(one)...)
		}
		return all
	}
	if _, ok := errors.AsType[*config.Mistake](err); ok {
		return FindingsOf(errors.Unwrap(err))
	}
	return []Finding{{Error, "ginauth.New", err.Error(), ""}}
}

// Concerns reports whether an error of New rejects a setting whose name begins with prefix.
func Concerns(err error, prefix string) bool {
	return slices.ContainsFunc(FindingsOf(err), func(f Finding) bool { return strings.HasPrefix(f.Setting, prefix) })
}

// isOf reports whether a setting is list, or an element of it, as OldSecrets[0] of OldSecrets.
func isOf(setting, list string) bool {
	rest, within := strings.CutPrefix(setting, list)
	return within && (rest == "" || rest[0] == '[')
}
