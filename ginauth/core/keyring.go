package core

// Keyrings: keys of a feature, derived from Secret and OldSecrets.

import "github.com/ginauth/gin-rest-auth/ginauth/internal/secret"

// A Keyring encrypts and authenticates values for one purpose. Its keys are derived from config.Config.Secret,
// which makes new values, and from OldSecrets, whose values stay valid. It is safe for concurrent use.
type Keyring struct{ ring *secret.Keyring }

// Seal encrypts a value with AES-256-GCM, for a column or a client. It can only be opened with the same about: pass
// what the value belongs to, such as the ID of its row. The result is base64url without padding.
func (k *Keyring) Seal(value []byte, about string) (string, error) {
	sealed, err := k.ring.Seal(value, about)
	if err != nil {
		return "", ErrInternal.Because(err)
	}
	return sealed, nil
}

// Open decrypts the result of [Keyring.Seal]. An error means that the value was changed, belongs to something else,
// or was made with a secret that is no longer configured.
func (k *Keyring) Open(sealed, about string) ([]byte, error) { return k.ring.Open(sealed, about) }

// IsCurrent reports whether the result of [Keyring.Seal] was made with the current Secret. If not, seal the value again when
// it is used, so that OldSecrets can become shorter one day.
func (k *Keyring) IsCurrent(sealed, about string) bool { return k.ring.IsCurrent(sealed, about) }

// MAC returns an HMAC-SHA-256 of the parts in hex, 64 characters. Use it to find or compare values that must not be
// stored, such as a short code. Different lists of parts have different results.
func (k *Keyring) MAC(parts ...string) string { return k.ring.MACs(parts...)[0] }

// MACs returns [Keyring.MAC] with every secret, the current one first. Look rows up by all of them.
func (k *Keyring) MACs(parts ...string) []string { return k.ring.MACs(parts...) }
