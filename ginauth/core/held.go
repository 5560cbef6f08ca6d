package core

// Transactions of the user who is logged in.

import "github.com/gin-gonic/gin"

// Held runs fn in a transaction of the user who is logged in. It locks the user first, and fails if the session of the
// request has ended: what the request checked before is then still so. fn may run several times; see [Core.Tx]. Use it in
// routes with AccessUser: without a logged-in user it fails with [ErrInternal].
func (c *Core) Held(g *gin.Context, fn func(*Tx) error) error {
	if User(g) == nil {
		return errNoUser
	}
	return c.Tx(g.Request.Context(), func(tx *Tx) error {
		if err := c.AsEnded(g, tx.LockedIn(User(g).ID, Session(g).ID)); err != nil {
			return err
		}
		return fn(tx)
	})
}
