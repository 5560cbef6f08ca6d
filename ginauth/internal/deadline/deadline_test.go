package deadline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

type key struct{}

// TestContext compares Context with context.WithDeadline, whether or not something waits for it.
func TestContext(t *testing.T) {
	t.Parallel()
	for name, waits := range map[string]bool{"waited for": true, "only asked": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for what, end := range map[string]struct {
					by   func(c *Context, cancel context.CancelFunc)
					want error
				}{
					"nothing":    {func(*Context, context.CancelFunc) { time.Sleep(59 * time.Second) }, nil},
					"the time":   {func(*Context, context.CancelFunc) { time.Sleep(time.Minute) }, context.DeadlineExceeded},
					"the parent": {func(_ *Context, cancel context.CancelFunc) { cancel() }, context.Canceled},
					"Release":    {func(c *Context, _ context.CancelFunc) { c.Release() }, context.Canceled},
				} {
					parent, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
					c := New(parent, time.Now().Add(time.Minute))
					if waits {
						c.Done()
					}
					end.by(c, cancel)
					synctest.Wait() // for the timer
					if err := c.Err(); !errors.Is(err, end.want) {
						t.Errorf("ended by %s: %v, want %v", what, err, end.want)
					}
					child, stop := context.WithCancel(c)
					synctest.Wait()
					if err := child.Err(); !errors.Is(err, end.want) || child.Value(key{}) != "value" {
						t.Errorf("ended by %s: the child has %v and %v", what, err, child.Value(key{}))
					}
					stop()
					c.Release()
					cancel()
				}
			})
		})
	}
}

// TestSecondDeadline: a second deadline replaces the first, and none is later than that of the request.
func TestSecondDeadline(t *testing.T) {
	t.Parallel()
	start := time.Now()
	at := func(d time.Duration) time.Time { return start.Add(d) }
	request, cancel := context.WithDeadline(t.Context(), at(time.Hour))
	defer cancel()
	first := New(request, at(time.Minute))
	defer first.Release()
	for until, want := range map[time.Duration]time.Duration{10 * time.Minute: 10 * time.Minute, 2 * time.Hour: time.Hour} {
		second := New(context.WithValue(first, key{}, "value"), at(until))
		if got, has := second.Deadline(); !has || !got.Equal(at(want)) {
			t.Errorf("a deadline in %v is in %v", until, got.Sub(start))
		}
		second.Release()
	}
}
