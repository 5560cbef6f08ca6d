package ginauth

// Whose address it is, what follows when a user confirms one, and what the user can be told at.
// Package models documents the rules.

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// nobody is the placeholder owner of an unknown address.
var nobody = &models.User{}

// owner is the account that an address leads to.
type owner struct {
	user      *models.User // nobody where there is none, or where its user cannot use it
	address   string       // as it is on file; a stranger's spelling of it may be another mailbox
	confirmed bool
}

// holder returns the account that has confirmed an address or, while there is none, the one that
// claims it first. Login, reset, code, resend and notices all ask it. It asks the database the
// same questions for every address (T113).
func (a *Auth) holder(ctx context.Context, address string) (owner, error) {
	key := models.EmailKey(address)
	confirmed, err := a.ownerOf(ctx, key, 0)
	if err != nil {
		return confirmed, err
	}
	claimed, err := a.claimantOf(ctx, key)
	switch {
	case err != nil || confirmed.confirmed:
		return confirmed, err
	case claimed.user == nobody:
		claimed.address = models.NormalizeEmail(address)
	}
	return claimed, nil
}

// ownerOf returns the account that has confirmed an address, other than the one given.
func (a *Auth) ownerOf(ctx context.Context, key models.Key, except int64) (owner, error) {
	row, err := a.store.Owner(ctx, key, except)
	if err != nil {
		return owner{user: nobody}, err
	}
	user, err := a.userOrNobody(ctx, row.UserID)
	return owner{user, row.Address, row.ID != 0}, err
}

// claimantOf returns the account that claims an address first, of those that have not confirmed it.
func (a *Auth) claimantOf(ctx context.Context, key models.Key) (owner, error) {
	account, err := a.store.Claimant(ctx, key, a.now())
	if errors.Is(err, store.ErrNotFound) {
		return owner{user: nobody}, nil
	}
	if err != nil {
		return owner{user: nobody}, err
	}
	return owner{user: account.Base(), address: account.Base().Email}, nil
}

// userOrNobody reads a user, or returns nobody where there is none who can use the account.
func (a *Auth) userOrNobody(ctx context.Context, id int64) (*models.User, error) {
	account, err := a.store.UserByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nobody, nil
	}
	if err != nil {
		return nil, err
	}
	if !a.exists(account.Base()) {
		return nobody, nil
	}
	return account.Base(), nil
}

// confirmation is what followed when a user confirmed an address.
type confirmation struct {
	event      config.Event
	registered bool    // it completed a sign-up
	primary    bool    // else: it took the place of a primary address that was not confirmed
	losers     []int64 // users whose primary address it was
}

// confirm makes the user of an event the owner of an address, and completes the sign-up of one
// who waited for it. The account is brought up to date. The transaction must have begun with
// lockAddress or redeem.
func (a *Auth) confirm(ctx context.Context, tx *store.Tx, e config.Event, key models.Key) (*confirmation, error) {
	user := e.User.Base()
	changed, err := tx.Confirm(user.ID, key, a.now())
	if err != nil {
		return nil, err
	}
	done := &confirmation{event: e, primary: changed.Primary != "", losers: changed.Losers}
	if done.primary {
		user.SetEmail(changed.Primary)
	}
	if done.registered, err = tx.EndPending(user.ID); err != nil || !done.registered {
		return done, err
	}
	user.Pending, user.DeleteAt, done.primary = false, nil, false
	return done, a.before(ctx, tx, config.EventRegister, e)
}

// confirmTicket is confirm for the address of a ticket, because what was mailed to it came back.
// It asks the hooks of that, too.
func (a *Auth) confirmTicket(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket) (*confirmation, error) {
	ctx, e := c.Request.Context(), a.event(c, account)
	e.Email = t.Address
	done, err := a.confirm(ctx, tx, e, t.Key)
	if err != nil {
		return nil, err
	}
	if err := a.before(ctx, tx, config.EventVerify, e); err != nil || !done.primary {
		return done, err
	}
	return done, a.before(ctx, tx, config.EventEmailChange, e)
}

