package core

// Transactions, and the errors that their statements return.

import (
	"context"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Errors of the methods of [Core] and [Tx] that read and write rows. Compare with errors.Is.
var (
	ErrNoRow     = store.ErrNotFound  // there is no such row
	ErrExists    = store.ErrExists    // a value that must be unique is there already
	ErrOwnExists = store.ErrOwnExists // an ErrExists of a column of the application's own
	ErrChanged   = store.ErrChanged   // another request changed the row first
	ErrTooMany   = store.ErrTooMany   // the user has as many as they may
	ErrRefused   = store.ErrRefused   // the row is not in the state that the change needs
)

// Tx runs fn in a transaction, and again when the database gave up to break a deadlock or a write
// conflict. So fn may run several times: it must begin with a write, or SQLite cannot queue it, and
// must not keep what a failed attempt computed.
func (c *Core) Tx(ctx context.Context, fn func(*Tx) error) error {
	return c.store.Tx(ctx, func(rows *store.Tx) error { return fn(&Tx{rows.Handle(), rows, c}) })
}

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

// DB returns a handle for reads of a feature's own tables outside a transaction. It reads from the source, not from
// a replica, and its errors are not logged. Write in [Core.Tx] or [Core.Held].
func (c *Core) DB(ctx context.Context) *gorm.DB { return c.store.DB(ctx) }
