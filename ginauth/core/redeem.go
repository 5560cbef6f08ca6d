package core

// One-time tickets, how they are used: found by link or code, and redeemed once.

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// CheckKeyOrCode is the check of routes that take a key, or an address and a code.
func CheckKeyOrCode(_ *gin.Context, in *binding.KeyOrCode, good func(string) bool) error {
	return ticket.CheckProof(map[string]string{"key": in.Key}, in.Email, in.Code, good)
}

// TicketFor finds the ticket that a link's key, or an address and the code that was sent to it, belongs to, with its
// user, or ErrTicket. A code comes before a key. It asks
// the database the same questions whether or not there is one. The ticket is not spent yet:
// that is for [Core.Redeem], in the transaction of what it is good for.
func (c *Core) TicketFor(ctx context.Context, p Purpose, in *binding.KeyOrCode) (*models.Ticket, models.Account, error) {
	if in.Code != "" {
		t, err := c.ticketByCode(ctx, p, in)
		return c.ticketOwner(ctx, p, t, err)
	}
	selector, verifier, rest := ticket.Split(in.Key)
	if rest != "" {
		selector = ""
	}
	t, err := c.ticketByLink(ctx, p, selector, verifier)
	return c.ticketOwner(ctx, p, t, err)
}

// ticketOwner adds the user of a ticket that was looked up, and wants the state that it is bound to.
func (c *Core) ticketOwner(ctx context.Context, p Purpose, t *models.Ticket, err error) (*models.Ticket, models.Account, error) {
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, nil, err
	}
	if t == nil {
		t = &models.Ticket{}
	}
	if t.Selector != "" && t.UserID == 0 && c.ticketKinds[p].Anonymous {
		return t, nil, nil
	}
	account, err := c.store.UserByID(ctx, t.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, ErrTicket
	}
	if err != nil {
		return nil, nil, err
	}
	if user := account.Base(); !c.MayUse(user) || c.ticketKinds[p].Binds != nil && t.State != c.stateOf(p, user) {
		return nil, nil, ErrTicket
	}
	return t, account, nil
}

func (c *Core) ticketByLink(ctx context.Context, p Purpose, selector, verifier string) (*models.Ticket, error) {
	if !secret.IsID(selector) { // it goes to a database that may not take every byte
		selector = ""
	}
	t, err := c.store.TicketBySelector(ctx, selector)
	if err != nil {
		return nil, err
	}
	if t.Purpose != string(p) || t.UsedAt != nil || !c.Now().Before(t.ExpiresAt) ||
		subtle.ConstantTimeCompare([]byte(secret.Hash(verifier)), []byte(t.VerifierHash)) != 1 {
		return nil, store.ErrNotFound
	}
	return t, nil
}

// ticketByCode finds the ticket for an address that a code belongs to: there are others where several
// accounts claim it. The try is counted before, for the purpose and the address, so that the work is
// the same with and without a ticket.
func (c *Core) ticketByCode(ctx context.Context, p Purpose, in *binding.KeyOrCode) (*models.Ticket, error) {
	key := models.EmailKey(in.Email)
	tried, err := c.countTry(ctx, p, key, 1)
	if err != nil {
		return nil, err
	}
	var hashes []string
	for _, k := range c.ticketKeys {
		hashes = append(hashes, ticket.CodeHash(k, string(p), key, ticket.Typed(in.Code)))
	}
	t, err := c.store.TicketByCode(ctx, string(p), key, hashes, c.Now())
	if err == nil && tried > maxTryouts {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Redeem spends a ticket as the first step of a transaction: other transactions that decide about
// its address wait before they hold a lock that this one may need. The user must still have the
// state that the ticket is bound to: since it was looked up, they may have confirmed another
// address, which may be a thief's (T114). The user is returned, and is locked until the transaction
// ends. A kind of ticket that is bound to nothing has no state, so Redeem returns no user for it.
func (c *Core) Redeem(tx *Tx, t *models.Ticket) (*models.User, error) {
	if t.Key != "" {
		if err := c.LockAddress(tx, t.Key); err != nil {
			return nil, err
		}
	}
	if err := tx.rows.Redeem(t.Selector, c.Now()); err != nil || t.UserID == 0 || c.ticketKinds[Purpose(t.Purpose)].Binds == nil {
		return nil, err
	}
	user, err := tx.rows.LockedUser(t.UserID)
	if err == nil && (!c.MayUse(user) || t.State != c.stateOf(Purpose(t.Purpose), user)) {
		err = ErrTicket
	}
	return user, err
}

// RefundTry is [AsTicketError] for the end of a flow. A code that was right gets its try back where
// something else was wrong: a new password, or a hook's no.
func (c *Core) RefundTry(g *gin.Context, t *models.Ticket, code string, err, refused error) error {
	if err == nil || isTicketError(err) || code == "" {
		return AsTicketError(err, refused)
	}
	return cmp.Or(c.giveBack(g.Request.Context(), t), err)
}