// notifyConfirmed tells the hooks of a confirmation when it is committed; nil is none.
func (a *Auth) notifyConfirmed(ctx context.Context, done *confirmation) {
	if done == nil {
		return
	}
	if done.registered {
		a.after(ctx, config.EventRegister, done.event)
	}
	a.after(ctx, config.EventVerify, done.event)
	if done.primary {
		a.after(ctx, config.EventEmailChange, done.event)
	}
	a.notifyPrimaryChanged(ctx, done.losers)
}

// notifyPrimaryChanged calls AfterEmailChange for users whose primary address changed through
// someone else's action, when that is committed.
func (a *Auth) notifyPrimaryChanged(ctx context.Context, users []int64) {
	if !a.told(config.EventEmailChange) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	for _, id := range users {
		account, err := a.store.UserByID(ctx, id)
		if err != nil {
			a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: AfterEmailChange was not called for a user who lost their address",
				slog.Int64("id", id), slog.String("error", err.Error()))
			continue
		}
		if !account.Base().Pending { // no hook has heard of it
			a.after(ctx, config.EventEmailChange, config.Event{User: account, Email: account.Base().Email})
		}
	}
}

// disarm ends every way into an account that somebody may have prepared before its owner came:
// the password, sessions, tokens and tickets, and addresses that are not confirmed other than
// the one given (T114). Notices until the time given stay valid; the zero time keeps none. The
// account is brought up to date.
func (a *Auth) disarm(tx *store.Tx, account models.Account, address models.Key, notices time.Time) error {
	user := account.Base()
	unusable, err := passhash.Unusable(a.cfg.Rand)
	if err != nil {
		return errInternal.Because(err)
	}
	if err := tx.Disarm(user.ID, unusable); err != nil {
		return err
	}
	user.Password = unusable
	user.SessionEpoch++
	var kept purpose
	if !notices.IsZero() {
		kept = forNotice
	}
	if err := tx.EndTickets(user.ID, string(kept), notices); err != nil {
		return err
	}
	return tx.DropUnconfirmed(user.ID, address, string(forVerify))
}

// invite mails a link to set a password to the owner of an account that was disarmed. It counts
// for no limit: it costs a ticket, and without it the owner would be locked out.
func (a *Auth) invite(c *gin.Context, tx *store.Tx, userID int64) error {
	user, err := tx.User(userID)
	if err != nil {
		return err
	}
	return a.post(c, tx, letter{kind: mailReset, user: user, address: user.Email})
}

// isConfirmed reports whether the user of a ticket has confirmed its address.
func isConfirmed(tx *store.Tx, t *models.Ticket) (bool, error) {
	all, err := tx.Emails(t.UserID)
	return slices.ContainsFunc(all, func(e models.Email) bool { return e.Key == t.Key && e.Verified() }), err
}

// lockAddress makes the transactions wait for each other that decide whose an address is,
// also those of instances that have the next Secret already, or not yet.
func (a *Auth) lockAddress(tx *store.Tx, address models.Key) error {
	var names []string
	for _, key := range a.deviceKeys {
		names = append(names, counterName(key, "address", string(address)))
	}
	slices.Sort(names) // in one order everywhere, or two could wait for each other
	for _, name := range names {
		if err := tx.Lock(name, a.now()); err != nil {
			return err
		}
	}
	return nil
}

// claimMail is the mail to an address that a user gives as theirs: the link that confirms it or,
// where another account has confirmed it, a notice to that account's user.
func claimMail(user *models.User, address string, confirmed owner) letter {
	if confirmed.confirmed {
		return letter{kind: mailAccountExists, user: confirmed.user, address: confirmed.address, confirmed: true, asked: true}
	}
	return letter{kind: mailVerify, user: user, address: address, asked: true, opened: true}
}

// newEmail is a row for an address of a user, not confirmed.
func newEmail(userID int64, address string, at time.Time) *models.Email {
	return &models.Email{UserID: userID, Address: models.NormalizeEmail(address), Key: models.EmailKey(address), CreatedAt: at}
}

var problemTaken = binding.Problem{Code: binding.CodeTaken}
