package dbtest

// The soak: mixed traffic with faults, and a stated rule for what must not grow.

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
	"github.com/ginauth/gin-rest-auth/models"
)

// reading of a round, after its traffic has ended, everything has expired, and a sweep has run.
type soakReading struct {
	heap       uint64
	goroutines int
	open, busy int // connections to the database
	rows       int64
	tables     map[string]int64
}

func (r soakReading) String() string {
	return fmt.Sprintf("heap %.1f MiB, %d goroutines, %d connections, %d rows", float64(r.heap)/(1<<20), r.goroutines, r.open, r.rows)
}

// TestSoak plays mixed traffic with faults in rounds. GINAUTH_TEST_SOAK=20m names how long the traffic lasts on each
// database; the quick form has 3 seconds. After each round, the clock passes all lifetimes and a sweep runs. The rule: after the first third of the rounds, which warm caches
// up, the median of the last third is at most that of the second third, plus 10 % and 2 MiB for the heap, plus 5 for goroutines; no round
// leaves a row that the first did not leave, and no connection is busy.
func TestSoak(t *testing.T) {
	rounds, each := 6, 500*time.Millisecond
	if long := os.Getenv("GINAUTH_TEST_SOAK"); long != "" {
		total, err := time.ParseDuration(long)
		if err != nil {
			t.Fatal(err)
		}
		rounds = 30
		each = total / time.Duration(rounds)
	}
	for _, database := range []struct {
		name string
		open func(*testing.T) func(testing.TB) *gorm.DB
	}{
		{"SQLite", func(*testing.T) func(testing.TB) *gorm.DB { return testdb.SQLite }},
		{"Postgres", func(t *testing.T) func(testing.TB) *gorm.DB { return testdb.Postgres(t, "").Open }},
		{"MySQL", func(t *testing.T) func(testing.TB) *gorm.DB {
			return testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4").Open
		}},
	} {
		t.Run(database.name, func(t *testing.T) {
			s := startSoak(&Case{T: t, backing: backing{open: database.open(t)}})
			ctx, stop := context.WithCancel(context.Background())
			running := make(chan error, 1)
			go func() { running <- s.Auth.Run(ctx) }()
			var all []soakReading
			for range rounds {
				s.round(each)
				all = append(all, s.settle())
				t.Log(all[len(all)-1])
			}
			stop()
			if err := <-running; err != nil {
				t.Error(err)
			}
			s.compare(all)
			t.Logf("%d requests in %d lives, %v; %d of %d statements failed, %d stalled, %d hooks panicked, %d mails were sent and %d not, %d logins were overtaken by a change",
				s.requests.Load(), s.lives.Load(), s.counts(), s.failed.Load(), s.ran.Load(), s.stalled.Load(), s.panicked.Load(),
				s.post.sent.Load(), s.post.lost.Load(), s.overtaken.Load())
		})
	}
}

// round plays lives in parallel for a time, with faults.
func (s *soak) round(d time.Duration) {
	end := time.Now().Add(d)
	s.faulty.Store(true)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for time.Now().Before(end) {
				s.live()
			}
		})
	}
	workers.Wait()
	s.faulty.Store(false)
}

// settle deletes the users of a round, lets everything expire and be swept, and reads what is left.
func (s *soak) settle() (r soakReading) {
	ctx := s.Context()
	var ids []int64
	s.must(s.DB.Model(&models.User{}).Pluck("id", &ids).Error)
	for _, id := range ids {
		s.must(s.Auth.DeleteUser(ctx, id))
	}
	for range 2 { // what is sent late is deleted later
		s.Clock.Advance(40 * 24 * time.Hour)
		_, err := s.Auth.SendOutbox(ctx)
		s.must(err)
		waitFor(s.T, func() bool {
			var mails, deliveries int64
			s.must(s.DB.Model(&models.OutboxMail{}).Where("state = ?", models.MailPending).Count(&mails).Error)
			s.must(s.DB.Model(&models.Delivery{}).Where("state = ?", models.MailPending).Count(&deliveries).Error)
			return mails+deliveries == 0
		})
		_, err = s.Auth.Sweep(ctx)
		s.must(err)
	}
	s.post.clear()
	s.codes.Clear()
	s.hooks.taken()
	tables, err := s.DB.Migrator().GetTables()
	s.must(err)
	r.tables = map[string]int64{}
	for _, table := range tables {
		if table == "sqlite_sequence" {
			continue
		}
		var n int64
		s.must(s.DB.Table(table).Count(&n).Error)
		r.tables[table] = n
		r.rows += n
	}
	var pool sql.DBStats
	waitFor(s.T, func() bool { // the worker may look for mails
		one, err := s.DB.DB()
		s.must(err)
		pool = one.Stats()
		return pool.InUse == 0
	})
	r.open, r.busy = pool.OpenConnections, pool.InUse
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	r.heap, r.goroutines = m.HeapAlloc, runtime.NumGoroutine()
	return r
}

// waitFor waits until a condition is true, for at most ten seconds.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Error("the condition did not become true")
			return
		}
	}
}

// compare applies the rule of TestSoak.
func (s *soak) compare(all []soakReading) {
	third := len(all) / 3
	middle := func(of []soakReading, value func(soakReading) float64) float64 {
		var values []float64
		for _, r := range of {
			values = append(values, value(r))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	for what, rule := range map[string]struct {
		value         func(soakReading) float64
		factor, extra float64
	}{
		"bytes of heap": {func(r soakReading) float64 { return float64(r.heap) }, 1.1, 2 << 20},
		"goroutines":    {func(r soakReading) float64 { return float64(r.goroutines) }, 1, 5},
	} {
		before, after := middle(all[third:2*third], rule.value), middle(all[2*third:], rule.value)
		if after > before*rule.factor+rule.extra {
			s.Errorf("%.0f %s grew to %.0f", before, what, after)
		}
	}
	for i, r := range all {
		for table, n := range r.tables {
			if first := all[0].tables[table]; n > first {
				s.Errorf("round %d leaves %d rows in %s, the first one %d", i+1, n, table, first)
			}
		}
		if r.busy != 0 || r.open > 16 {
			s.Errorf("round %d leaves %d busy connections of %d", i+1, r.busy, r.open)
		}
	}
	if s.lives.Load() < int64(len(all)) || s.failed.Load() == 0 || s.post.sent.Load() == 0 {
		s.Error("the soak has no traffic, or no faults")
	}
	if s.overtaken.Load() > 1+s.lives.Load()/500 {
		s.Errorf("%d logins in %d lives were refused", s.overtaken.Load(), s.lives.Load())
	}
	if n := s.counts(); 2*(n[500]+n[503]) > int(s.requests.Load()) {
		s.Errorf("most requests fail: %v", n)
	}
}

// tally counts responses by status.
type tally struct {
	mu sync.Mutex
	n  map[int]int
}

func (t *tally) add(status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n == nil {
		t.n = map[int]int{}
	}
	t.n[status]++
}

func (t *tally) counts() map[int]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n
}

// soakFaults are the faults of a soak, and how many there were.
type soakFaults struct {
	faulty                       atomic.Bool
	ran, failed, stalled         atomic.Int64
	called, panicked             atomic.Int64
	requests, lives, users, tick atomic.Int64
	overtaken                    atomic.Int64 // logins refused while their user changed
}
