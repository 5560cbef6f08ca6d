package core

// Deadlines of requests.

import (
	"context"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"
)

// Bound gives the request a deadline, config.Timeout from now, until the function it returns is
// called: handlers of the application behind a guard are not bounded. A second call counts
// from then: the time that a client takes for its body is not the database's.
func (c *Core) Bound(g *gin.Context) (release func()) {
	if c.cookies.InUse {
		sessions.GetRegistry(g.Request) // before the request is copied, so that all copies share one session
	}
	whole, parent := g.Request, g.Request.Context()
	if unbound, again := parent.Value(unboundKey{}).(context.Context); again {
		parent = unbound
	}
	ctx := bindTo(parent, time.Now().Add(c.cfg.Timeout))
	g.Request = whole.WithContext(ctx)
	return func() {
		g.Request = whole
		ctx.release()
	}
}

// unboundKey is the key of the request's own context in a bounded one.
type unboundKey struct{}

// bounded is context.WithDeadline, but makes the timer when somebody waits for it: most requests read one row, and
// nobody does.
type bounded struct {
	context.Context // the request's own
	until           time.Time

	mu     sync.Mutex
	timed  context.Context // nil until somebody waits, or ended
	cancel context.CancelFunc
}

func bindTo(parent context.Context, until time.Time) *bounded {
	if earlier, has := parent.Deadline(); has && earlier.Before(until) {
		until = earlier
	}
	return &bounded{Context: parent, until: until}
}

// withTimer returns the context that has the timer. Only if wanted is true, it makes one.
func (b *bounded) withTimer(wanted bool) context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timed == nil && wanted {
		b.timed, b.cancel = context.WithDeadline(b.Context, b.until)
	}
	return b.timed
}

// release ends the context.
func (b *bounded) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timed == nil {
		b.timed, b.cancel = ended, func() {}
	}
	b.cancel()
}

// ended is a context that was canceled.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Deadline implements context.Context.
func (b *bounded) Deadline() (time.Time, bool) { return b.until, true }

// Done implements context.Context.
func (b *bounded) Done() <-chan struct{} { return b.withTimer(true).Done() }

// Err implements context.Context.
func (b *bounded) Err() error {
	if timed := b.withTimer(false); timed != nil {
		return timed.Err()
	}
	if !time.Now().Before(b.until) {
		return context.DeadlineExceeded
	}
	return b.Context.Err()
}

// Value implements context.Context. Contexts that are made of this one find the timer's by it.
func (b *bounded) Value(key any) any {
	if key == (unboundKey{}) {
		return b.Context
	}
	if timed := b.withTimer(false); timed != nil && timed != ended {
		return timed.Value(key)
	}
	return b.Context.Value(key)
}
