package core

// Personal tokens: sessions of programs, with a name, scopes and an expiry.

import (
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// A PersonalToken is a token that a user creates for a program. It outlives the session in which it was created.
type PersonalToken struct {
	Method   string   // models.Session.Method, up to 32 characters
	Name     string   // models.Session.Name
	Scopes   []string // of config.Token.Scopes; empty allows all that the user may do
	Lifetime time.Duration
}

// CreateToken stores a personal token of the logged-in user, and returns its row and its key. Only a hash of the
// key is stored, so it can be shown only once. The audit trail gets the event. then, which can be nil, runs in the same transaction, for the notice
// and the feature's own rows. [ErrTooMany] means that the user has Token.MaxPerUser tokens already, also with
// concurrent requests. Call [Core.RequireRecent] before. Use it in routes with AccessUser: if the request is not
// logged in, it fails with [ErrInternal].
func (c *Core) CreateToken(g *gin.Context, t PersonalToken, then func(*Tx) error) (*models.Session, string, error) {
	if User(g) == nil {
		return nil, "", errNoUser
	}
	key, err := secret.New(c.cfg.Rand)
	if err != nil {
		return nil, "", ErrInternal.Because(err)
	}
	token, err := c.newSession(g, t.Method, secret.Hash(secret.SessionKey(key)), grant{Credential: config.AskToken})
	if err != nil {
		return nil, "", err
	}
	token.UserID, token.Epoch, token.Personal = User(g).ID, User(g).SessionEpoch, true
	token.Name, token.Scopes = t.Name, strings.Join(slices.Compact(slices.Sorted(slices.Values(t.Scopes))), " ")
	token.ExpiresAt = token.CreatedAt.Add(t.Lifetime)
	err = c.Held(g, func(tx *Tx) error {
		if err := tx.rows.CreateToken(token, c.Now(), c.cfg.Token.MaxPerUser); err != nil {
			return err
		}
		if then != nil {
			if err := then(tx); err != nil {
				return err
			}
		}
		e := c.Event(g, accountOf(g))
		e.Session = token
		return tx.Record(config.EventTokenCreated, e)
	})
	return token, secret.Format(c.cfg.Token.Prefix, key), err
}
