package dbtest_test

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/ginauth/gin-rest-auth/config"
)

// TestAllocationBudget fails if a login or an authenticated request on SQLite allocates more than 5 % over its number
// here. Request and response count. If you change the allocations, change the number.
func TestAllocationBudget(t *testing.T) { //nolint:paralleltest // counts the allocations of the whole process
	if raced {
		t.Skip("the race detector allocates memory")
	}
	logins, limited := newLogins(t, 50, config.Limits{AllowUnlimited: true}), newLogins(t, 50, config.Limits{})
	within := func(name string, budget float64, run func()) {
		t.Helper()
		got := testing.AllocsPerRun(500, run)
		t.Logf("%s: %v allocations, budget %v", name, got, budget)
		if got > budget*1.05 {
			t.Errorf("%s: %v allocations, want at most %v and 5 %%", name, got, budget)
		}
	}
	hash := testing.AllocsPerRun(100, func() { logins.hash(t) })
	within("login", 371+hash, func() { logins.next(t) })
	within("limited login", 585+hash, func() { limited.next(t) })
	budgets := map[string]float64{"open": 15, "cookie": 94, "opaque": 93, "jwt": 105, "stateless": 47}
	for _, request := range newRequests(t, testdb.SQLite(t)) {
		within(request.name, budgets[request.name], func() { request.send(t) })
	}
}
