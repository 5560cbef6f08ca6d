package dbtest

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
)

// Group has the cases of one flow or feature. Name is one word in lower case.
//
// A case is a named function. Its test has the function's name with a capital letter: the case raceToReset of the
// group "reset" is the test TestMyDatabase/reset/RaceToReset.
type Group struct {
	Name  string
	Cases []func(*Case)
}

// Run runs the cases of groups in parallel, each on its own database. open must return an empty database and clean it
// up after the test. Without groups, Run runs all groups of the library.
func Run(t *testing.T, open func(testing.TB) *gorm.DB, groups ...Group) {
	t.Helper()
	runWith(t, backing{open: open}, groups)
}

// Reuse has databases that a case leaves to the next. Creating and dropping tables takes PostgreSQL and MariaDB most of the time
// of a case. Its methods are called concurrently.
type Reuse interface {
	// Open returns an empty database and cleans it up after the test.
	Open(t testing.TB) *gorm.DB
	// Lend is Open, or returns a database that Keep kept for these features, without rows. Cases with the same features have the
	// same text, whatever their options.
	Lend(t testing.TB, features string) *gorm.DB
	// Keep means that Lend may return a database of Lend again after the test, if its tables are then the same as now.
	Keep(t testing.TB, db *gorm.DB)
}

// RunReusing is Run on databases that cases use one after the other.
func RunReusing(t *testing.T, databases Reuse, groups ...Group) {
	t.Helper()
	runWith(t, backing{open: databases.Open, reuse: databases}, groups)
}

// backing is what the cases of a run store in.
type backing struct {
	open   func(testing.TB) *gorm.DB
	reuse  Reuse                            // nil: each case has a database of its own
	limits func(testing.TB) ratelimit.Store // makes the store of rate limits; nil: the database
}

// runWith runs groups; without groups, all of the library.
func runWith(t *testing.T, on backing, groups []Group) {
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
					run(&Case{T: t, backing: on})
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

// shown returns the name of a function with a capital letter.
func shown(name string) string {
	for _, short := range []string{"jwt", "gorm"} {
		if rest, found := strings.CutPrefix(name, short); found {
			return strings.ToUpper(short) + rest
		}
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// library returns the groups of the library. Each has its own line, so that branches merge without conflicts.
func library() []Group {
	return []Group{
		adminCases,
		auditCases,
		backendCases,
		cacheCases,
		callsCases,
		canaryCases,
		captchaCases,
		challengeCases,
		checkCases,
		claimCases,
		columnCases,
		commandCases,
		cookieCases,
		coreCases,
		credentialCases,
		deleteCases,
		doorCases,
		emailCases,
		enumerationCases,
		eraseCases,
		exportCases,
		factorCases,
		faultCases,
		featureCases,
		formCases,
		guardCases,
		hookCases,
		httpCases,
		inviteCases,
		jwtCases,
		limitCases,
		localeCases,
		loginCases,
		logincodeCases,
		logoutCases,
		machineCases,
		mfaCases,
		migrateCases,
		noticeCases,
		observeCases,
		originCases,
		outboxCases,
		passkeyCases,
		passwordCases,
		refreshCases,
		registerCases,
		resetCases,
		rivalCases,
		roleCases, operatorCases, impersonateCases,
		secretCases,
		sessionCases,
		threatCases,
		throttleCases,
		tokenCases,
		userCases,
		verifyCases,
		webhookCases,
	}
}
