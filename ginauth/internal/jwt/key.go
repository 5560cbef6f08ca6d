package jwt

// Keys: which algorithm each is for, its ID, and the header of its tokens.

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// Key is one key of a keyring.
type Key struct {
	ID      string
	method  jwt.SigningMethod
	private any // nil for keys that only verify
	public  any
	header  string // of the tokens signed with it, encoded, with the dot after it
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

// newToken returns a token for a key to sign.
func newToken(k *Key, claims jwt.Claims) *jwt.Token {
	token := jwt.NewWithClaims(k.method, claims)
	token.Header["kid"] = k.ID
	return token
}

// headerOf returns the header that Sign gives the tokens of a key, encoded, with the dot after it.
func headerOf(k *Key) (string, error) {
	token := newToken(k, nil)
	header, err := json.Marshal(token.Header)
	return token.EncodeSegment(header) + ".", err
}
