package core

// One-time tickets, how they are made: their secrets, and what they are bound to.

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	resendWindow = 60 * time.Second // within which a new request gets the same ticket

	selectorSize = 26 // characters of secret.NewID
	verifierSize = 43 // of 32 bytes in base64url
	codeSize     = 8
)

// codeLetters are hard to confuse, and make no words: 27 of them, so 38 bit in a code.
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXZ"

// lifetimes of a link and of the code beside it.
func (c *Core) lifetimes(p Purpose) (link, code time.Duration) {
	kind := c.ticketKinds[p]
	return kind.Link, min(kind.Link, kind.Code)
}

// ConfirmedState marks a notice to an address that its user had confirmed by then.
const ConfirmedState = "confirmed"

// stateOf is what a ticket is bound to besides its user and address.
func (c *Core) stateOf(p Purpose, u *models.User) string {
	binds := c.ticketKinds[p].Binds
	if binds == nil {
		return ""
	}
	return secret.Hash(strings.Join(binds(u), " "))
}

// NewTicket makes a ticket; nobody, a user without ID, gets one, too.
func (c *Core) NewTicket(p Purpose, u *models.User, address string) (*models.Ticket, error) {
	selector, err := secret.NewID(c.cfg.Rand)
	if err != nil {
		return nil, ErrInternal.Because(err)
	}
	link, code := c.lifetimes(p)
	now := c.Now()
	key, email := c.ticketKeys[0], models.EmailKey(address)
	return &models.Ticket{
		Selector: selector, Purpose: string(p), UserID: u.ID, Address: address, Key: email, State: c.stateOf(p, u),
		VerifierHash: secret.Hash(verifierOf(key, p, selector)), CodeHash: codeHash(key, p, email, codeOf(key, p, selector)),
		CreatedAt: now, ExpiresAt: now.Add(link), CodeExpiresAt: now.Add(code),
	}, nil
}

// verifierOf is the secret part of a link. It is made from the selector, so that the same
// ticket can be mailed once more though the row has only a hash; making one takes our key.
func verifierOf(key []byte, p Purpose, selector string) string {
	return base64.RawURLEncoding.EncodeToString(secret.MAC(key, "verifier", string(p), selector))
}

// codeOf is the code beside a link.
func codeOf(key []byte, p Purpose, selector string) string {
	n := binary.BigEndian.Uint64(secret.MAC(key, "code", string(p), selector))
	code := make([]byte, codeSize)
	for i := range code {
		code[i] = codeLetters[n%uint64(len(codeLetters))]
		n /= uint64(len(codeLetters))
	}
	return string(code)
}

// codeHash is how a code is stored: 38 bit could be guessed from a plain hash (ASVS 6.5.2). It is made
// from what a client sends with a code, so that the ticket is found by it among any number of others.
func codeHash(key []byte, p Purpose, address models.Key, code string) string {
	return hex.EncodeToString(secret.MAC(key, "code hash", string(p), string(address), code))
}

// secretsOf returns what goes into the mail of a ticket. It reports false for one whose
// secrets were made with a key that is gone.
func (c *Core) secretsOf(t *models.Ticket) (verifier, code string, ok bool) {
	for _, key := range c.ticketKeys {
		if verifier = verifierOf(key, Purpose(t.Purpose), t.Selector); secret.Hash(verifier) == t.VerifierHash {
			return verifier, codeOf(key, Purpose(t.Purpose), t.Selector), true
		}
	}
	return "", "", false
}

// showCode writes a code as people read it.
func showCode(code string) string { return code[:codeSize/2] + "-" + code[codeSize/2:] }
