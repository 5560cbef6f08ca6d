package ticket

// Secrets of tickets: made from the selector and a key, so that the same ticket can be mailed again although its row has
// only hashes.

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

// codeLetters are 27 letters that are hard to confuse and form no words. A code has 38 bits.
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXZ"

// verifierOf returns the secret part of a link.
func verifierOf(key []byte, purpose, selector string) string {
	return base64.RawURLEncoding.EncodeToString(secret.MAC(key, "verifier", purpose, selector))
}

// codeOf returns the code that goes with a link.
func codeOf(key []byte, purpose, selector string) string {
	n := binary.BigEndian.Uint64(secret.MAC(key, "code", purpose, selector))
	code := make([]byte, codeSize)
	for i := range code {
		code[i] = codeLetters[n%uint64(len(codeLetters))]
		n /= uint64(len(codeLetters))
	}
	return string(code)
}

// codeHash returns the stored form of a code: 38 bits could be guessed from a plain hash (ASVS 6.5.2). It is computed only
// from values that a client sends with a code, so that it identifies the ticket.
func codeHash(key []byte, purpose string, address models.Key, code string) string {
	return hex.EncodeToString(secret.MAC(key, "code hash", purpose, string(address), code))
}

// Secrets returns the verifier and the code for the mail of a ticket, or false if they were made with a key that is not in
// keys.
func Secrets(keys [][]byte, t *models.Ticket) (verifier, code string, ok bool) {
	for _, key := range keys {
		if verifier = verifierOf(key, t.Purpose, t.Selector); secret.Hash(verifier) == t.VerifierHash {
			return verifier, codeOf(key, t.Purpose, t.Selector), true
		}
	}
	return "", "", false
}

// Show returns a code in readable form.
func Show(code string) string { return code[:codeSize/2] + "-" + code[codeSize/2:] }

// typed normalizes a code as people type it.
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

// CheckProof returns an error unless a form has the values of a link, by its fields, or an address and a code. An address in
// addition to a link is allowed: dj-rest-auth ignores unknown fields.
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
