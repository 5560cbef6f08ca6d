// Package jwt signs and verifies access tokens with a keyring: the first key signs, all keys verify. The key decides the
// algorithm, never the token (RFC 8725, section 3.1). The package knows nothing about users, sessions or HTTP.
package jwt

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxBytes is the maximum length of a token; longer ones are rejected unread (T120).
const MaxBytes = 4096

// ErrInvalid covers every reason why a token is not valid.
var ErrInvalid = errors.New("jwt: not valid")

// Keyring signs and verifies. It is safe for concurrent use.
type Keyring struct {
	keys     []Key
	issuer   string
	audience string
	strict   checker
	lenient  checker          // accepts expired tokens
	latest   func() time.Time // the latest time at which a token may have been issued
}

// aheadOfUs is how far the clock of the instance that issued a token may be ahead, in addition to the leeway. A few seconds
// are normal.
const aheadOfUs = 10 * time.Second

// NewKeyring returns a keyring whose first key signs. Issuer and audience are written and required if they are not empty.
func NewKeyring(keys []Key, issuer, audience string, leeway time.Duration, now func() time.Time) (*Keyring, error) {
	if len(keys) == 0 || keys[0].private == nil {
		return nil, errors.New("the first key must be able to sign")
	}
	seen := map[string]bool{}
	var methods []string
	keys = slices.Clone(keys)
	for i, k := range keys {
		if len(k.ID) > 64 || seen[k.ID] {
			return nil, fmt.Errorf("key ids must be different and have at most 64 bytes: %q", k.ID)
		}
		seen[k.ID] = true
		methods = append(methods, k.method.Alg())
		var err error
		if keys[i].header, err = headerOf(&k); err != nil {
			return nil, err
		}
	}
	options := []jwt.ParserOption{
		jwt.WithValidMethods(methods), jwt.WithExpirationRequired(), jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(now), jwt.WithStrictDecoding(),
	}
	if issuer != "" {
		options = append(options, jwt.WithIssuer(issuer))
	}
	if audience != "" {
		options = append(options, jwt.WithAudience(audience))
	}
	late := jwt.WithLeeway(100 * 365 * 24 * time.Hour)
	r := &Keyring{
		keys: keys, issuer: issuer, audience: audience,
		strict: newChecker(options...), lenient: newChecker(append(options, late)...),
		latest: func() time.Time { return now().Add(leeway + aheadOfUs) },
	}
	return r, r.probe(now())
}

// probe signs and verifies once, so that a broken key is found at start.
func (r *Keyring) probe(now time.Time) error {
	c := Claims{UserID: "probe", SessionID: "probe"}
	c.ID, c.IssuedAt, c.ExpiresAt = "probe", Time(now), Time(now.Add(time.Hour))
	token, err := r.Sign(c, nil)
	if err == nil {
		_, err = r.Verify(token, false)
	}
	if err != nil {
		return fmt.Errorf("the first key cannot sign, or its signature cannot be verified: %w", err)
	}
	return nil
}

// Sign returns a new token. The registered claims win over extra ones of the same name.
func (r *Keyring) Sign(c Claims, extra map[string]any) (string, error) {
	claims := jwt.MapClaims{}
	maps.Copy(claims, extra)
	maps.Copy(claims, jwt.MapClaims{
		"token_type": c.TokenType, "user_id": c.UserID, "sub": c.UserID, "sid": c.SessionID, "jti": c.ID,
		"exp": int64(c.ExpiresAt), "iat": int64(c.IssuedAt),
	})
	if delete(claims, "auth_credential"); c.Credential != "" {
		claims["auth_credential"] = c.Credential
	}
	if delete(claims, "act"); c.Actor != nil {
		claims["act"] = c.Actor
	}
	if delete(claims, "auth_time"); c.AuthTime != 0 {
		claims["auth_time"] = int64(c.AuthTime)
	}
	if delete(claims, "amr"); len(c.AMR) > 0 {
		claims["amr"] = c.AMR
	}
	if delete(claims, "acr"); c.ACR != "" {
		claims["acr"] = c.ACR
	}
	if r.issuer != "" {
		claims["iss"] = r.issuer
	}
	if r.audience != "" {
		claims["aud"] = r.audience
	}
	signed, err := newToken(&r.keys[0], claims).SignedString(r.keys[0].private)
	if err == nil && len(signed) > MaxBytes {
		return "", fmt.Errorf("jwt: with its claims the token has %d bytes, more than %d", len(signed), MaxBytes)
	}
	return signed, err
}

// Verify returns the claims of a valid token, and ErrInvalid for any other text. If lenient is true, a token may have
// expired: for callers that only end its session.
func (r *Keyring) Verify(token string, lenient bool) (*Claims, error) {
	if len(token) > MaxBytes {
		return nil, ErrInvalid
	}
	check := r.strict
	if lenient {
		check = r.lenient
	}
	claims := &Claims{}
	if err := r.parse(token, claims, check); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if claims.SessionID == "" || claims.UserID == "" || claims.UserID != claims.Subject || claims.ID == "" || claims.IssuedAt == 0 {
		return nil, fmt.Errorf("%w: a claim is missing", ErrInvalid)
	}
	if !lenient && claims.IssuedAt.time().After(r.latest()) {
		return nil, fmt.Errorf("%w: it was issued in the future", ErrInvalid)
	}
	return claims, nil
}

// parse verifies a token and reads its claims. Nearly all tokens have exactly the header that Sign writes. It identifies the
// key and the algorithm by comparison and is not decoded.
func (r *Keyring) parse(token string, claims *Claims, check checker) error {
	for i := range r.keys {
		if rest, own := strings.CutPrefix(token, r.keys[i].header); own {
			return r.keys[i].parse(token, rest, claims, check)
		}
	}
	_, err := check.parser.ParseWithClaims(token, claims, r.keyOf)
	return err
}

// keyOf finds the key that a token names. Headers that point to other keys, or change how the token is read, are rejected
// (T116).
func (r *Keyring) keyOf(t *jwt.Token) (any, error) {
	id, _ := t.Header["kid"].(string)
	for name := range t.Header {
		if name != "alg" && name != "typ" && name != "kid" {
			return nil, fmt.Errorf("header %.20q is not allowed", name)
		}
	}
	for _, k := range r.keys {
		if k.ID == id && k.method.Alg() == t.Method.Alg() { // T115
			return k.public, nil
		}
	}
	return nil, errors.New("no such key")
}
