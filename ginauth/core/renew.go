package core

// RenewSession and RaiseSession: new keys for the session of a request, when its user ends all others, or proves a factor.

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
	if User(g) == nil {
		return errNoUser
	}
	renewed := *Session(g)
	renewed.Epoch = User(g).SessionEpoch + 1
	if err := c.renew(g, &renewed, false, change); err != nil {
		return err
	}
	if !renewed.Short {
		c.rememberDevice(g, &models.User{ID: User(g).ID, SessionEpoch: renewed.Epoch})
	}
	return nil
}

// RaiseSession is [Core.Held] for a change in which the logged-in user proves a second factor, or sets one up. From then
// on, the session counts as recent, and as one that has proven two factors. proof is the name in
// models.Session.Proofs, such as the name of the factor. The session gets a new key as by [Core.RenewSession]; other
// sessions stay. An access token in the body of a response states the new factor after its next refresh.
func (c *Core) RaiseSession(g *gin.Context, proof string, change func(*Tx) error) error {
	if User(g) == nil {
		return errNoUser
	}
	now, renewed := c.Now(), *Session(g)
	if !c.isMailFactor(proof) || !c.provenByMail(&renewed) {
		renewed.Factors = 2
	}
	renewed.Prove(proof, now)
	renewed.ProvenAt = &now
	if err := c.renew(g, &renewed, true, change); err != nil {
		return err
	}
	session := Session(g)
	session.Factors, session.Proofs, session.ProvenAt = renewed.Factors, renewed.Proofs, renewed.ProvenAt
	return nil
}

// renew gives the session of a request a new key and, where it has JSON Web Tokens, a new ID, in the transaction of a
// change. If proven is true, it also stores the proofs of renewed.
func (c *Core) renew(g *gin.Context, renewed *models.Session, proven bool, change func(*Tx) error) error {
	session := Session(g)
	if session.ActorID != 0 {
		return ErrImpersonated
	}
	key, err := c.renewKey(g)
	if err != nil {
		return err
	}
	defer key.UndoUnlessCommitted()
	pair, err := c.renewPair(g, renewed)
	if err != nil {
		return err
	}
	renewed.KeyHash = key.Hash
	factors := renewed.Factors
	err = c.Held(g, func(tx *Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		if renewed.Factors = factors; tx.lowered {
			renewed.Factors = 1
		}
		return tx.rows.RekeySession(session.ID, renewed, proven)
	})
	if err != nil {
		return err
	}
	key.Commit()
	session.ID = renewed.ID
	if pair != nil {
		c.jwt.SetCookies(g, c.refreshPaths(), pair)
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
func (c *Core) renewPair(g *gin.Context, renewed *models.Session) (p *tokens.Pair, err error) {
	if identityOf(g).ByHeader || !c.UsesJWT() {
		return nil, nil
	}
	if renewed.ID, err = secret.NewID(c.cfg.Rand); err != nil {
		return nil, ErrInternal.Because(err)
	}
	if c.jwt.InCookies() {
		p, err = c.jwt.Issue(g.Request.Context(), c.Now(), identityOf(g).Account, renewed)
	}
	return p, err
}
