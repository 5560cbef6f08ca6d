package jwt

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
)

// JWK is a public key in the form of RFC 7517 and RFC 8037.
type JWK struct {
	KeyType   string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	N         string `json:"n,omitempty"`
	E         string `json:"e,omitempty"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
}

// Public returns the public keys of the keyring; HMAC keys have none.
func (r *Keyring) Public() []JWK {
	out := []JWK{}
	for _, k := range r.keys {
		jwk := JWK{Use: "sig", Algorithm: k.method.Alg(), ID: k.ID}
		switch p := k.public.(type) {
		case *rsa.PublicKey:
			jwk.KeyType, jwk.N, jwk.E = "RSA", encode(p.N.Bytes()), encode(big.NewInt(int64(p.E)).Bytes())
		case *ecdsa.PublicKey:
			point, err := p.Bytes() // 4, X, Y of 32 bytes each
			if err != nil {
				continue
			}
			jwk.KeyType, jwk.Curve, jwk.X, jwk.Y = "EC", "P-256", encode(point[1:33]), encode(point[33:])
		case ed25519.PublicKey:
			jwk.KeyType, jwk.Curve, jwk.X = "OKP", "Ed25519", encode(p)
		default:
			continue
		}
		out = append(out, jwk)
	}
	return out
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
