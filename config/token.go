package config

import (
	"regexp"
	"slices"
	"time"
)

// Credential is what a login gives to the client, which sends it with later requests.
type Credential string

// The credentials. All credentials of one login belong to the same row in auth_session, so they end
// together. The row says which ones the login gave; no other credential is accepted for it.
const (
	// SessionCookie is a cookie, for browsers; see Cookie and SessionStore.
	SessionCookie Credential = "session"
	// OpaqueToken is a random key in the body, {"key": "gat_...", "user": {...}}, for clients
	// without cookies. They send it as `Authorization: Token gat_...` or `Bearer gat_...`. It also adds
	// the routes of personal tokens at tokens/.
	OpaqueToken Credential = "token"
)

// A client asks for one credential with the header `Auth-Credential` of the request that logs in.
// Without the header it gets cookies if Login has any, else every token in Login.
const (
	// CredentialHeader is the header with which a client asks for a credential when it logs in. Its values
	// are the following constants.
	CredentialHeader = "Auth-Credential"
	// AskCookie asks for cookies and no token in the body.
	AskCookie = "cookie"
	// AskToken asks for an opaque token and no cookie. Login must have OpaqueToken.
	AskToken = "token"
	// AskJWT asks for JSON Web Tokens in the body and no cookie. Login must have JSONWebToken
	// with the transport InBody or InEither.
	AskJWT = "jwt"
	// AskFixedJWT asks for the same as AskJWT, with a refresh token that does not change; see
	// JWT.AllowFixedRefresh.
	AskFixedJWT = "jwt-fixed"
)

// Token sets opaque tokens: those of logins, and the personal tokens that users create for their
// programs at tokens/. It has no effect unless Login has OpaqueToken.
type Token struct {
	// Prefix is how every token begins, so that scanners for leaked secrets find it: up to 16 letters and
	// digits. The library adds an underscore. Default: "gat".
	Prefix string
	// Lifetime is how long a personal token is valid if the user does not choose. From 1 minute to
	// MaxLifetime. Tokens of logins are valid as long as their session, see [Session]. Default: 90 days.
	Lifetime time.Duration
	// MaxLifetime is the longest lifetime that a user can choose. Default: 366 days.
	MaxLifetime time.Duration
	// MaxPerUser is how many personal tokens a user can have, at least 1. Default: 50.
	MaxPerUser int
	// EndWithSessions makes DELETE sessions/ end the user's personal tokens as well. A new password ends
	// them in any case. Default: false, programs keep running.
	EndWithSessions bool
	// Scopes are the scopes that users can limit personal tokens to, as RequireScope names them: letters,
	// digits and signs without spaces, up to 255 bytes in all. Default: none, every personal token can
	// do what its user can.
	Scopes []string
}

func (t Token) withDefaults() Token {
	or(&t.Prefix, "gat")
	or(&t.Lifetime, 90*24*time.Hour)
	or(&t.MaxLifetime, 366*24*time.Hour)
	or(&t.MaxPerUser, 50)
	t.Scopes = slices.Clone(t.Scopes)
	return t
}

var (
	tokenPrefix = regexp.MustCompile(`^[A-Za-z0-9]{1,16}$`)
	scopeForm   = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]{1,64}$`) // scope-token of RFC 6749, section 3.3
)

const maxScopes = 255 // bytes of all scopes of a token, with separators

func (c Config) checkToken(bad report) {
	for _, credential := range c.Login {
		if all := []Credential{SessionCookie, OpaqueToken, JSONWebToken}; !slices.Contains(all, credential) {
			bad("Login", "%q is invalid; use one of %q", credential, all)
		}
	}
	t := c.Token
	if !tokenPrefix.MatchString(t.Prefix) {
		bad("Token.Prefix", "use up to 16 letters and digits, not %q", t.Prefix)
	}
	if t.Lifetime < time.Minute || t.Lifetime > t.MaxLifetime {
		bad("Token.Lifetime", "must be between 1 minute and Token.MaxLifetime")
	}
	if t.MaxPerUser < 1 {
		bad("Token.MaxPerUser", "must be positive")
	}
	if len(t.Scopes) > 0 && !slices.Contains(c.Login, OpaqueToken) {
		bad("Token.Scopes", "has no effect without config.OpaqueToken in Login, which adds the routes of personal tokens")
	}
	length := 0
	for _, scope := range t.Scopes {
		length += len(scope) + 1
		if !scopeForm.MatchString(scope) {
			bad("Token.Scopes", "%q is not a scope; use letters, digits and signs without spaces", scope)
		}
	}
	if length > maxScopes {
		bad("Token.Scopes", "must have at most %d bytes in all", maxScopes)
	}
}
