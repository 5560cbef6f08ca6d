package core

// Deadlines of requests.

import (
	"context"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"
)

// unboundKey is the key of the request's own context in one that bound made.
type unboundKey struct{}

// Bound gives the request a deadline, config.Timeout from now, until the function it returns is
// called: handlers of the application behind a guard are not bounded. A second call counts
// from then: the time that a client takes for its body is not the database's.
func (c *Core) Bound(g *gin.Context) (release func()) {
	sessions.GetRegistry(g.Request) // before the request is copied, so that all copies share one session
	whole, parent := g.Request, g.Request.Context()
	if unbound, again := parent.Value(unboundKey{}).(context.Context); again {
		parent = unbound
	}
	ctx, cancel := context.WithTimeout(context.WithValue(parent, unboundKey{}, parent), c.cfg.Timeout)
	g.Request = whole.WithContext(ctx)
	return func() {
		g.Request = whole
		cancel()
	}
}
