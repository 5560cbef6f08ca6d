package dbtest

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// inDatabase are the cases of rate limits that look at the database, or make it fail, and those that are about hashes.
var inDatabase = []string{
	"LimitsHoldWhileTheStoreFails", "RowsOfLimitsAreSwept", "ManyRowsAreSwept", "LimitsCostTwoStatements", "InvalidLinksDoNotOvershoot",
	"ErrorAfterUnconfirmedPasswordCounts", "HonestLoginsPassAFlood", "LoginsInVainCostNothing", "LimitedLoginsDoNotWait", "WithoutLimitsLoginsWaitAsWell",
	"UsersOfADirectoryWaitForNoHash", "LoginsWithoutAHashHoldUpNoOthers", "UsersLeaveTheGateToOthers", "ConfirmationsPassThoseOfANetwork", "UsersOfAnOwnServerShareNoTurn",
}

// watched notes errors of a store, after which the library would count in memory.
type watched struct {
	ratelimit.Store
	failed atomic.Pointer[error]
}

func (w *watched) TakeLimits(ctx context.Context, now int64, by string, buckets []ratelimit.Bucket) ([]ratelimit.Taken, error) {
	taken, err := w.Store.TakeLimits(ctx, now, by, buckets)
	w.note(err)
	return taken, err
}

func (w *watched) GiveLimits(ctx context.Context, now int64, by string, given []ratelimit.Given) error {
	err := w.Store.GiveLimits(ctx, now, by, given)
	w.note(err)
	return err
}

func (w *watched) note(err error) {
	if err != nil {
		w.failed.Store(&err)
	}
}

// RunLimits runs the cases of rate limits with their state in a store.
func RunLimits(t *testing.T, open func(testing.TB) *gorm.DB, limits func(testing.TB) ratelimit.Store) {
	t.Helper()
	all := Group{Name: throttleCases.Name}
	for _, run := range throttleCases.Cases {
		if !slices.Contains(inDatabase, nameOf(run)) {
			all.Cases = append(all.Cases, run)
		}
	}
	if len(all.Cases) != len(throttleCases.Cases)-len(inDatabase) {
		t.Error("a case of inDatabase does not exist")
	}
	runWith(t, backing{open: open, limits: func(t testing.TB) ratelimit.Store {
		store := &watched{Store: limits(t)}
		t.Cleanup(func() {
			if err := store.failed.Load(); err != nil {
				t.Errorf("the store failed: %v", *err)
			}
		})
		return store
	}}, []Group{all, captchaCases})
}

// SearchCanaries plays requests to the routes of all features and of more, with rate limits in a store, and searches for their secrets in the
// texts of elsewhere.
func SearchCanaries(t *testing.T, open func(testing.TB) *gorm.DB, limits func(testing.TB) ratelimit.Store, elsewhere func(*Case) map[string]string, more ...core.Feature) {
	t.Helper()
	c := &Case{T: t, backing: backing{open: open, limits: limits}}
	c.searchCanaries(func() map[string]string { return elsewhere(c) }, more...)
}
