package secret

// Keyed hashes (HMAC) with keys of [Derive].

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// MAC returns an HMAC-SHA-256 of the parts, joined with "|".
func MAC(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(strings.Join(parts, "|")))
	return h.Sum(nil)
}

// CounterName returns the name of a counter. It does not say what is counted.
func CounterName(key []byte, parts ...string) string { return hex.EncodeToString(MAC(key, parts...)) }
