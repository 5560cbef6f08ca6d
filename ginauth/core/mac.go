package core

// Keyed hashes (HMAC) with keys derived from Secret.

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(strings.Join(parts, "|")))
	return h.Sum(nil)
}

// counterName does not say what is counted.
func counterName(key []byte, parts ...string) string { return hex.EncodeToString(mac(key, parts...)) }
