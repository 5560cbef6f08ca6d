package core

// Trusted browsers: a feature can excuse logins by password from the second factor in them.

import (
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/models"
)

// Excuse adds a function that can excuse a login from the second factor, because the user trusted the browser. find is
// called for logins by password of users who have a second factor, after the password was right. It returns nil to ask for the
// factor. Otherwise it returns a function that runs in the transaction of the login, after the user was locked, and returns
// [ErrChanged] if the trust has ended. The session has proven one factor.
func (s *Setup) Excuse(find func(g *gin.Context, user *models.User) (use func(*Tx) error, err error)) {
	if find == nil {
		s.fail(errors.New("Excuse needs a function, got nil"))
		return
	}
	s.declaring().core.excuses = append(s.core.excuses, find)
}

// excuse returns what a feature does in the transaction of a login that it excuses from the second factor, or nil. Only the
// password can be enough: a link or code from a mail, an identity provider and the application know nothing of the browser. Users who
// must have a second factor are always asked for it.
func (c *Core) excuse(g *gin.Context, f Flow) (func(*Tx) error, error) {
	if f.Method != MethodPassword || f.ByMail || f.Continues != nil || c.mustHaveFactor(f.Account) {
		return nil, nil
	}
	for _, find := range c.excuses {
		if use, err := find(g, f.Account.Base()); use != nil || err != nil {
			return use, err
		}
	}
	return nil, nil
}

// A BrowserKey is a new secret for the browser of a request. Store its hash, and call Keep when the row is committed.
type BrowserKey struct {
	Hash  string // in hex; the only form to store
	value string
	core  *Core
}

// NewBrowserKey returns a key for the browser of a request. [Core.BrowserKeys] returns its hash at later requests. A browser
// keeps four keys, those of four users.
func (c *Core) NewBrowserKey() (*BrowserKey, error) {
	value, hash, err := c.cookies.NewTrust()
	return &BrowserKey{Hash: hash, value: value, core: c}, err
}

// Keep puts the key into a cookie of the response.
func (k *BrowserKey) Keep(g *gin.Context, life time.Duration) {
	k.core.cookies.KeepTrust(g, k.value, life)
}

// BrowserKeys returns the hashes of the keys that the browser of a request has. Most are those of other users, or have ended.
func (c *Core) BrowserKeys(g *gin.Context) []string { return c.cookies.TrustedHashes(g.Request) }
