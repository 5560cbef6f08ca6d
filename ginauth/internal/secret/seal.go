package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"io"
)

// SealKey is the length of a key for Seal, in bytes.
const SealKey = 32

// Seal encrypts text with AES-256-GCM under a random nonce from r. The result is bound to about: Open needs the same one.
func Seal(r io.Reader, key, text []byte, about string) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	nonce, err := read(r, aead.NonceSize())
	if err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, text, []byte(about)), nil
}

// Open decrypts the result of Seal with the first key that fits.
func Open(keys [][]byte, sealed []byte, about string) ([]byte, error) {
	for _, key := range keys {
		aead, err := newAEAD(key)
		if err != nil {
			return nil, err
		}
		if len(sealed) < aead.NonceSize() {
			break
		}
		nonce, rest := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
		if text, err := aead.Open(nil, nonce, rest, []byte(about)); err == nil {
			return text, nil
		}
	}
	return nil, errors.New("it cannot be decrypted; was Secret changed without OldSecrets?")
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
