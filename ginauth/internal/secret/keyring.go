package secret

// Keyrings: the first key makes, all keys verify.

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
)

// Keyring has the keys of one purpose, one for each secret. It is safe for concurrent use.
type Keyring struct {
	keys [][]byte
	rand io.Reader
}

// NewKeyring derives the keys of a purpose. rand is for the nonces of Seal.
func NewKeyring(masters []string, purpose string, rand io.Reader) (*Keyring, error) {
	keys, err := DeriveAll(masters, purpose, SealKey)
	return &Keyring{keys, rand}, err
}

// Seal encrypts a value as base64url without padding. Open needs the same about.
func (r *Keyring) Seal(value []byte, about string) (string, error) {
	sealed, err := Seal(r.rand, r.keys[0], value, about)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// Open decrypts the result of Seal with any of the keys.
func (r *Keyring) Open(sealed, about string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, err
	}
	return Open(r.keys, raw, about)
}

// IsCurrent reports whether the first key sealed a value.
func (r *Keyring) IsCurrent(sealed, about string) bool {
	_, err := (&Keyring{r.keys[:1], r.rand}).Open(sealed, about)
	return err == nil
}

// MACs returns an HMAC-SHA-256 of the parts in hex by every key, the first one first. Different parts never give the
// same input.
func (r *Keyring) MACs(parts ...string) []string {
	all := make([]string, len(r.keys))
	for i, key := range r.keys {
		h := hmac.New(sha256.New, key)
		for _, part := range parts {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
			h.Write([]byte(part))
		}
		all[i] = hex.EncodeToString(h.Sum(nil))
	}
	return all
}
