package core

// One-time tickets, how they are used: found by link or code, and redeemed once.

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// Proof is what a client has from a mail: the two parts of a link, or an address and the
// code that was sent to it.
type Proof struct{ Selector, Verifier, Email, Code string }

// LinkProof reads the key of a link.
func LinkProof(key string) Proof {
	if len(key) != selectorSize+verifierSize {
		return Proof{}
	}
	return Proof{Selector: key[:selectorSize], Verifier: key[selectorSize:]}
}

// ProofOf reads a key, or an address and a code.
func ProofOf(in *binding.KeyOrCode) Proof {
	if in.Code != "" {
		return Proof{Email: in.Email, Code: in.Code}
	}
	return LinkProof(in.Key)
}

// CheckKeyOrCode is the check of routes that take a key, or an address and a code.
func CheckKeyOrCode(_ *gin.Context, in *binding.KeyOrCode, good func(string) bool) error {
	return CheckProof(map[string]string{"key": in.Key}, in.Email, in.Code, good)
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

// TicketFor finds the ticket that a proof belongs to, with its user, or ErrTicket. It asks
// the database the same questions whether or not there is one. The ticket is not spent yet:
// that is for [store.Tx.Redeem], in the transaction of what it is good for.
func (c *Core) TicketFor(ctx context.Context, p Purpose, shown Proof) (*models.Ticket, models.Account, error) {
	find := c.ticketByLink
	if shown.Code != "" {
		find = c.ticketByCode
	}
	t, err := find(ctx, p, shown)
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

func (c *Core) ticketByLink(ctx context.Context, p Purpose, shown Proof) (*models.Ticket, error) {
	if !secret.IsID(shown.Selector) { // it goes to a database that may not take every byte
		shown.Selector = ""
	}
	t, err := c.store.TicketBySelector(ctx, shown.Selector)
	if err != nil {
		return nil, err
	}
	if t.Purpose != string(p) || t.UsedAt != nil || !c.Now().Before(t.ExpiresAt) ||
		subtle.ConstantTimeCompare([]byte(secret.Hash(shown.Verifier)), []byte(t.VerifierHash)) != 1 {
		return nil, store.ErrNotFound
	}
	return t, nil
}

// ticketByCode finds the ticket for an address that a code belongs to: there are others where several
// accounts claim it. The try is counted before, for the purpose and the address, so that the work is
// the same with and without a ticket.
func (c *Core) ticketByCode(ctx context.Context, p Purpose, shown Proof) (*models.Ticket, error) {
	key := models.EmailKey(shown.Email)
	tried, err := c.countTry(ctx, p, key, 1)
	if err != nil {
		return nil, err
	}
	var hashes []string
	for _, k := range c.ticketKeys {
		hashes = append(hashes, codeHash(k, p, key, typedCode(shown.Code)))
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

// typedCode undoes what people do to a code.
func typedCode(s string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(s))
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

// RefundTry is AsTicketError for the end of a flow. A code that was right gets its try back where
// something else was wrong: a new password, or a hook's no.
func (c *Core) RefundTry(g *gin.Context, t *models.Ticket, code string, err, refused error) error {
	if err == nil || isTicketError(err) || code == "" {
		return AsTicketError(err, refused)
	}
	return cmp.Or(c.giveBack(g.Request.Context(), t), err)
}
