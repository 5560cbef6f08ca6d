// Package jwt signs and verifies access tokens with a ring of keys: the first signs, all
// verify. The key fixes the algorithm, never the token (RFC 8725, section 3.1). It knows
// nothing of users, sessions or HTTP.
package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxBytes is the longest token that is looked at (T120).
const MaxBytes = 4096

// ErrInvalid is every reason why a token is not good.
var ErrInvalid = errors.New("jwt: not valid")

// Claims are those that this library reads.
type Claims struct {
	registered
	TokenType string `json:"token_type"`
	UserID    string `json:"user_id"`
	SessionID string `json:"sid"`
	// Credential is what the login gave its client, for those who do not read the session; empty
	// where it may be any.
	Credential string `json:"auth_credential"`
}

// Key is one key of a ring.
type Key struct {
	ID      string
	method  jwt.SigningMethod
	private any // nil for keys that only verify
	public  any
}

// HMAC returns an HS256 key, named by its hash unless id is given.
func HMAC(id string, secret []byte) (Key, error) {
	if len(secret) < 32 {
		return Key{}, errors.New("an HS256 key must have at least 32 bytes") // RFC 7518, section 3.2
	}
	if id == "" {
		id = fingerprint(append([]byte("HS256 key id:"), secret...))
	}
	return Key{ID: id, method: jwt.SigningMethodHS256, private: secret, public: secret}, nil
}

// Asymmetric returns a key for RSA of 2048 bit or more (RS256), ECDSA on P-256 (ES256)
// or Ed25519 (EdDSA), named by its fingerprint unless id is given. Without a private key
// it only verifies.
func Asymmetric(id string, private crypto.Signer, public crypto.PublicKey) (Key, error) {
	k := Key{ID: id, public: public}
	if private != nil {
		k.private, k.public = private, private.Public()
	}
	switch p := k.public.(type) {
	case *rsa.PublicKey:
		if p.N.BitLen() < 2048 {
			return Key{}, errors.New("an RSA key must have at least 2048 bits")
		}
		k.method = jwt.SigningMethodRS256
	case *ecdsa.PublicKey:
		if p.Curve != elliptic.P256() {
			return Key{}, errors.New("an ECDSA key must be on P-256")
		}
		k.method = jwt.SigningMethodES256
	case ed25519.PublicKey:
		k.method = jwt.SigningMethodEdDSA
	default:
		return Key{}, fmt.Errorf("a key must be RSA, ECDSA or Ed25519, not %T", k.public)
	}
	if k.ID == "" {
		der, err := x509.MarshalPKIXPublicKey(k.public)
		if err != nil {
			return Key{}, err
		}
		k.ID = fingerprint(der)
	}
	return k, nil
}

func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Ring signs and verifies. It is safe for concurrent use.
type Ring struct {
	keys     []Key
	issuer   string
	audience string
	parser   *jwt.Parser
	lenient  *jwt.Parser      // takes expired tokens
	latest   func() time.Time // when a token may have been issued at the latest
}

// aheadOfUs is how far the clock of the instance that issued a token may be ahead, besides
// the leeway: RFC 7519 does not let iat decide, and a few seconds are normal.
const aheadOfUs = 10 * time.Second

// NewRing returns a ring whose first key signs. Issuer and audience are written and
// required where they are not empty.
func NewRing(keys []Key, issuer, audience string, leeway time.Duration, now func() time.Time) (*Ring, error) {
	if len(keys) == 0 || keys[0].private == nil {
		return nil, errors.New("the first key must be able to sign")
	}
	seen := map[string]bool{}
	var methods []string
	for _, k := range keys {
		if len(k.ID) > 64 || seen[k.ID] {
			return nil, fmt.Errorf("key ids must be different and have at most 64 bytes: %q", k.ID)
		}
		seen[k.ID] = true
		methods = append(methods, k.method.Alg())
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
	r := &Ring{
		keys: keys, issuer: issuer, audience: audience,
		parser: jwt.NewParser(options...), lenient: jwt.NewParser(append(options, late)...),
		latest: func() time.Time { return now().Add(leeway + aheadOfUs) },
	}
	return r, r.probe(now())
}

// probe signs and verifies once, so that a key that cannot is found at start.
func (r *Ring) probe(now time.Time) error {
	c := Claims{UserID: "probe", SessionID: "probe"}
	c.ID, c.IssuedAt, c.ExpiresAt = "probe", Time(now), Time(now.Add(time.Hour))
	token, err := r.Sign(c, nil)
	if err == nil {
		_, err = r.Verify(token, false)
	}
	if err != nil {
		return fmt.Errorf("the first key cannot sign, or what it signs is not verified: %w", err)
	}
	return nil
}

// Sign makes a token. The registered claims win over extra ones of the same name.
func (r *Ring) Sign(c Claims, extra map[string]any) (string, error) {
	claims := jwt.MapClaims{}
	maps.Copy(claims, extra)
	maps.Copy(claims, jwt.MapClaims{
		"token_type": c.TokenType, "user_id": c.UserID, "sub": c.UserID, "sid": c.SessionID, "jti": c.ID,
		"exp": int64(c.ExpiresAt), "iat": int64(c.IssuedAt),
	})
	if delete(claims, "auth_credential"); c.Credential != "" {
		claims["auth_credential"] = c.Credential
	}
	if r.issuer != "" {
		claims["iss"] = r.issuer
	}
	if r.audience != "" {
		claims["aud"] = r.audience
	}
	token := jwt.NewWithClaims(r.keys[0].method, claims)
	token.Header["kid"] = r.keys[0].ID
	signed, err := token.SignedString(r.keys[0].private)
	if err == nil && len(signed) > MaxBytes {
		return "", fmt.Errorf("jwt: with its claims the token has %d bytes, more than %d", len(signed), MaxBytes)
	}
	return signed, err
}

// Verify returns the claims of a good token; any other is ErrInvalid. A lenient check
// leaves out the expiry, for those who only want to end what the token stands for.
func (r *Ring) Verify(token string, lenient bool) (*Claims, error) {
	if len(token) > MaxBytes {
		return nil, ErrInvalid
	}
	parser := r.parser
	if lenient {
		parser = r.lenient
	}
	claims := &Claims{}
	if _, err := parser.ParseWithClaims(token, claims, r.keyOf); err != nil {
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

// keyOf finds the key that a token names. Headers that point to other keys, or change
// how the token is read, are refused (T116).
func (r *Ring) keyOf(t *jwt.Token) (any, error) {
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
