package ticket

// Making and storing tickets: for a mail, as a replacement of others, or issued to a client.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// resendWindow is how long new requests get the same ticket.
const resendWindow = 60 * time.Second

// New makes a ticket. The user may have no ID.
func (b *Book) New(kind string, u *models.User, address string) (*models.Ticket, error) {
	selector, err := secret.NewID(b.Config.Rand)
	if err != nil {
		return nil, respond.ErrInternal.Because(err)
	}
	link, code := b.Kinds[kind].Lifetimes()
	now := b.Now()
	key, email := b.Keys[0], models.EmailKey(address)
	return &models.Ticket{
		Selector: selector, Purpose: kind, UserID: u.ID, Address: address, Key: email, State: b.Kinds[kind].state(u),
		VerifierHash: secret.Hash(verifierOf(key, kind, selector)), CodeHash: codeHash(key, kind, email, codeOf(key, kind, selector)),
		CreatedAt: now, ExpiresAt: now.Add(link), CodeExpiresAt: now.Add(code),
	}, nil
}

// Add stores a ticket that was not mailed before, and resets the attempts for its code.
func (b *Book) Add(tx *store.Tx, t *models.Ticket) error {
	if err := tx.AddTicket(t); err != nil || b.Kinds[t.Purpose].Code == 0 {
		return err
	}
	return b.forget(tx, t)
}

// Replace stores a ticket instead of the user's existing tickets for the address, or returns the one that was mailed within
// the resendWindow. A ticket whose code was tried too often is always replaced.
func (b *Book) Replace(tx *store.Tx, fresh *models.Ticket) (*models.Ticket, error) {
	tried, err := b.tries(tx, fresh.Purpose, fresh.Key, 0)
	if err != nil {
		return nil, err
	}
	since := b.Now().Add(-resendWindow)
	if tried >= maxTries {
		since = b.Now()
	}
	ticket, err := tx.Ticket(fresh, since)
	if err != nil {
		return nil, err
	}
	if ticket != fresh {
		tried = 0 // these attempts were for its code; the work is the same, so that timing reveals nothing
	}
	_, err = b.tries(tx, fresh.Purpose, fresh.Key, -tried)
	return ticket, err
}

// HasLike reports whether a valid ticket with the same kind, user and address is stored, and its code can still be tried.
func (b *Book) HasLike(tx *store.Tx, t *models.Ticket) (bool, error) {
	tried, err := b.tries(tx, t.Purpose, t.Key, 0)
	if err != nil {
		return false, err
	}
	left, err := tx.HasTicket(t, b.Now())
	return left && tried < maxTries, err
}

// Disown voids the tickets of a user and keeps them as tickets of an unknown address.
func (b *Book) Disown(tx *store.Tx, userID int64) error {
	states := map[string]string{}
	for name, kind := range b.Kinds {
		if kind.isBound() {
			states[name] = kind.state(&models.User{})
		}
	}
	return tx.DisownTickets(userID, states)
}

// Issue stores a ticket and returns its key, which carries the payload, encrypted.
func (b *Book) Issue(tx *store.Tx, kind string, user *models.User, payload []byte) (key string, err error) {
	t, err := b.New(kind, user, "")
	if err != nil {
		return "", err
	}
	if err := tx.AddTicket(t); err != nil {
		return "", err
	}
	sealed, err := b.Payloads.Seal(payload, t.Selector)
	if err != nil {
		return "", respond.ErrInternal.Because(err)
	}
	return t.Selector + verifierOf(b.Keys[0], kind, t.Selector) + sealed, nil
}
