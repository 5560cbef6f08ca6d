package core

// Transactions, and the errors that their statements return.

import (
	"context"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// Errors of the methods of [Core] and [Tx] that read and write rows. Compare with errors.Is.
var (
	ErrNoRow     = store.ErrNotFound  // the row does not exist
	ErrExists    = store.ErrExists    // another row has a value that must be unique
	ErrOwnExists = store.ErrOwnExists // an ErrExists about a column of the application
	ErrChanged   = store.ErrChanged   // another request changed the row first
	ErrTooMany   = store.ErrTooMany   // the user has the maximum number
	ErrRefused   = store.ErrRefused   // the row is not in the state that the change needs
)

// Tx runs fn in a transaction, and again if the database rolled it back to resolve a deadlock or a write conflict.
// So fn can run several times. It must begin with a write, otherwise SQLite cannot queue it, and must not keep what
// a failed attempt computed.
func (c *Core) Tx(ctx context.Context, fn func(*Tx) error) error {
	var last *Tx
	err := c.store.Tx(ctx, func(rows *store.Tx) error {
		tx := &Tx{DB: rows.Handle(), rows: rows, core: c}
		if last = tx; c.actingEnded != nil {
			rows.OnActingEnd(func(sessions []models.Session) error { return c.actingEnded(tx, sessions) })
		}
		return fn(last)
	})
	if err != nil {
		return err
	}
	for _, wake := range last.wake {
		wake()
	}
	for _, name := range last.events {
		c.happened(ctx, name)
	}
	for _, report := range last.reports {
		report(ctx)
	}
	return nil
}

// Held runs fn in a transaction of the logged-in user. It first locks the user, and fails if the session of the
// request has ended; the user does not change until the transaction ends. fn can run several times; see [Core.Tx].
// Use it in routes with AccessUser: if the request is not logged in, it fails with [ErrInternal].
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

// DB returns a handle for reading a feature's own tables outside a transaction. It reads from the primary database,
// not from a replica, and its errors are not logged. To write, use [Core.Tx] or [Core.Held].
func (c *Core) DB(ctx context.Context) *gorm.DB { return c.store.DB(ctx) }
