package ginauth

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

// proof is what a client has from a mail: the two parts of a link, or an address and the
// code that was sent to it.
type proof struct{ selector, verifier, email, code string }

// linkProof reads the key of a link.
func linkProof(key string) proof {
	if len(key) != selectorSize+verifierSize {
		return proof{}
	}
	return proof{selector: key[:selectorSize], verifier: key[selectorSize:]}
}

func proofOf(in *binding.Proof) proof {
	if in.Code != "" {
		return proof{email: in.Email, code: in.Code}
	}
	return linkProof(in.Key)
}

func checkKeyOrCode(_ *gin.Context, in *binding.Proof, good func(string) bool) error {
	return checkProof(map[string]string{"key": in.Key}, in.Email, in.Code, good)
}

// checkProof wants what is in a link, by its fields, or an address and a code. An address
// beside a link does no harm: dj-rest-auth ignores what it does not know.
func checkProof(link map[string]string, email, code string, good func(string) bool) error {
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

// ticketFor finds the ticket that a proof belongs to, with its user, or errTicket. It asks
// the database the same questions whether or not there is one. The ticket is not spent yet:
// that is for [store.Tx.Redeem], in the transaction of what it is good for.
func (a *Auth) ticketFor(ctx context.Context, p purpose, shown proof) (*models.Ticket, models.Account, error) {
	find := a.ticketByLink
	if shown.code != "" {
		find = a.ticketByCode
	}
	t, err := find(ctx, p, shown)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, nil, err
	}
	if t == nil {
		t = &models.Ticket{}
	}
	account, err := a.store.UserByID(ctx, t.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, errTicket
	}
	if err != nil {
		return nil, nil, err
	}
	if user := account.Base(); !a.exists(user) || p != forNotice && t.State != stateOf(p, user) {
		return nil, nil, errTicket
	}
	return t, account, nil
}

func (a *Auth) ticketByLink(ctx context.Context, p purpose, shown proof) (*models.Ticket, error) {
	if !secret.IsID(shown.selector) { // it goes to a database that may not take every byte
		shown.selector = ""
	}
	t, err := a.store.TicketBySelector(ctx, shown.selector)
	if err != nil {
		return nil, err
	}
	if t.Purpose != string(p) || t.UsedAt != nil || !a.now().Before(t.ExpiresAt) ||
		subtle.ConstantTimeCompare([]byte(secret.Hash(shown.verifier)), []byte(t.VerifierHash)) != 1 {
		return nil, store.ErrNotFound
	}
	return t, nil
}

// ticketByCode finds the ticket for an address that a code belongs to: there are others where several
// accounts claim it. The try is counted before, for the purpose and the address, so that the work is
// the same with and without a ticket.
func (a *Auth) ticketByCode(ctx context.Context, p purpose, shown proof) (*models.Ticket, error) {
	key := models.EmailKey(shown.email)
	tried, err := a.countTry(ctx, p, key, 1)
	if err != nil {
		return nil, err
	}
	var hashes []string
	for _, k := range a.ticketKeys {
		hashes = append(hashes, codeHash(k, p, key, typedCode(shown.code)))
	}
	t, err := a.store.TicketByCode(ctx, string(p), key, hashes, a.now())
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

// redeem spends a ticket as the first step of a transaction: other transactions that decide about
// its address wait before they hold a lock that this one may need. The user must still have the
// state that the ticket is bound to: since it was looked up, they may have confirmed another
// address, which may be a thief's (T114). The user is returned, and is locked until the transaction
// ends. Tickets in notices are valid whatever the state of the user, so redeem returns none for them.
func (a *Auth) redeem(tx *store.Tx, t *models.Ticket) (*models.User, error) {
	if err := a.lockAddress(tx, t.Key); err != nil {
		return nil, err
	}
	if err := tx.Redeem(t.Selector, a.now()); err != nil || purpose(t.Purpose) == forNotice {
		return nil, err
	}
	user, err := tx.LockedUser(t.UserID)
	if err == nil && (!a.exists(user) || t.State != stateOf(purpose(t.Purpose), user)) {
		err = errTicket
	}
	return user, err
}

// tried is asTicketError for the end of a flow. A code that was right gets its try back where
// something else was wrong: a new password, or a hook's no.
func (a *Auth) tried(c *gin.Context, t *models.Ticket, code string, err, refused error) error {
	err = asTicketError(err, refused)
	if err == nil || err == refused || code == "" { //nolint:errorlint // the very value
		return err
	}
	return cmp.Or(a.giveBack(c.Request.Context(), t), err)
}
