package core

// Keyrings: keys of a feature, derived from Secret and the former secrets.

import "github.com/ginauth/gin-rest-auth/ginauth/internal/secret"

// A Keyring encrypts and authenticates values of one purpose. Its keys are derived from config.Config.Secret, which
// makes new values, and OldSecrets, whose values stay valid. It is safe for concurrent use.
type Keyring struct{ ring *secret.Ring }

// Seal encrypts a value with AES-256-GCM, for a column or a client. It opens only with the same about: pass what
// the value belongs to, as the ID of its row. The result is base64url without padding.
func (k *Keyring) Seal(value []byte, about string) (string, error) {
	sealed, err := k.ring.Seal(value, about)
	if err != nil {
		return "", ErrInternal.Because(err)
	}
	return sealed, nil
}

// Open decrypts what [Keyring.Seal] returned. An error means that it was changed, belongs to something else, or was
// made with a secret that is no longer configured.
func (k *Keyring) Open(sealed, about string) ([]byte, error) { return k.ring.Open(sealed, about) }

// MAC returns an HMAC-SHA-256 of the parts in hex, 64 characters: to find or compare what must not be stored, as a
// short code. Different parts never give the same input.
func (k *Keyring) MAC(parts ...string) string { return k.ring.MACs(parts...)[0] }

// MACs returns [Keyring.MAC] by every secret, the current one first: look rows up by all of them.
func (k *Keyring) MACs(parts ...string) []string { return k.ring.MACs(parts...) }
