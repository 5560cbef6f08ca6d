package ticket

// Secrets of tickets: made from the selector and a key, so that the same ticket can be mailed once more though its row
// has only hashes.

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	selectorSize = 26 // characters of secret.NewID
	verifierSize = 43 // of 32 bytes in base64url
	codeSize     = 8
)

// codeLetters are hard to confuse, and make no words: 27 of them, so 38 bit in a code.
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXZ"

// verifierOf returns the secret part of a link.
func verifierOf(key []byte, purpose, selector string) string {
	return base64.RawURLEncoding.EncodeToString(secret.MAC(key, "verifier", purpose, selector))
}

// codeOf returns the code beside a link.
func codeOf(key []byte, purpose, selector string) string {
	n := binary.BigEndian.Uint64(secret.MAC(key, "code", purpose, selector))
	code := make([]byte, codeSize)
	for i := range code {
		code[i] = codeLetters[n%uint64(len(codeLetters))]
		n /= uint64(len(codeLetters))
	}
	return string(code)
}

// codeHash returns a code as it is stored: 38 bit could be guessed from a plain hash (ASVS 6.5.2). It is made
// from what a client sends with a code, so that the ticket is found by it among any number of others.
func codeHash(key []byte, purpose string, address models.Key, code string) string {
	return hex.EncodeToString(secret.MAC(key, "code hash", purpose, string(address), code))
}

// Secrets returns what goes into the mail of a ticket. It reports false for a ticket whose secrets were made with a
// key that is not among these.
func Secrets(keys [][]byte, t *models.Ticket) (verifier, code string, ok bool) {
	for _, key := range keys {
		if verifier = verifierOf(key, t.Purpose, t.Selector); secret.Hash(verifier) == t.VerifierHash {
			return verifier, codeOf(key, t.Purpose, t.Selector), true
		}
	}
	return "", "", false
}

// Show writes a code as people read it.
func Show(code string) string { return code[:codeSize/2] + "-" + code[codeSize/2:] }

// typed undoes what people do to a code.
func typed(code string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(code))
}

// split reads the two parts of a link's key, and what follows them; all are empty if the key is too short.
func split(key string) (selector, verifier, rest string) {
	if len(key) < selectorSize+verifierSize {
		return "", "", ""
	}
	return key[:selectorSize], key[selectorSize : selectorSize+verifierSize], key[selectorSize+verifierSize:]
}

// CheckProof wants what is in a link, by its fields, or an address and a code. An address
// beside a link does no harm: dj-rest-auth ignores what it does not know.
func CheckProof(link map[string]string, email, code string, good func(string) bool) error {
	wanted := link
	if code != "" || email != "" && strings.Join(slices.Collect(maps.Values(link)), "") == "" {
		wanted = map[string]string{"email": email, "code": code}
	}
	var errs []error
	for field, value := range wanted {
		if value == "" && good(field) {
			errs = append(errs, binding.Invalid(field, binding.Problem{Code: binding.CodeRequired}))
		}
	}
	return binding.Merge(errs...)
}
