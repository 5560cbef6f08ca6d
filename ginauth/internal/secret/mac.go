package secret

// Keyed hashes (HMAC) with keys of [Derive].

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// MAC returns an HMAC-SHA-256 of the parts, joined with "|".
func MAC(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	text := make([]byte, 0, 128)
	for i, part := range parts {
		if i > 0 {
			text = append(text, '|')
		}
		text = append(text, part...)
	}
	h.Write(text)
	return h.Sum(nil)
}

// CounterName returns the name of a counter. It does not say what is counted.
func CounterName(key []byte, parts ...string) string { return hex.EncodeToString(MAC(key, parts...)) }
