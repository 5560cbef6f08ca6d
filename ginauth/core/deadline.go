package core

// Deadlines of requests.

import (
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/deadline"
)

// Bound gives the request a deadline, config.Config.Timeout from now, until release is called: handlers of the
// application behind a guard have no deadline. A second call starts the time again, because the time that a client
// takes to send its body is not the database's.
func (c *Core) Bound(g *gin.Context) (release func()) {
	if c.cookies.InUse {
		sessions.GetRegistry(g.Request) // before the request is copied, so that all copies share one session
	}
	return c.bound(g)
}

// bound is Bound for requests whose gin session is not read.
func (c *Core) bound(g *gin.Context) (release func()) {
	whole := g.Request
	ctx := deadline.New(whole.Context(), time.Now().Add(c.cfg.Timeout))
	g.Request = whole.WithContext(withOperator(ctx, whole.Context()))
	return func() {
		g.Request = whole
		ctx.Release()
	}
}
