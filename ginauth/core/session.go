package core

// Sessions: how one starts, whether it is valid, and the error when it ended during the request.

import (
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// How a user authenticated, as stored in models.Session.Method.
const (
	MethodPassword = "password"
	MethodRegister = "register"
	MethodLink     = "link" // in a mail that confirms an address or sets a password
)

// newSession describes the client; whose session it is comes later.
func (c *Core) newSession(g *gin.Context, method, keyHash string, granted grant) (*models.Session, error) {
	id, err := secret.NewID(c.cfg.Rand)
	if err != nil {
		return nil, ErrInternal.Because(err)
	}
	var salt string
	if granted.Pair {
		if salt, err = secret.NewID(c.cfg.Rand); err != nil {
			return nil, ErrInternal.Because(err)
		}
	}
	now := c.Now()
	return &models.Session{
		ID: id, KeyHash: keyHash, RefreshSalt: salt, Method: method, Credential: granted.Credential, CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(c.lifeOf(granted)).Truncate(time.Millisecond),
		IP:        client.Address(g.Request, c.proxies), UserAgent: client.Printable(g.Request.UserAgent(), 255),
	}, nil
}

// valid decides whether a session still counts, by whatever credential.
func (c *Core) valid(s *models.Session, u *models.User, now time.Time) bool {
	return u.IsActive && s.Epoch == u.SessionEpoch && now.Before(s.ExpiresAt) &&
		(s.Personal || s.LastSeenAt.After(c.idleSince(now)))
}

// validByKey is valid for a session that was found by its key, in a cookie or an opaque token. With JSON Web Tokens, a
// session lives as long as its refresh token, but its key only for Session.Idle.
func (c *Core) validByKey(s *models.Session, u *models.User, now time.Time) bool {
	idle := c.cfg.Session.Idle > 0 && !s.LastSeenAt.After(now.Add(-c.cfg.Session.Idle)) && !s.Personal
	return !idle && c.valid(s, u, now)
}

// idleSince is the time a session must have been seen after, by whatever credential.
func (c *Core) idleSince(now time.Time) time.Time {
	idle := c.cfg.Session.Idle
	if idle < 0 {
		return time.Unix(0, 0).UTC()
	}
	if c.jwt != nil {
		idle = max(idle, c.cfg.JWT.RefreshLifetime)
	}
	return now.Add(-idle)
}

// belongTo reports whether every key belongs to a live session of u; it is true for an empty
// list. What the application keeps in the gin session of one user must not pass to
// the next.
func (c *Core) belongTo(g *gin.Context, keys []string, u *models.User) (bool, error) {
	for _, key := range keys {
		session, owner, err := c.store.SessionByKey(g.Request.Context(), secret.Hash(key))
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if owner.Base().ID != u.ID || !c.valid(session, owner.Base(), c.Now()) {
			return false, nil
		}
	}
	return true, nil
}

// StillIn fails if the session of the request has ended: a body that comes slowly, or a hash that waits for its turn, must
// not outlast the session (T112). Call it in a transaction that has already changed or locked the user; [Core.Held] does
// both. Without a logged-in user it fails with [ErrInternal].
func (c *Core) StillIn(g *gin.Context, tx *Tx) error {
	if User(g) == nil {
		return errNoUser
	}
	return c.AsEnded(g, tx.rows.StillIn(User(g).ID, Session(g).ID))
}

// AsEnded maps [ErrChanged] to the error for a session that ended during the request.
func (c *Core) AsEnded(g *gin.Context, err error) error {
	switch {
	case !errors.Is(err, store.ErrChanged):
		return err
	case identityOf(g).ByHeader:
		return ErrInvalidToken
	}
	return ErrAuthenticationFailed
}
