package ginauth

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// A purpose is what a ticket is for. It is in the secrets themselves and in the row, so
// that no ticket is good for another (T104).
type purpose string

const (
	forVerify purpose = "verify"
	forReset  purpose = "reset"
	forLogin  purpose = "login"
	forNotice purpose = "notice" // "it was not me"
)

const (
	maxTryouts   = 5                // codes that may be tried for an address until a new one is mailed (T109)
	tryoutWindow = 24 * time.Hour   // after which they are forgotten; longer than a code lives
	resendWindow = 60 * time.Second // within which a new request gets the same ticket

	selectorSize = 26 // characters of secret.NewID
	verifierSize = 43 // of 32 bytes in base64url
	codeSize     = 8
)

// codeLetters are hard to confuse, and make no words: 27 of them, so 38 bit in a code.
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXZ"

// errTicket is the one answer to a link or code that is unknown, wrong, used, replaced or
// expired (T009). Flows put it into the shape that their clients expect.
var (
	problemTicket = binding.Problem{Code: binding.CodeInvalidTicket}
	errTicket     = errors.New("ginauth: no such ticket")
)

// lifetimes of a link and of the code beside it.
func (a *Auth) lifetimes(p purpose) (link, code time.Duration) {
	m := a.cfg.Mail
	link = map[purpose]time.Duration{
		forVerify: m.VerifyLifetime, forReset: m.ResetLifetime, forLogin: m.LoginLifetime, forNotice: m.NoticeLifetime,
	}[p]
	return link, min(link, m.CodeLifetime)
}

// confirmedState marks a notice to an address that its user had confirmed by then.
const confirmedState = "confirmed"

// stateOf is what a ticket is bound to beside its user and address: it is void when he was
// deactivated. Links that let somebody in also die when the user's sessions are ended, as by a
// new password, at a login, and with a change of the primary address (T103).
func stateOf(p purpose, u *models.User) string {
	state := fmt.Sprint(u.IsActive)
	switch p {
	case forNotice: // has to outlive whatever a thief does
		return ""
	case forReset, forLogin:
		state += fmt.Sprint(" ", u.SessionEpoch)
		if u.LastLogin != nil {
			state += fmt.Sprint(" ", u.LastLogin.UnixMilli())
		}
		state += " " + string(models.EmailKey(u.Email))
	}
	return secret.Hash(state)
}

// newTicket makes a ticket; nobody, a user without ID, gets one, too.
func (a *Auth) newTicket(p purpose, u *models.User, address string) (*models.Ticket, error) {
	selector, err := secret.NewID(a.cfg.Rand)
	if err != nil {
		return nil, errInternal.Because(err)
	}
	link, code := a.lifetimes(p)
	now := a.now()
	key := a.ticketKeys[0]
	return &models.Ticket{
		Selector: selector, Purpose: string(p), UserID: u.ID, Address: address, Key: models.EmailKey(address), State: stateOf(p, u),
		VerifierHash: secret.Hash(verifierOf(key, p, selector)), CodeHash: codeHash(key, selector, codeOf(key, p, selector)),
		CreatedAt: now, ExpiresAt: now.Add(link), CodeExpiresAt: now.Add(code),
	}, nil
}

// verifierOf is the secret part of a link. It is made from the selector, so that the same
// ticket can be mailed once more though the row has only a hash; making one takes our key.
func verifierOf(key []byte, p purpose, selector string) string {
	return base64.RawURLEncoding.EncodeToString(mac(key, "verifier", string(p), selector))
}

// codeOf is the code beside a link.
func codeOf(key []byte, p purpose, selector string) string {
	n := binary.BigEndian.Uint64(mac(key, "code", string(p), selector))
	code := make([]byte, codeSize)
	for i := range code {
		code[i] = codeLetters[n%uint64(len(codeLetters))]
		n /= uint64(len(codeLetters))
	}
	return string(code)
}

// codeHash is how a code is stored: 38 bit could be guessed from a plain hash (ASVS 6.5.2).
func codeHash(key []byte, selector, code string) string {
	return hex.EncodeToString(mac(key, "code hash", selector, code))
}

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(strings.Join(parts, "|")))
	return h.Sum(nil)
}

