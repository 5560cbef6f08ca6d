package core

// Turns: how many requests count in limits at the same time.

import (
	"context"
	"runtime"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
)

// newTurns makes the turns of requests that count. Without them, 500 logins at the same time take all connections to the
// database, and other requests wait for one. What follows a turn, until a request waits for a hash, is bounded by it as well.
func newTurns() passhash.Turns { return passhash.NewTurns(max(4, 2*runtime.GOMAXPROCS(0))) }

// turn waits for a turn, at most until the context ends, and returns what ends it.
func (c *Core) turn(ctx context.Context) (done func()) {
	done, err := c.turns.Enter(ctx, c.cfg.Timeout)
	if err != nil { // counting fails as well if the context has ended
		return func() {}
	}
	return done
}
