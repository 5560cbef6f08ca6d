package core

// What the configuration has, for flows that depend on it.

import (
	"net/http"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
)

// UsesJWT reports whether logins give JSON Web Tokens.
func (c *Core) UsesJWT() bool { return c.keyring != nil }

// UsesTokens reports whether logins give opaque tokens and users may make personal ones.
func (c *Core) UsesTokens() bool { return c.tokens }

// KeySet has the public keys that verify access tokens, in the form of RFC 7517, section 5. Secret keys are left out.
type KeySet struct {
	Keys []jwt.JWK `json:"keys"`
}

// KeySet returns the public keys. Call it only if [Core.UsesJWT].
func (c *Core) KeySet() KeySet { return KeySet{c.keyring.Public()} }

// CheckOrigin refuses a request that a page of another site makes a browser send, and logs it. Safe methods pass.
func (c *Core) CheckOrigin(r *http.Request) error { return c.origins.Check(r, false) }
