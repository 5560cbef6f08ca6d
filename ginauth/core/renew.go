package core

// RenewSession: new keys for the session of a request whose user ends all others.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookies"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
	"github.com/ginauth/gin-rest-auth/models"
)

// RenewSession is [Core.Held] for a change that ends the other sessions of the user by [Tx.EndSessions]. The
// session of the request continues. If it came by a cookie, it gets a new key, ID and tokens, so that copies of the
// old ones are worthless. A client with a token keeps it, because dj-rest-auth's response has no field for a new
// one.
func (c *Core) RenewSession(g *gin.Context, change func(*Tx) error) error {
	user, session := User(g), Session(g)
	if user == nil {
		return errNoUser
	}
	key, err := c.renewKey(g)
	if err != nil {
		return err
	}
	defer key.UndoUnlessCommitted()
	renewed, pair, err := c.renewPair(g)
	if err != nil {
		return err
	}
	renewed.KeyHash, renewed.Epoch = key.Hash, user.SessionEpoch+1
	err = c.Held(g, func(tx *Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return tx.rows.RekeySession(session.ID, renewed)
	})
	if err != nil {
		return err
	}
	key.Commit()
	session.ID = renewed.ID
	if pair != nil {
		c.jwt.SetCookies(g, c.refreshPaths(), pair)
	}
	if !session.Short {
		c.rememberDevice(g, &models.User{ID: user.ID, SessionEpoch: renewed.Epoch})
	}
	return nil
}

func (c *Core) renewKey(g *gin.Context) (*cookies.Key, error) {
	if identityOf(g).ByHeader || !c.cookies.Came(g) {
		return &cookies.Key{Hash: Session(g).KeyHash}, nil
	}
	return c.cookies.Issue(g, cookies.Terms{InCookie: true, KeepValues: true, Short: Session(g).Short})
}

// renewPair gives a session a new ID: copies of its JSON Web Tokens, and a concurrent refresh, refer to the old
// one. It creates new tokens in cookies.
func (c *Core) renewPair(g *gin.Context) (renewed *models.Session, p *tokens.Pair, err error) {
	renewed = new(*Session(g))
	if identityOf(g).ByHeader || !c.UsesJWT() {
		return renewed, nil, nil
	}
	if renewed.ID, err = secret.NewID(c.cfg.Rand); err != nil {
		return nil, nil, ErrInternal.Because(err)
	}
	if c.jwt.InCookies() {
		p, err = c.jwt.Issue(g.Request.Context(), c.Now(), identityOf(g).Account, renewed)
	}
	return renewed, p, err
}
