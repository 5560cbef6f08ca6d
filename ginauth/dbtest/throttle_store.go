package dbtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// limitStore is a limit.Store in the case's database.
func (c *Case) limitStore() limit.Store {
	c.Helper()
	s, err := store.Open(c.DB, func() models.Account { return &models.User{} })
	if err != nil {
		c.Fatal(err)
	}
	s.OnChange(func(...any) {})
	return limit.InDatabase{TakeLimits: s.TakeLimits, GiveLimits: s.GiveLimits}
}

// throttleRules are rules of both kinds, with edges: one attempt, one delay.
var throttleRules = []limit.Rule{
	{Attempts: 3, Per: time.Minute},
	{Attempts: 1, Per: time.Second},
	{Attempts: 3, Per: time.Minute, Delay: 30 * time.Second, MaxDelay: 15 * time.Minute},
	{Attempts: 1, Per: time.Second, Delay: time.Second, MaxDelay: time.Second},
	{Attempts: 1000, Per: limit.Memory, Delay: time.Second, MaxDelay: time.Second},
}

// databaseAndMemoryCountAlike plays random attempts against both stores.
func databaseAndMemoryCountAlike(c *Case) {
	c.Start()
	database, memory := c.limitStore(), &limit.MemoryStore{}
	random := rand.New(rand.NewPCG(1, 2))
	now := c.Clock.Now().UnixMilli()
	for step := range 400 {
		now += random.Int64N([]int64{2, 1000, 40_000, 600_000, 100_000_000}[random.IntN(5)])
		var buckets []limit.Bucket
		for i, rule := range throttleRules {
			if random.IntN(3) > 0 {
				buckets = append(buckets, limit.Bucket{Name: fmt.Sprint("bucket", i), Rule: rule})
			}
		}
		if len(buckets) == 0 {
			continue
		}
		got, err1 := database.Take(c.Context(), now, buckets)
		want, _ := memory.Take(c.Context(), now, buckets)
		if err1 != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			c.Fatalf("step %d at %d, %+v:\n got %+v (%v)\nwant %+v", step, now, buckets, got, err1, want)
		}
		if random.IntN(2) > 0 {
			continue
		}
		var given []limit.Given
		for _, b := range buckets {
			given = append(given, limit.Given{Bucket: b, N: 1 + random.Int64N(3)})
		}
		if err := database.Give(c.Context(), now, given); err != nil {
			c.Fatal(err)
		}
		_ = memory.Give(c.Context(), now, given)
	}
}

// limitHoldsForConcurrentAttempts: each attempt is reserved by one atomic statement.
func limitHoldsForConcurrentAttempts(c *Case) {
	c.Start()
	database := c.limitStore()
	buckets := []limit.Bucket{{Name: "b", Rule: throttleRules[2]}, {Name: "a", Rule: limit.Rule{Attempts: 5, Per: time.Minute}}}
	var ok [2]atomic.Int64
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			taken, err := database.Take(context.Background(), c.Clock.Now().UnixMilli(), buckets)
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
