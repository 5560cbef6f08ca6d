package dbtest

import (
	"context"
	crypto "crypto/rand"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// limitStore is the store of the case's applications.
func (c *Case) limitStore() ratelimit.Store {
	c.Helper()
	if c.limitsIn != nil {
		return c.limitsIn
	}
	s, err := store.Open(c.DB, func() models.Account { return &models.User{} })
	if err != nil {
		c.Fatal(err)
	}
	s.OnChange(func(...any) {})
	return s
}

// throttleRules are rules of both kinds, with edges: one attempt, one delay.
var throttleRules = []ratelimit.Rule{
	{Attempts: 3, Back: 20 * time.Second},
	{Attempts: 1, Back: time.Second},
	{Attempts: 3, Back: 15 * time.Minute, Delay: 30 * time.Second, MaxDelay: 15 * time.Minute},
	{Attempts: 1, Back: time.Second, Delay: time.Second, MaxDelay: time.Second},
	{Attempts: 1 << 30, Back: time.Hour, Delay: time.Second, MaxDelay: time.Second},
}

// storesCountAlike plays random attempts against both stores, with a clock that also goes back.
func storesCountAlike(c *Case) {
	c.Start()
	shared, memory := c.limitStore(), &ratelimit.MemoryStore{}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that can be repeated
	now := c.Clock.Now().UnixMilli()
	for step := range 600 {
		now += random.Int64N([]int64{2, 1000, 40_000, 600_000, 100_000_000}[random.IntN(5)])
		if random.IntN(10) == 0 {
			now -= random.Int64N([]int64{2, 40_000, 100_000_000}[random.IntN(3)])
		}
		var buckets []ratelimit.Bucket
		for i, rule := range throttleRules {
			if random.IntN(3) > 0 {
				buckets = append(buckets, ratelimit.Bucket{Name: fmt.Sprint("bucket", i), Kind: fmt.Sprint("kind", i), Rule: rule})
			}
		}
		if len(buckets) == 0 {
			continue
		}
		by := fmt.Sprint("attempt", step)
		got, err1 := shared.TakeLimits(c.Context(), now, by, buckets)
		want, _ := memory.TakeLimits(c.Context(), now, by, buckets)
		if err1 != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			c.Fatalf("step %d at %d, %+v:\n got %+v (%v)\nwant %+v", step, now, buckets, got, err1, want)
		}
		if random.IntN(2) > 0 {
			continue
		}
		var given []ratelimit.Given
		for _, b := range buckets {
			given = append(given, ratelimit.Given{Bucket: b, N: 1 + random.Int64N(3)})
		}
		by = fmt.Sprint("attempt", step-random.IntN(2)) // the last one, or one before
		if err := shared.GiveLimits(c.Context(), now, by, given); err != nil {
			c.Fatal(err)
		}
		_ = memory.GiveLimits(c.Context(), now, by, given)
	}
}

// clocksThatDifferLimitNobody: below the limit, an attempt does not wait for one whose clock is ahead.
func clocksThatDifferLimitNobody(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	for i := range 10 {
		c.Clock.Advance([]time.Duration{3 * time.Second, -3 * time.Second}[i%2])
		c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).Want(200)
	}
	for range 5 {
		c.Clock.Advance(-time.Second)
		c.from("203.0.113.1").Post("/auth/login/", wrong("ann")).Want(400)
	}
	c.Clock.Advance(-time.Second)
	c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).WantCode(429, binding.CodeRateLimited)
}

// limitHoldsForConcurrentAttempts: each attempt is reserved by one atomic step.
func limitHoldsForConcurrentAttempts(c *Case) {
	c.Start()
	shared := c.limitStore()
	buckets := []ratelimit.Bucket{{Name: "b", Kind: "slow", Rule: throttleRules[2]}, {Name: "a", Kind: "even", Rule: ratelimit.Rule{Attempts: 5, Back: 12 * time.Second}}}
	var ok [2]atomic.Int64
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			taken, err := shared.TakeLimits(context.Background(), c.Clock.Now().UnixMilli(), fmt.Sprint("attempt", i), buckets)
			if err != nil {
				c.Error(err)
				return
			}
			for i := range taken {
				if taken[i].OK {
					ok[i].Add(1)
				}
			}
		})
	}
	group.Wait()
	if ok[0].Load() != 3 || ok[1].Load() != 5 {
		c.Error(ok[0].Load(), ok[1].Load())
	}
}

// wrongClockBlocksNoBucket: a clock that was a year ahead leaves buckets that take an attempt, and then go on as before.
func wrongClockBlocksNoBucket(c *Case) {
	c.Start()
	shared, now := c.limitStore(), c.Clock.Now().UnixMilli()
	ahead := now + (365 * 24 * time.Hour).Milliseconds()
	for i, rule := range throttleRules[:4] {
		buckets := []ratelimit.Bucket{{Name: fmt.Sprint("bucket", i), Kind: fmt.Sprint("kind", i), Rule: rule}}
		take := func(at int64) bool {
			taken, err := shared.TakeLimits(c.Context(), at, crypto.Text(), buckets)
			if err != nil {
				c.Fatal(err)
			}
			return taken[0].OK
		}
		for take(ahead) {
		}
		if !take(now) {
			c.Errorf("%+v: blocked", rule)
		}
		if take(now) {
			c.Errorf("%+v: not limited", rule)
		}
	}
}

