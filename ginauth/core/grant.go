package core

// The credentials that a login gives its client. Package grants chooses them.

import (
	"net/http"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/grants"
	"github.com/ginauth/gin-rest-auth/models"
)

type grant = grants.Grant

func (c *Core) grants() grants.Rules {
	return grants.Rules{Config: &c.cfg, Cookies: c.cookies, JWT: c.jwt, Origins: c.origins}
}

func (c *Core) grantFor(r *http.Request) (grant, error) { return c.grants().For(r, "") }

// CheckGrant returns an error if a request asks for a credential that it cannot get. Call it before a password is
// verified; otherwise the error reveals that the password was right.
func (c *Core) CheckGrant(r *http.Request) error {
	_, err := c.grantFor(r)
	return err
}

// UsesCookies reports whether logins give cookies, which browsers send automatically.
func (c *Core) UsesCookies() bool { return c.grants().UsesCookies() }

// UsesTokens reports whether logins give opaque tokens, so that users can also create personal ones.
func (c *Core) UsesTokens() bool { return c.tokens }

// gave reports whether the login of a session gave a credential.
func gave(s *models.Session, credential string) bool {
	return s.Credential == "" || s.Credential == credential
}

// lifeOf returns the maximum lifetime of a session.
func (c *Core) lifeOf(granted grant) time.Duration {
	life := c.cfg.Session.Absolute
	if granted.Credential == config.AskFixedJWT {
		life = min(life, c.cfg.JWT.AllowFixedRefresh)
	}
	if granted.Short {
		life = min(life, c.cfg.Session.Short)
	}
	return life
}
