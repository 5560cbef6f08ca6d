package core

// Sessions: creating them, whether they are valid, and the error if one ended during the request.

import (
	"errors"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clock"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// How a user logged in, as stored in models.Session.Method.
const (
	MethodPassword = "password"
	MethodRegister = "register"
	MethodLink     = "link" // a link or code from a mail that confirms an address or sets a password
)

// newSession returns a session for the client of a request. The user is set later.
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
	session := &models.Session{
		ID: id, KeyHash: keyHash, RefreshSalt: salt, Method: method, Credential: granted.Credential, Short: granted.Short, CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(c.lifeOf(granted)).Truncate(time.Millisecond),
		IP:        c.placeOf(g).address, UserAgent: client.Printable(g.Request.UserAgent(), 255),
		Factors: 1,
	}
	session.Prove(method, now)
	return session, nil
}

// valid reports whether a session is valid, with every kind of credential.
func (c *Core) valid(s *models.Session, u *models.User, now time.Time) bool {
	return u.IsActive && !u.IsBanned(now) && s.Epoch == u.SessionEpoch && now.Before(s.ExpiresAt) &&
		(s.Personal || s.LastSeenAt.After(c.idleSince(now)))
}

// validByKey is valid for a session that was found by its key, in a cookie or an opaque token. With JSON Web
// Tokens, a session lives as long as its refresh token, but its key only for Session.Idle.
func (c *Core) validByKey(s *models.Session, u *models.User, now time.Time) bool {
	idle := c.cfg.Session.Idle > 0 && !s.LastSeenAt.After(now.Add(-c.cfg.Session.Idle)) && !s.Personal
	return !idle && c.valid(s, u, now)
}

// idleSince returns the time after which a session must have been seen to be valid, with every kind of credential.
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

// belongTo reports whether every key belongs to a valid session of u; it is true for an empty list. The
// application's values in the gin session of one user must not pass to the next.
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

// StillIn returns an error if the session of the request has ended: a request that takes long, because its body
// comes slowly or a hash waits for its turn, must not outlast its session. Call it in a transaction that has
// already changed or locked the user; [Core.Held] does both. If the request is not logged in, it fails with
// [ErrInternal].
func (c *Core) StillIn(g *gin.Context, tx *Tx) error {
	if User(g) == nil {
		return errNoUser
	}
	return c.AsEnded(g, tx.rows.StillIn(User(g).ID, Session(g).ID))
}

// AsEnded converts [ErrChanged] to the error for a session that ended during the request, and returns other errors
// unchanged.
func (c *Core) AsEnded(g *gin.Context, err error) error {
	switch {
	case !errors.Is(err, store.ErrChanged):
		return err
	case identityOf(g).ByHeader:
		return ErrInvalidToken
	}
	return ErrAuthenticationFailed
}

// touch records from time to time that the session is in use. If that fails, the session only ends sooner, so the
// request continues.
func (c *Core) touch(g *gin.Context, s *models.Session, now time.Time) {
	if clock.Age(s.LastSeenAt, now) < c.cfg.Session.Touch {
		return
	}
	if err := c.store.Touch(g.Request.Context(), s.ID, now); err != nil {
		if !client.Left(g.Request) {
			c.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelWarn, "ginauth: could not record that a session is in use",
				slog.String("error", err.Error()))
		}
		return
	}
	s.LastSeenAt = now
}
