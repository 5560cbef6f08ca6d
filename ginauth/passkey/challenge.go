package passkey

// Challenges: one-time tickets. The challenge that the authenticator signs is the key of its ticket, so it comes back in what
// the authenticator signed, and one ticket is valid for one purpose, once.

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// The kinds of challenges.
const (
	forRegistration = "passkey_add"
	forLogin        = "passkey_login"
	forFactor       = "passkey_factor"
	forProof        = "passkey_proof" // re-authentication
	forSignUp       = "passkey_signup"
)

// lasts is how long a challenge is valid.
const lasts = 5 * time.Minute

func (f *feature) tickets(s *core.Setup) {
	for _, kind := range []string{forRegistration, forFactor, forProof} {
		s.Ticket(core.TicketKind{Name: kind, Link: lasts, Binds: sameUser})
	}
	for _, kind := range []string{forLogin, forSignUp} {
		s.Ticket(core.TicketKind{Name: kind, Link: lasts, Anonymous: true})
	}
}

// sameUser binds a challenge to the state of the account: it ends with the user's sessions, and with any change of factors.
func sameUser(u *models.User) []string {
	return []string{fmt.Sprint(u.IsActive), fmt.Sprint(u.SessionEpoch), u.Factors}
}

// bounds are who can use a challenge, besides its user, and what it is about. They are encrypted in it.
type bounds struct {
	Browser string `json:"b,omitempty"` // of Core.BindBrowser
	Client  string `json:"c,omitempty"` // hash of a secret that the client got with the challenge
	Session string `json:"s,omitempty"` // that began it
	Name    string `json:"n,omitempty"` // of the new passkey

	Username   string `json:"un,omitempty"` // of a sign-up
	Email      string `json:"em,omitempty"`
	Invitation string `json:"in,omitempty"`
	Handle     []byte `json:"h,omitempty"`
}

type challenge struct {
	bounds
	text   string // as the authenticator signs it
	ticket *models.Ticket
	user   *models.User // nil for a login or sign-up
}

// issue stores a challenge and returns its text. user is nil for a login or sign-up.
func (f *feature) issue(tx *core.Tx, kind string, user *models.User, b bounds) (string, error) {
	payload, err := json.Marshal(b)
	if err != nil {
		return "", core.ErrInternal.Because(err)
	}
	key, err := f.core.Issue(tx, kind, user, payload)
	return base64.RawURLEncoding.EncodeToString([]byte(key)), err
}

// challenge returns the challenge that a client sends back, or errChallenge. It is not spent.
func (f *feature) challenge(ctx context.Context, kind, text string) (*challenge, error) {
	key, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errChallenge
	}
	ticket, account, payload, err := f.core.TicketByKey(ctx, kind, string(key))
	if err != nil {
		return nil, f.core.AsTicketError(err, errChallenge)
	}
	c := &challenge{text: base64.RawURLEncoding.EncodeToString(key), ticket: ticket}
	if account != nil {
		c.user = account.Base()
	}
	if json.Unmarshal(payload, &c.bounds) != nil {
		return nil, errChallenge
	}
	return c, nil
}

// spend uses up a challenge whose response was wrong.
func (f *feature) spend(ctx context.Context, c *challenge) error {
	err := f.core.Tx(ctx, func(tx *core.Tx) error {
		_, err := f.core.Redeem(tx, c.ticket)
		return err
	})
	if errors.Is(f.core.AsTicketError(err, core.ErrTicket), core.ErrTicket) {
		return nil // another request spent it
	}
	return err
}

// newSecret returns 128 random bits in hex.
func (f *feature) newSecret() (string, error) {
	var secret [16]byte
	if _, err := io.ReadFull(f.cfg.Rand, secret[:]); err != nil {
		return "", core.ErrInternal.Because(err)
	}
	return hex.EncodeToString(secret[:]), nil
}

func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// request is a request with the user that it is about.
type request struct {
	g       *gin.Context
	account models.Account
}
