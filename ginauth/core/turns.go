package core

// Turns: how many requests count in limits at the same time.

import (
	"context"
	"runtime"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
)

// newTurns makes the turns of requests that count. Without them, 500 sign-ups at the same time take all connections to the
// database, and other requests wait for one. It also spreads what a sign-up does before its hash. Logins are spread by passhash.Hasher.Admit.
func newTurns() passhash.Turns { return passhash.NewTurns(max(4, 2*runtime.GOMAXPROCS(0))) }

// turnsOf returns the turns that a request waits for. Logins that have a place wait only for each other: otherwise requests that never
// hash could keep them there, and others from a place.
func (c *Core) turnsOf(ctx context.Context) passhash.Turns {
	if passhash.LaneOf(ctx).HasPlace() {
		return c.turnsOfNext
	}
	return c.turns
}

// turn waits for a turn, at most until the context ends, and returns what ends it.
func (c *Core) turn(ctx context.Context) (done func()) {
	done, err := c.turnsOf(ctx).Enter(ctx, c.cfg.Timeout)
	if err != nil { // counting fails as well if the context has ended
		return func() {}
	}
	return done
}
