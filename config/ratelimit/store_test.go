package ratelimit

import (
	"fmt"
	"testing"
	"time"
)

// TestMemoryStoreForgets: a store that many clients use for a long time keeps the buckets that say something, not all that there were, and
// never more than memorySize.
func TestMemoryStoreForgets(t *testing.T) {
	t.Parallel()
	var m MemoryStore
	rule := Rule{Attempts: 5, Back: time.Minute}
	take := func(i int, now int64) {
		_, _ = m.TakeLimits(t.Context(), now, "x", []Bucket{{Name: fmt.Sprint(i), Rule: rule}}) // its error is always nil
	}
	for i := range 50_000 {
		take(i, int64(i)*time.Second.Milliseconds()) // at most 60 buckets say something
	}
	if n := len(m.states); n > tidySize {
		t.Errorf("%d buckets are kept", n)
	}
	for i := range memorySize + 20_000 {
		take(-i, 1<<40)
	}
	if n := len(m.states); n > memorySize || n < memorySize/2 {
		t.Errorf("%d buckets are kept in a flood", n)
	}
}
