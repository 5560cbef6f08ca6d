package jwt

// Claims, including the registered ones (RFC 7519, section 4.1), read without the allocations of jwt.RegisteredClaims.

import (
	"math"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Claims are the claims that this library reads.
type Claims struct {
	registered
	TokenType string `json:"token_type"`
	UserID    string `json:"user_id"`
	SessionID string `json:"sid"`
	// Credential is the credential that the login gave its client, for servers that do not read the session. It is empty if
	// any is allowed.
	Credential string `json:"auth_credential"`

	// Actor is who acts in the place of the user (RFC 8693, section 4.1); nil if the user does.
	Actor *Actor `json:"act"`

	// AuthTime, AMR and ACR say when and how the user authenticated (OpenID Connect Core, section 2; RFC 8176). They are only
	// written: this library reads the session.
	AuthTime Seconds  `json:"-"`
	AMR      []string `json:"-"`
	ACR      string   `json:"-"`
}

// Actor is the claim act.
type Actor struct {
	Subject string `json:"sub"`
}

// registered implements jwt.Claims.
type registered struct {
	ID        string           `json:"jti"`
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	Audience  jwt.ClaimStrings `json:"aud"`
	ExpiresAt Seconds          `json:"exp"`
	IssuedAt  Seconds          `json:"iat"`
	NotBefore Seconds          `json:"nbf"`
}

// Seconds is a NumericDate: seconds since 1970, possibly with a fraction; 0 for a claim that is missing.
type Seconds float64

// Time converts a time to the form of claims, in whole seconds.
func Time(t time.Time) Seconds { return Seconds(t.Unix()) }

func (s Seconds) time() time.Time {
	whole, part := math.Modf(float64(s))
	return time.Unix(int64(whole), int64(part*1e9))
}

func (s Seconds) date() (*jwt.NumericDate, error) {
	if s == 0 {
		return nil, nil
	}
	return &jwt.NumericDate{Time: s.time()}, nil
}

// GetExpirationTime implements jwt.Claims.
func (r *registered) GetExpirationTime() (*jwt.NumericDate, error) { return r.ExpiresAt.date() }

// GetIssuedAt implements jwt.Claims.
func (r *registered) GetIssuedAt() (*jwt.NumericDate, error) { return r.IssuedAt.date() }

// GetNotBefore implements jwt.Claims.
func (r *registered) GetNotBefore() (*jwt.NumericDate, error) { return r.NotBefore.date() }

// GetIssuer implements jwt.Claims.
func (r *registered) GetIssuer() (string, error) { return r.Issuer, nil }

// GetSubject implements jwt.Claims.
func (r *registered) GetSubject() (string, error) { return r.Subject, nil }

// GetAudience implements jwt.Claims.
func (r *registered) GetAudience() (jwt.ClaimStrings, error) { return r.Audience, nil }
