package ginauth

import (
	"errors"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
)

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
