package core

// What a login gives its client; package grants chooses it.

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

func (c *Core) grantFor(r *http.Request) (grant, error) { return c.grants().For(r) }

// CheckGrant refuses a request that asks for a credential it cannot get. Call it before a password is verified, or the
// refusal tells that the password was right.
func (c *Core) CheckGrant(r *http.Request) error {
	_, err := c.grantFor(r)
	return err
}

// UsesCookies reports whether browsers send a credential by themselves.
func (c *Core) UsesCookies() bool { return c.grants().UsesCookies() }

// UsesTokens reports whether logins give opaque tokens and users may make personal ones.
func (c *Core) UsesTokens() bool { return c.tokens }

// gave reports whether the login of a session gave a credential.
func gave(s *models.Session, credential string) bool {
	return s.Credential == "" || s.Credential == credential
}

// lifeOf is how long a session lives at most.
func (c *Core) lifeOf(granted grant) time.Duration {
	if granted.Credential == config.AskFixedJWT {
		return min(c.cfg.Session.Absolute, c.cfg.JWT.AllowFixedRefresh)
	}
	return c.cfg.Session.Absolute
}
