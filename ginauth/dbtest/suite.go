package dbtest

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"gorm.io/gorm"
)

// Group is the cases of one flow or feature. Name is one word in lower case.
//
// A case is a named function, and its test has the function's name with a capital: the case
// raceToReset of the group "reset" is the test TestMyDatabase/reset/RaceToReset.
type Group struct {
	Name  string
	Cases []func(*Case)
}

// Run runs cases, each in parallel and on a database of its own. open returns an empty database and
// cleans up after the test. Without groups, Run runs those of the library; with groups, it runs these
// and no others.
func Run(t *testing.T, open func(testing.TB) *gorm.DB, groups ...Group) {
	t.Helper()
	if len(groups) == 0 {
		groups = library()
	}
	for _, group := range groups {
		t.Run(group.Name, func(t *testing.T) {
			t.Parallel()
			for _, run := range group.Cases {
				t.Run(nameOf(run), func(t *testing.T) {
					t.Parallel()
					run(&Case{T: t, open: open})
				})
			}
		})
	}
}

// nameOf returns the name of a case's test.
func nameOf(run func(*Case)) string {
	name := runtime.FuncForPC(reflect.ValueOf(run).Pointer()).Name()
	return shown(name[strings.LastIndexByte(name, '.')+1:])
}

// shown returns the name of a function with a capital.
func shown(name string) string {
	for _, short := range []string{"jwt", "gorm"} {
		if rest, found := strings.CutPrefix(name, short); found {
			return strings.ToUpper(short) + rest
		}
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// library returns the library's own groups. They have a line each, so that branches merge without
// conflicts.
func library() []Group {
	return []Group{
		backendCases,
		cacheCases,
		callsCases,
		checkCases,
		claimCases,
		columnCases,
		cookieCases,
		credentialCases,
		deleteCases,
		emailCases,
		challengeCases,
		factorCases,
		faultCases,
		featureCases,
		formCases,
		guardCases,
		hookCases,
		httpCases,
		jwtCases,
		enumerationCases,
		limitCases,
		localeCases,
		loginCases,
		logincodeCases,
		logoutCases,
		migrateCases,
		noticeCases,
		originCases,
		outboxCases,
		passwordCases,
		refreshCases,
		registerCases,
		resetCases,
		rivalCases,
		coreCases,
		secretCases,
		sessionCases,
		tokenCases,
		userCases,
		verifyCases,
	}
}
