package ginauth

// Confirming an address: what it changes for its user and for others who had it.

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

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
	return done, a.before(ctx, tx, config.EventRegister, withoutForm(e))
}

// withoutForm is an event without the form of the request: a request that completes a sign-up has
// another form than the sign-up.
func withoutForm(e config.Event) config.Event {
	e.Form = nil
	return e
}

// confirmTicket is confirm for the address of a ticket, because what was mailed to it came back.
// It asks the hooks of that, too. Outside a session of the account, a sign-up cannot confirm an
// address that an account names which was not made by sign-up: the person who opens the mail
// may be the user of that one.
func (a *Auth) confirmTicket(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket, inSession bool) (*confirmation, error) {
	if user := account.Base(); user.SignedUp && !inSession {
		taken, err := tx.Claimed(t.Key, user.ID, false, a.now())
		if err != nil {
			return nil, err
		}
		if taken {
			return nil, errTicket
		}
	}
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

// isConfirmed reports whether the user of a ticket has confirmed its address.
func isConfirmed(tx *store.Tx, t *models.Ticket) (bool, error) {
	all, err := tx.Emails(t.UserID)
	return slices.ContainsFunc(all, func(e models.Email) bool { return e.Key == t.Key && e.Verified() }), err
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

// notifyConfirmed tells the hooks of a confirmation when it is committed; done may be nil.
func (a *Auth) notifyConfirmed(ctx context.Context, done *confirmation) {
	if done == nil {
		return
	}
	if done.registered {
		a.after(ctx, config.EventRegister, withoutForm(done.event))
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
	for _, account := range a.losers(ctx, users) {
		a.after(ctx, config.EventEmailChange, config.Event{User: account, Email: account.Base().Email})
	}
}

// losers reads the users who lost an address, as far as they can be read within Timeout.
func (a *Auth) losers(ctx context.Context, users []int64) (all []models.Account) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	for _, id := range users {
		account, err := a.store.UserByID(ctx, id)
		if err != nil {
			a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: AfterEmailChange was not called for a user who lost their address",
				slog.Int64("id", id), slog.String("error", err.Error()))
			continue
		}
		all = append(all, account)
	}
	return all
}
