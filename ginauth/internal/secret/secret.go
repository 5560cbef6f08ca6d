// Package secret makes, hashes and derives the random values that the library hands out. It does not store them.
package secret

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// Size is the length of a secret in bytes: 256 bit, twice what ASVS 7.2.3 asks for.
const Size = 32

// New returns Size random bytes from r in unpadded base64url (43 characters).
func New(r io.Reader) (string, error) {
	b, err := read(r, Size)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// lowerBase32 is RFC 4648 base32 in lower case: safe in a path, and in a database that ignores case.
var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewID returns a random public name of 128 bit (26 characters). It identifies a
// row and proves nothing.
func NewID(r io.Reader) (string, error) {
	b, err := read(r, 16)
	if err != nil {
		return "", err
	}
	return lowerBase32.EncodeToString(b), nil
}

// IsID reports whether s has the form of an ID of NewID. Two bits of its last letter are unused and zero.
func IsID(s string) bool {
	if len(s) != 26 || !strings.ContainsRune("aeimquy4", rune(s[25])) {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// Hash returns the hex SHA-256 of a secret, the only form that is stored. A plain
// hash is enough for a random value of 256 bit (ASVS 6.5.2).
func Hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Format returns the token of a secret: prefix, underscore, secret and a checksum of six characters. With it, secret
// scanners recognize tokens, and typos are rejected without a database query.
func Format(prefix, s string) string {
	return prefix + "_" + s + checksum(prefix, s)
}

// Parse returns the secret in a token, or false if Format did not make it.
func Parse(prefix, token string) (string, bool) {
	rest, ok := strings.CutPrefix(token, prefix+"_")
	if !ok || len(rest) != tokenSize {
		return "", false
	}
	s, sum := rest[:secretSize], rest[secretSize:]
	return s, sum == checksum(prefix, s)
}

// SessionKey returns the key of a session whose token has this secret. The session cookie contains the key, and a session
// store may contain it: it identifies the row as the token does, but the token cannot be computed from it. The row contains
// only the Hash of the key.
func SessionKey(s string) string {
	sum := sha256.Sum256([]byte("gin-rest-auth/session key:" + s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

const (
	secretSize = 43 // characters of New
	tokenSize  = secretSize + 6
)

func checksum(prefix, s string) string {
	sum := crc32.ChecksumIEEE([]byte(prefix + "_" + s))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// Derive returns n bytes for one purpose from the application's secret (HKDF with SHA-256, RFC 5869), so that no key has two
// purposes.
func Derive(master, purpose string, n int) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(master), nil, "gin-rest-auth/"+purpose, n)
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", purpose, err)
	}
	return key, nil
}

// DeriveAll derives one key from each secret: the first key makes, all keys verify.
func DeriveAll(masters []string, purpose string, n int) ([][]byte, error) {
	var keys [][]byte
	for _, master := range masters {
		key, err := Derive(master, purpose, n)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func read(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	return b, nil
}
