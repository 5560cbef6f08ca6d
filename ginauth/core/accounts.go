package core

// Accounts, their addresses and sessions, read and changed outside a transaction of the caller.

import (
	"context"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// UserByID returns the account with an ID, or [ErrNoRow].
func (c *Core) UserByID(ctx context.Context, id int64) (models.Account, error) {
	return c.store.UserByID(ctx, id)
}

// UserByName returns the account with a user name, or [ErrNoRow].
func (c *Core) UserByName(ctx context.Context, name string) (models.Account, error) {
	return c.store.UserByKeys(ctx, "", models.UsernameKey(name), false, c.Now())
}

// ProfileOf returns the public profile of a user, as responses have it.
func (c *Core) ProfileOf(u *models.User) binding.User {
	out := binding.UserOf(u)
	if c.cfg.ShowHasPassword {
		out.HasPassword = new(u.HasPassword())
	}
	return out
}

// SetActive activates or deactivates a user. Deactivating also ends all their sessions and personal tokens. It
// returns [ErrNoRow] if the user does not exist.
func (c *Core) SetActive(ctx context.Context, id int64, active bool) error {
	return c.Tx(ctx, func(tx *Tx) error { return tx.SetActive(config.Event{User: &models.User{ID: id}}, active) })
}

// DueDeletions returns the IDs of some users whose deletion is due, in ascending order. Only IDs above behind are
// returned: pass the last ID of the previous call.
func (c *Core) DueDeletions(ctx context.Context, now time.Time, behind int64) ([]int64, error) {
	return c.store.DueDeletions(ctx, now, behind)
}

// Emails returns the addresses of a user, the oldest first.
func (c *Core) Emails(ctx context.Context, userID int64) ([]models.Email, error) {
	return c.store.Emails(ctx, userID)
}

// HasConfirmed reports whether a user has confirmed an address.
func (c *Core) HasConfirmed(ctx context.Context, userID int64) (bool, error) {
	return c.store.HasConfirmed(ctx, userID)
}

// Claimed is [Tx.Claimed] outside a transaction: a concurrent request can change the result at any time.
func (c *Core) Claimed(ctx context.Context, key models.Key, except int64, signUps bool) (bool, error) {
	return c.store.Claimed(ctx, key, except, signUps, c.Now())
}

// SessionsOf returns the valid sessions of a user or, if personal is true, their personal tokens. The one seen last
// comes first.
func (c *Core) SessionsOf(ctx context.Context, u *models.User, personal bool) ([]models.Session, error) {
	now := c.Now()
	if personal {
		return c.store.Sessions(ctx, u, true, now, now)
	}
	return c.store.Sessions(ctx, u, false, now, c.idleSince(now))
}

// SessionByID returns a session, valid or not, and its account, or [ErrNoRow].
func (c *Core) SessionByID(ctx context.Context, id string) (*models.Session, models.Account, error) {
	return c.store.SessionByID(ctx, id)
}

// SessionByKey is [Core.SessionByID] by the hash of the session key.
func (c *Core) SessionByKey(ctx context.Context, keyHash string) (*models.Session, models.Account, error) {
	return c.store.SessionByKey(ctx, keyHash)
}

// EndSession ends one session of a user or, if personal is true, one of their personal tokens. It returns
// [ErrNoRow] if the user has no session with this ID. The ID can be any text that a client sent.
func (c *Core) EndSession(ctx context.Context, userID int64, id string, personal bool) error {
	if !secret.IsID(id) { // a database might reject some bytes, or ignore case
		return ErrNoRow
	}
	if c.actAs == "" || personal {
		return c.store.EndSession(ctx, userID, id, personal)
	}
	return c.Tx(ctx, func(tx *Tx) error {
		if err := tx.LockUser(userID); err != nil { // begins with a write
			return err
		}
		return tx.EndSession(userID, id, personal)
	})
}

// EndSessionByID ends a session of any user. It returns [ErrNoRow] if the session does not exist.
func (c *Core) EndSessionByID(ctx context.Context, id string) error {
	return c.store.EndSessionByID(ctx, id)
}

// EndSessionByKey is [Core.EndSessionByID] by the hash of the session key.
func (c *Core) EndSessionByKey(ctx context.Context, keyHash string) error {
	return c.store.EndSessionByKey(ctx, keyHash)
}

// EndOtherSessions ends all sessions of a user except one, the logins that wait for a second factor, the trust in browsers and, if
// tokens is true, the personal tokens.
func (c *Core) EndOtherSessions(ctx context.Context, userID int64, except string, tokens bool) error {
	if c.actAs == "" && len(c.factors) == 0 && !slices.ContainsFunc(c.listeners, func(l Listener) bool { return l.OnDistrust != nil }) {
		return c.store.EndOtherSessions(ctx, userID, except, tokens)
	}
	return c.Tx(ctx, func(tx *Tx) error {
		if err := tx.LockUser(userID); err != nil { // begins with a write
			return err
		}
		return tx.endOthers(userID, except, tokens)
	})
}

// UserChanged implements ginauth.Auth.UserChanged, which has the documentation.
func (c *Core) UserChanged(id int64) { c.cache.Forget(id) }
