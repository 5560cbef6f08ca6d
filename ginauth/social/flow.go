package social

// Logging in by redirect: the routes, and the state of one login on its way to the provider and back.

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

const (
	flowLasts    = 10 * time.Minute // from the start to the callback
	requestLasts = 5 * time.Minute  // from connect/login/ until the browser opens its URL
	codeLasts    = time.Minute      // from the callback to the exchange
)

// A process is what a login by redirect is for.
type process string

const (
	toLogIn          process = ""
	toConnect        process = "connect"
	toReauthenticate process = "reauthenticate"
)

// flow is one login by redirect. Until the callback it is in a cookie, encrypted, and nothing about it is stored.
type flow struct {
	Provider  string    `json:"provider"`
	Process   process   `json:"process,omitempty"`
	Page      string    `json:"page"`                // where it ends
	Challenge string    `json:"challenge,omitempty"` // of the front end (RFC 7636, S256); empty: the cookie takes its place
	UserID    int64     `json:"user,omitempty"`      // to connect or reauthenticate
	Session   string    `json:"session,omitempty"`   // that began it
	Secret    string    `json:"secret,omitempty"`    // 256 random bits; state, nonce and verifiers are hashes of it
	Ends      time.Time `json:"ends"`
}

// part returns one of the random values of a flow. None reveals another one.
func (f *flow) part(name string) string { return challengeOf(name + " " + f.Secret) }

func (f *flow) state() string    { return f.part("state") }
func (f *flow) nonce() string    { return f.part("nonce") }
func (f *flow) verifier() string { return f.part("verifier") }
func (f *flow) browser() string  { return f.part("browser") } // takes the place of the front end's code_verifier

// challengeOf returns the S256 challenge of a verifier (RFC 7636, section 4.2).
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// random returns a text of 256 random bits, 43 characters of base64url.
func (f *feature) random() (string, error) {
	var secret [32]byte
	if _, err := io.ReadFull(f.cfg.Rand, secret[:]); err != nil {
		return "", core.ErrInternal.Because(err)
	}
	return base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

func (f *feature) sealFlow(fl *flow, about string) (string, error) {
	value, err := json.Marshal(fl)
	if err != nil {
		return "", core.ErrInternal.Because(err)
	}
	return f.flowKeys.Seal(value, about)
}

// openFlow returns the flow that sealFlow encrypted, or nil if it is not one of this provider, or has ended.
func (f *feature) openFlow(sealed, about, provider string) *flow {
	value, err := f.flowKeys.Open(sealed, about)
	if err != nil {
		return nil
	}
	fl := &flow{}
	if json.Unmarshal(value, fl) != nil || provider != "" && fl.Provider != provider || !f.core.Now().Before(fl.Ends) {
		return nil
	}
	return fl
}