// secretsOf returns what goes into the mail of a ticket. It reports false for one whose
// secrets were made with a key that is gone.
func (a *Auth) secretsOf(t *models.Ticket) (verifier, code string, ok bool) {
	for _, key := range a.ticketKeys {
		if verifier = verifierOf(key, purpose(t.Purpose), t.Selector); secret.Hash(verifier) == t.VerifierHash {
			return verifier, codeOf(key, purpose(t.Purpose), t.Selector), true
		}
	}
	return "", "", false
}

// showCode writes a code as people read it.
func showCode(code string) string { return code[:codeSize/2] + "-" + code[codeSize/2:] }

// typedCode undoes what people do to a code.
func typedCode(s string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(s))
}

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

// exists reports whether a user may use his account at all.
func (a *Auth) exists(u *models.User) bool {
	return u.IsActive && (u.DeleteAt == nil || a.now().Before(*u.DeleteAt))
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

// ticketByCode compares a code with the tickets for an address. There is more than one only
// while several accounts claim it. The try is counted before the comparison, for the purpose and
// the address, so that the work is the same with and without a ticket.
func (a *Auth) ticketByCode(ctx context.Context, p purpose, shown proof) (*models.Ticket, error) {
	key := models.EmailKey(shown.email)
	tried, err := a.countTry(ctx, p, key, 1)
	if err != nil {
		return nil, err
	}
	candidates, err := a.store.TicketsByAddress(ctx, string(p), key, a.now())
	if err != nil {
		return nil, err
	}
	code := typedCode(shown.code)
	i := slices.IndexFunc(candidates, func(t models.Ticket) bool { return a.codeFits(&t, code) })
	if i < 0 || tried > maxTryouts {
		return nil, store.ErrNotFound
	}
	return &candidates[i], nil
}

// countTry adds to the codes that were tried for an address, and returns how many there are.
func (a *Auth) countTry(ctx context.Context, p purpose, key models.Key, add int64) (tried int64, err error) {
	err = a.store.Tx(ctx, func(tx *store.Tx) error {
		tried, err = a.tries(tx, p, key, add)
		return err
	})
	return tried, err
}

func (a *Auth) tries(tx *store.Tx, p purpose, key models.Key, add int64) (int64, error) {
	return tx.Count(counterName(a.deviceKeys[0], "tries", string(p), string(key)), add, a.now(), max(tryoutWindow, a.cfg.Mail.CodeLifetime))
}

// addTicket stores a ticket that was not mailed before. Its code can be tried anew.
func (a *Auth) addTicket(tx *store.Tx, t *models.Ticket) error {
	if err := tx.AddTicket(t); err != nil || purpose(t.Purpose) == forNotice {
		return err
	}
	return a.forgetTries(tx, t)
}

func (a *Auth) forgetTries(tx *store.Tx, t *models.Ticket) error {
	tried, err := a.tries(tx, purpose(t.Purpose), t.Key, 0)
	if err == nil {
		_, err = a.tries(tx, purpose(t.Purpose), t.Key, -tried)
	}
	return err
}

func (a *Auth) codeFits(t *models.Ticket, code string) bool {
	fits := false
	for _, key := range a.ticketKeys {
		fits = fits || hmac.Equal([]byte(codeHash(key, t.Selector, code)), []byte(t.CodeHash))
	}
	return fits
}

// redeem spends a ticket, first thing in a transaction: whoever else decides about its address
// waits, before he holds anything that this one may need. The user must still be as the ticket
// was made for: since it was looked up, he may have confirmed another address, which may be
// a thief's (T114). The user is returned, and stays so until the transaction ends; not for
// notices, which hold whatever he has become.
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

// asTicketError gives errTicket, and the losing of a race for a ticket, the shape of a flow. What
// is wrong with a column of the application's is not the ticket's fault.
func asTicketError(err, as error) error {
	if errors.Is(err, store.ErrOwnExists) {
		return err
	}
	for _, lost := range []error{errTicket, store.ErrNotFound, store.ErrExists, store.ErrChanged} {
		if errors.Is(err, lost) {
			return as
		}
	}
	return err
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

func (a *Auth) giveBack(ctx context.Context, t *models.Ticket) error {
	_, err := a.countTry(ctx, purpose(t.Purpose), t.Key, -1)
	return err
}
