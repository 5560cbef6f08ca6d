package core

// Keyrings: keys of a feature, derived from Secret and the former secrets.

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// A Keyring encrypts and authenticates values of one purpose. Its keys are derived from config.Config.Secret, which
// makes new values, and OldSecrets, whose values stay valid. It is safe for concurrent use.
type Keyring struct {
	keys [][]byte
	rand io.Reader
}

// Seal encrypts a value with AES-256-GCM, for a column or a client. It opens only with the same about: pass what
// the value belongs to, as the ID of its row. The result is base64url without padding.
func (k *Keyring) Seal(value []byte, about string) (string, error) {
	sealed, err := secret.Seal(k.rand, k.keys[0], value, about)
	if err != nil {
		return "", ErrInternal.Because(err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open decrypts what [Keyring.Seal] returned. An error means that it was changed, belongs to something else, or was
// made with a secret that is no longer configured.
func (k *Keyring) Open(sealed, about string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, err
	}
	return secret.Open(k.keys, raw, about)
}

// MAC returns an HMAC-SHA-256 of the parts in hex, 64 characters: to find or compare what must not be stored, as a
// short code. Different parts never give the same input.
func (k *Keyring) MAC(parts ...string) string { return macOf(k.keys[0], parts) }

// MACs returns [Keyring.MAC] by every secret, the current one first: look rows up by all of them.
func (k *Keyring) MACs(parts ...string) []string {
	all := make([]string, len(k.keys))
	for i, key := range k.keys {
		all[i] = macOf(key, parts)
	}
	return all
}

func macOf(key []byte, parts []string) string {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}
