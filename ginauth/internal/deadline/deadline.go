// Package deadline limits how long requests take.
package deadline

import (
	"context"
	"sync"
	"time"
)

// unboundKey is the key of the request's own context in a Context.
type unboundKey struct{}

// Context is a context with a deadline that starts its timer only when something waits for it. In most requests, which read
// one row, nothing does.
type Context struct {
	context.Context // the request's own
	until           time.Time

	mu     sync.Mutex
	timed  context.Context // nil until something waits, or the context was released
	cancel context.CancelFunc
}

// New returns a context for a request that ends at the time given, or with its parent. A parent that New made counts as
// its own parent: a second deadline replaces the first.
func New(parent context.Context, until time.Time) *Context {
	if own, again := parent.Value(unboundKey{}).(context.Context); again {
		parent = own
	}
	if earlier, has := parent.Deadline(); has && earlier.Before(until) {
		until = earlier
	}
	return &Context{Context: parent, until: until}
}

// withTimer returns the context that has the timer. Without a timer, it starts one if wanted is true, and otherwise returns
// nil.
func (c *Context) withTimer(wanted bool) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timed == nil && wanted {
		c.timed, c.cancel = context.WithDeadline(c.Context, c.until)
	}
	return c.timed
}

// Release ends the context.
func (c *Context) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timed == nil {
		c.timed, c.cancel = ended, func() {}
	}
	c.cancel()
}

// ended is the canceled context that timed gets from Release if nothing has waited.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Deadline implements context.Context.
func (c *Context) Deadline() (time.Time, bool) { return c.until, true }

// Done implements context.Context.
func (c *Context) Done() <-chan struct{} { return c.withTimer(true).Done() }

// Err implements context.Context.
func (c *Context) Err() error {
	if timed := c.withTimer(false); timed != nil {
		return timed.Err()
	}
	if !time.Now().Before(c.until) {
		return context.DeadlineExceeded
	}
	return c.Context.Err()
}

// Value implements context.Context. Derived contexts use it to find the timer's context.
func (c *Context) Value(key any) any {
	if key == (unboundKey{}) {
		return c.Context
	}
	if timed := c.withTimer(false); timed != nil && timed != ended {
		return timed.Value(key)
	}
	return c.Context.Value(key)
}
