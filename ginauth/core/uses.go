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

// PublicKeys are the public halves of the keys that access tokens are signed with (RFC 7517).
func (c *Core) PublicKeys() []jwt.JWK { return c.keyring.Public() }

// CheckOrigin refuses a request that a page of another site makes a browser send, and logs it. Safe methods pass.
func (c *Core) CheckOrigin(r *http.Request) error { return c.origins.Check(r, false) }
