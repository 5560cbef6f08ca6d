package ticket

// Using tickets: finding them by link, code or key, and redeeming them once.

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// Find returns the ticket of a link's key, or of an address and the code sent to it, with its user, or Err. A code takes
// precedence over a key. Find runs the same queries whether or not the ticket exists.
func (b *Book) Find(ctx context.Context, kind string, in *binding.KeyOrCode) (*models.Ticket, models.Account, error) {
	if in.Code != "" {
		t, err := b.byCode(ctx, kind, in)
		return b.withOwner(ctx, kind, t, err)
	}
	selector, verifier, rest := split(in.Key)
	if rest != "" {
		selector = ""
	}
	t, err := b.byLink(ctx, kind, selector, verifier)
	return b.withOwner(ctx, kind, t, err)
}

// Issued returns the ticket of a key that Issue returned, its account, if it has one, and its payload, or Err.
func (b *Book) Issued(ctx context.Context, kind, key string) (*models.Ticket, models.Account, []byte, error) {
	selector, verifier, sealed := split(key)
	t, err := b.byLink(ctx, kind, selector, verifier)
	t, account, err := b.withOwner(ctx, kind, t, err)
	if err != nil {
		return nil, nil, nil, err
	}
	payload, err := b.Payloads.Open(sealed, t.Selector)
	if err != nil {
		return nil, nil, nil, Err
	}
	return t, account, payload, nil
}

// withOwner adds the user of a ticket that was looked up, and returns Err unless the user has the state that the ticket is
// bound to.
func (b *Book) withOwner(ctx context.Context, kind string, t *models.Ticket, err error) (*models.Ticket, models.Account, error) {
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, nil, err
	}
	if t == nil {
		t = &models.Ticket{}
	}
	if t.Selector != "" && t.UserID == 0 && b.Kinds[kind].Anonymous {
		return t, nil, nil
	}
	account, err := b.Store.UserByID(ctx, t.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, Err
	}
	if err != nil {
		return nil, nil, err
	}
	if !b.isFor(t, b.Kinds[kind], account.Base()) {
		return nil, nil, Err
	}
	return t, account, nil
}

// isFor reports whether a user can use a ticket: the account is in use, and the user's state is the same as when the ticket
// was made.
func (b *Book) isFor(t *models.Ticket, kind Kind, u *models.User) bool {
	return b.Users.MayUse(u) && (!kind.isBound() || t.State == kind.state(u))
}

func (b *Book) byLink(ctx context.Context, kind, selector, verifier string) (*models.Ticket, error) {
	if !secret.IsID(selector) { // databases do not accept every byte
		selector = ""
	}
	t, err := b.Store.TicketBySelector(ctx, selector)
	if err != nil {
		return nil, err
	}
	if t.Purpose != kind || t.UsedAt != nil || !b.Now().Before(t.ExpiresAt) ||
		subtle.ConstantTimeCompare([]byte(secret.Hash(verifier)), []byte(t.VerifierHash)) != 1 {
		return nil, store.ErrNotFound
	}
	return t, nil
}

// byCode finds the ticket of an address by its code, since several accounts may claim the address. It counts the attempt
// first, for the kind and the address, so that the work is the same with and without a ticket.
func (b *Book) byCode(ctx context.Context, kind string, in *binding.KeyOrCode) (*models.Ticket, error) {
	address := models.EmailKey(in.Email)
	tried, err := b.countTry(ctx, kind, address, 1)
	if err != nil {
		return nil, err
	}
	t, err := b.Store.TicketByCode(ctx, kind, address, b.codeHashes(kind, address, in.Code), b.Now())
	if err == nil && tried > maxTries {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// CodeOf returns the ticket of a code that was mailed to a user, within a transaction, or Err. It counts no attempt.
func (b *Book) CodeOf(tx *store.Tx, kind string, userID int64, address models.Key, code string) (*models.Ticket, error) {
	t, err := tx.TicketByCode(kind, userID, address, b.codeHashes(kind, address, code), b.Now())
	if errors.Is(err, store.ErrNotFound) {
		err = Err
	}
	return t, err
}

// codeHashes returns what rows may have for a code, by every key.
func (b *Book) codeHashes(kind string, address models.Key, code string) (hashes []string) {
	for _, k := range b.Keys {
		hashes = append(hashes, codeHash(k, kind, address, typed(code)))
	}
	return hashes
}

// Redeem marks a ticket as used. The user must still have the state that the ticket is bound to: after the lookup, another
// address may have been confirmed, which may be a thief's (T114). Redeem returns the user, locked until the transaction
// ends, or nil for a ticket that is bound to nothing.
func (b *Book) Redeem(tx *store.Tx, t *models.Ticket) (*models.User, error) {
	kind := b.Kinds[t.Purpose]
	if err := tx.Redeem(t.Selector, b.Now()); err != nil || t.UserID == 0 || !kind.isBound() {
		return nil, err
	}
	user, err := tx.LockedUser(t.UserID)
	if err == nil && !b.isFor(t, kind, user) {
		err = Err
	}
	return user, err
}