// rightAttemptsGiveBackTheirOwn: attempts that are right at the same time do not take back what others did wrong.
func rightAttemptsGiveBackTheirOwn(c *Case) {
	c.Start()
	shared, now := c.limitStore(), c.Clock.Now().UnixMilli()
	rule := ratelimit.Rule{Attempts: 100, Back: 15 * time.Minute, Delay: 30 * time.Second, MaxDelay: 15 * time.Minute}
	buckets := []ratelimit.Bucket{{Name: "bucket", Kind: "kind", Rule: rule}}
	take := func(by string) int64 {
		taken, err := shared.TakeLimits(c.Context(), now, by, buckets)
		if err != nil || !taken[0].OK {
			c.Fatal(taken, err)
		}
		return taken[0].State.Count
	}
	for i := range 20 { // the last ten by the network that is right then
		take(fmt.Sprint("wrong", i))
	}
	for _, by := range []string{"right1", "right2", "right3"} {
		take(by)
	}
	for _, give := range []struct {
		by string
		n  int64
	}{{"right1", 11}, {"right3", 13}, {"right2", 12}} {
		if err := shared.GiveLimits(c.Context(), now, give.by, []ratelimit.Given{{Bucket: buckets[0], N: give.n}}); err != nil {
			c.Fatal(err)
		}
	}
	if n := take("next") - 1; n < 7 || n > 10 { // 10, less at most one for each that was right at the same time
		c.Error(n)
	}
}

// limitsOfInstancesAddUp: three instances on one database.
func limitsOfInstancesAddUp(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	tried, instances := 0, []*authtest.App{c.App, c.another(limited), c.another(limited)}
	for i := range 12 {
		b := instances[i%3].Client(c.T)
		b.Header.Set("X-Forwarded-For", "203.0.113."+strconv.Itoa(i))
		if b.Post("/auth/login/", wrong("ann")).StatusCode == 400 {
			tried++
		}
	}
	if tried != 5 {
		c.Error(tried)
	}
}

// concurrentGuessesDoNotOvershoot: attempts are reserved before the hash.
func concurrentGuessesDoNotOvershoot(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	var tried atomic.Int64
	var group sync.WaitGroup
	for i := range 30 {
		b := c.from("203.0.113." + strconv.Itoa(i))
		group.Go(func() {
			if b.Post("/auth/login/", wrong("ann")).StatusCode == 400 {
				tried.Add(1)
			}
		})
	}
	group.Wait()
	if n := tried.Load(); n != 5 {
		c.Error(n)
	}
}

// limitsHoldWhileTheStoreFails: the instance counts by itself, says so once, and goes on.
func limitsHoldWhileTheStoreFails(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	if err := c.DB.Exec("DROP TABLE auth_limit").Error; err != nil {
		c.Fatal(err)
	}
	c.from("203.0.113.2").Post("/auth/login/", authtest.Login("ann")).Want(200)
	if tried, wait := guess(c.from("203.0.113.1"), "ann", 10); tried != 5 || wait != 30*time.Second {
		c.Error(tried, wait)
	}
	if log := c.Log.String(); strings.Count(log, "the store of limits failed") != 1 {
		c.Error(log)
	}
}

// hangingStore responds to nothing before the deadline.
type hangingStore struct{ asked atomic.Int64 }

func (s *hangingStore) TakeLimits(ctx context.Context, _ int64, _ string, _ []ratelimit.Bucket) ([]ratelimit.Taken, error) {
	s.asked.Add(1)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s *hangingStore) GiveLimits(ctx context.Context, _ int64, _ string, _ []ratelimit.Given) error {
	<-ctx.Done()
	return ctx.Err()
}

// limitsHoldWhileTheStoreHangs: the first request finds out, and the others do not wait. The database works, so it has the event.
func limitsHoldWhileTheStoreHangs(c *Case) {
	hanging := &hangingStore{}
	c.limits, c.limitsIn = nil, hanging
	c.Start(limited, audited)
	c.User(c.T, "ann")
	if tried, wait := guess(c.from("203.0.113.1"), "ann", 10); tried != 5 || wait != 30*time.Second {
		c.Error(tried, wait)
	}
	c.from("203.0.113.2").Post("/auth/login/", authtest.Login("ann")).WantCode(429, binding.CodeRateLimited)
	if asked, log := hanging.asked.Load(), c.Log.String(); asked != 1 || strings.Count(log, "the store of limits failed") != 1 {
		c.Errorf("asked %d times: %s", asked, log)
	}
	if got := c.limitEvents(); got != "[ann Limits.Login 203.0.113.1 0]" {
		c.Error(got)
	}
}

// limitsCostTwoStatements: a login reserves all its buckets by one statement, and gives them back by one in its
// transaction; a failed login keeps what it reserved, and a GET has no limit.
func limitsCostTwoStatements(c *Case) {
	login, failed, get, _ := c.statements()
	if l, f, g, _ := c.statements(limited); l != login+2 || f != failed+1 || g != get {
		c.Errorf("a login has %d statements, a failed one %d, a GET %d; without limits %d, %d, %d", l, f, g, login, failed, get)
	}
}

// sweptBucketCountsNothing: attempts that are given back after a sweep make no credit.
func sweptBucketCountsNothing(c *Case) {
	c.Start()
	shared, now := c.limitStore(), c.Clock.Now().UnixMilli()
	for i, rule := range throttleRules {
		b := ratelimit.Bucket{Name: fmt.Sprint("bucket", i), Kind: fmt.Sprint("kind", i), Rule: rule}
		if err := shared.GiveLimits(c.Context(), now, "attempt", []ratelimit.Given{{Bucket: b, N: 3}}); err != nil {
			c.Fatal(err)
		}
		want, _ := rule.Take(ratelimit.State{}, now, "next")
		if got, err := shared.TakeLimits(c.Context(), now, "next", []ratelimit.Bucket{b}); err != nil || !got[0].OK || got[0].State != want {
			c.Errorf("%+v: got %+v (%v), want %+v", rule, got, err, want)
		}
	}
}
