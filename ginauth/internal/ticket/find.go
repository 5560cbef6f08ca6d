package ticket

// How tickets are used: found by link, code or key, and redeemed once.

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// Find returns the ticket of a link's key, or of an address and the code that was sent to it, with its user, or Err. A
// code comes before a key. It asks the database the same questions whether or not there is one.
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

// withOwner adds the user of a ticket that was looked up, and wants the state that it is bound to.
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

// isFor reports whether a user can use a ticket: the account is in use, and the user as when the ticket was made.
func (b *Book) isFor(t *models.Ticket, kind Kind, u *models.User) bool {
	return b.Users.MayUse(u) && (!kind.isBound() || t.State == kind.state(u))
}

func (b *Book) byLink(ctx context.Context, kind, selector, verifier string) (*models.Ticket, error) {
	if !secret.IsID(selector) { // it goes to a database that may not take every byte
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

// byCode finds the ticket for an address that a code belongs to: there are others where several
// accounts claim it. The try is counted before, for the kind and the address, so that the work is
// the same with and without a ticket.
func (b *Book) byCode(ctx context.Context, kind string, in *binding.KeyOrCode) (*models.Ticket, error) {
	address := models.EmailKey(in.Email)
	tried, err := b.countTry(ctx, kind, address, 1)
	if err != nil {
		return nil, err
	}
	var hashes []string
	for _, k := range b.Keys {
		hashes = append(hashes, codeHash(k, kind, address, typed(in.Code)))
	}
	t, err := b.Store.TicketByCode(ctx, kind, address, hashes, b.Now())
	if err == nil && tried > maxTries {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Redeem spends a ticket. The user must still have the state that the ticket is bound to: since it was looked up, they
// may have confirmed another address, which may be a thief's (T114). The user is returned, and is locked until the
// transaction ends; a ticket that is bound to nothing has none.
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
