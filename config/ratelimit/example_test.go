package ratelimit_test

import (
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
)

// Three attempts, then waits that grow.
func ExampleRule() {
	rule := ratelimit.Rule{Attempts: 3, Back: 15 * time.Minute, Delay: 30 * time.Second, MaxDelay: 15 * time.Minute}
	var state ratelimit.State
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for range 5 {
		state, _ = rule.Take(state, now.UnixMilli(), "a random text")
		wait := rule.Wait(state, now.UnixMilli())
		fmt.Println(now.Format("15:04:05"), "then wait", wait)
		now = now.Add(wait)
	}
	// Output:
	// 12:00:00 then wait 0s
	// 12:00:00 then wait 0s
	// 12:00:00 then wait 30s
	// 12:00:30 then wait 1m0s
	// 12:01:30 then wait 2m0s
}
