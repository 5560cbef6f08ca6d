package ginauth

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
	methodPassword = "password"
	methodRegister = "register"
	methodLink     = "link" // in a mail that confirms an address or sets a password
	methodCode     = "code" // in a mail to log in with
)

// methodToken is models.Session.Method of personal tokens.
const methodToken = "token"

// newSession describes the client; whose session it is comes later.
func (a *Auth) newSession(c *gin.Context, method, keyHash string, g grant) (*models.Session, error) {
	id, err := secret.NewID(a.cfg.Rand)
	if err != nil {
		return nil, errInternal.Because(err)
	}
	var salt string
	if g.pair {
		if salt, err = secret.NewID(a.cfg.Rand); err != nil {
			return nil, errInternal.Because(err)
		}
	}
	now := a.now()
	return &models.Session{
		ID: id, KeyHash: keyHash, RefreshSalt: salt, Method: method, Credential: g.credential, CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(a.lifeOf(g)).Truncate(time.Millisecond),
		IP:        client.Address(c.Request, a.proxies), UserAgent: client.Printable(c.Request.UserAgent(), 255),
	}, nil
}

// alive decides whether a session still counts.
func (a *Auth) alive(s *models.Session, u *models.User, now time.Time) bool {
	return u.IsActive && s.Epoch == u.SessionEpoch && now.Before(s.ExpiresAt) &&
		(s.Personal || s.LastSeenAt.After(a.idleSince(now)))
}

// belongTo reports whether every key belongs to a live session of u; it is true for an empty
// list. What the application keeps in the gin session of one user must not pass to
// the next.
func (a *Auth) belongTo(c *gin.Context, keys []string, u *models.User) (bool, error) {
	for _, key := range keys {
		session, owner, err := a.store.SessionByKey(c.Request.Context(), secret.Hash(key))
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if owner.Base().ID != u.ID || !a.alive(session, owner.Base(), a.now()) {
			return false, nil
		}
	}
	return true, nil
}

// stillIn wants the session of a request to be there still, within the transaction of what it
// asks for and when that has changed or locked the user: a body that comes slowly, or a hash that
// waits for its turn, must not outlast the session (T112).
func (a *Auth) stillIn(c *gin.Context, tx *store.Tx) error {
	return a.asEnded(c, tx.StillIn(User(c).ID, Session(c).ID))
}

// asEnded maps ErrChanged to the error for a session that ended during the request.
func (a *Auth) asEnded(c *gin.Context, err error) error {
	switch {
	case !errors.Is(err, store.ErrChanged):
		return err
	case identityOf(c).byHeader:
		return errInvalidToken
	}
	return errAuthenticationFailed
}
