package core

// Confirming an address: the changes for its user and for other users who named it.

import (
	"context"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/models"
)

// Confirmation describes the effects of confirming an address.
type Confirmation struct {
	Event      config.Event
	Registered bool    // it completed a sign-up
	Primary    bool    // otherwise: it replaced a primary address that was not confirmed
	Displaced  []int64 // other users who lost it as their primary address
}

// Confirm makes the user of an event the owner of an address, and completes the user's pending sign-up, if any. It
// updates the account in e as well. The transaction must have begun with [Core.LockAddress] or [Core.Redeem].
func (c *Core) Confirm(ctx context.Context, tx *Tx, e config.Event, key models.Key) (*Confirmation, error) {
	user := e.User.Base()
	changed, err := tx.rows.Confirm(user.ID, key, c.Now())
	if err != nil {
		return nil, err
	}
	if err := tx.recordDisplaced(changed.Displaced); err != nil {
		return nil, err
	}
	done := &Confirmation{Event: e, Primary: changed.Primary != "", Displaced: changed.Displaced}
	if done.Primary {
		user.SetEmail(changed.Primary)
	}
	if done.Registered, err = tx.rows.EndPending(user.ID); err != nil || !done.Registered {
		return done, err
	}
	user.Pending, user.DeleteAt, done.Primary = false, nil, false
	return done, c.Before(ctx, tx, config.EventRegister, withoutForm(e))
}

// withoutForm returns an event without the form of the request: a request that completes a sign-up has a different
// form than the sign-up.
func withoutForm(e config.Event) config.Event {
	e.Form = nil
	return e
}

// ConfirmTicket is [Core.Confirm] for the address of a ticket, and also calls the hooks of a confirmation.
// inSession says that the request has a session of the account. Without one, a sign-up cannot confirm an address
// that an account not made by sign-up names: the person who opens the mail may be that account's user. The error is
// then [ErrTicket].
func (c *Core) ConfirmTicket(g *gin.Context, tx *Tx, account models.Account, t *models.Ticket, inSession bool) (*Confirmation, error) {
	if user := account.Base(); user.SignedUp && !inSession {
		taken, err := tx.rows.Claimed(t.Key, user.ID, false, c.Now())
		if err != nil {
			return nil, err
		}
		if taken {
			return nil, ErrTicket
		}
	}
	ctx, e := g.Request.Context(), c.Event(g, account)
	e.Email = t.Address
	done, err := c.Confirm(ctx, tx, e, t.Key)
	if err != nil {
		return nil, err
	}
	if !inSession {
		if err := tx.rows.ConfirmedWithoutSession(account.Base().ID, t.Key, c.Now()); err != nil {
			return nil, err
		}
	}
	if err := c.Before(ctx, tx, config.EventVerify, e); err != nil || !done.Primary {
		return done, err
	}
	return done, c.Before(ctx, tx, config.EventEmailChange, e)
}

// Confirmed returns the row of a ticket's address if its user has confirmed it, else nil.
func (tx *Tx) Confirmed(t *models.Ticket) (*models.Email, error) {
	all, err := tx.rows.Emails(t.UserID)
	for i := range all {
		if all[i].Key == t.Key && all[i].Verified() {
			return &all[i], err
		}
	}
	return nil, err
}

// IsConfirmed reports whether the user of a ticket has confirmed its address.
func (tx *Tx) IsConfirmed(t *models.Ticket) (bool, error) {
	address, err := tx.Confirmed(t)
	return address != nil, err
}

// Reclaim removes what a stranger may have set up before the owner of an address came: what features remove in
// Listener.OnReclaim. Call it when the owner takes the account over by a confirmed address. It does nothing if the user was
// logged in when they confirmed the address. It updates account as well.
func (tx *Tx) Reclaim(account models.Account, address *models.Email) error {
	if !address.NoSession || address.VerifiedAt == nil {
		return nil
	}
	user := account.Base()
	err := tx.tell("OnReclaim", user.ID, func(l Listener) func(*Tx, int64) error {
		if l.OnReclaim == nil {
			return nil
		}
		return func(tx *Tx, userID int64) error { return l.OnReclaim(tx, userID, *address.VerifiedAt) }
	})
	if err != nil {
		return err
	}
	now, err := tx.rows.User(user.ID)
	if err == nil {
		user.Factors = now.Factors
	}
	return err
}

// Disarm revokes everything by which a stranger who prepared an account could enter it after its owner came: the
// password, sessions, personal tokens and tickets, everything that features remove in Listener.OnDisarm, and all
// unconfirmed addresses except the given one. Notices that were made until the time notices stay valid; the zero
// time keeps none. It updates account as well.
func (c *Core) Disarm(tx *Tx, account models.Account, address models.Key, notices time.Time) error {
	return c.disarm(tx, account, address, notices, func() error { return tx.DisarmFeatures(account) })
}

// DisarmSince is [Core.Disarm] for a user who says "it was not me" and has confirmed the address. Of what features have, only what was
// set up since a time is removed, see Listener.OnNotMe.
func (c *Core) DisarmSince(tx *Tx, account models.Account, address models.Key, notices, since time.Time) error {
	return c.disarm(tx, account, address, notices, func() error {
		if err := tx.onNotMe(account.Base().ID, since); err != nil {
			return err
		}
		now, err := tx.rows.User(account.Base().ID)
		if err == nil {
			account.Base().Factors = now.Factors
		}
		return err
	})
}

// disarm is Disarm, with a function that disarms features.
func (c *Core) disarm(tx *Tx, account models.Account, address models.Key, notices time.Time, features func() error) error {
	user := account.Base()
	unusable, err := passhash.Unusable(c.cfg.Rand)
	if err != nil {
		return ErrInternal.Because(err)
	}
	if err := tx.rows.InvalidatePassword(user.ID, unusable); err != nil {
		return err
	}
	if err := features(); err != nil {
		return err
	}
	user.Password = unusable
	user.SessionEpoch++
	var kept string
	if !notices.IsZero() {
		kept = ForNotice
	}
	if err := tx.rows.EndTickets(user.ID, kept, notices); err != nil {
		return err
	}
	return tx.rows.DropUnconfirmed(user.ID, address, ForVerify)
}

// NotifyConfirmed calls the After hooks of a confirmation. Call it after the transaction was committed; done may be
// nil.
func (c *Core) NotifyConfirmed(ctx context.Context, done *Confirmation) {
	if done == nil {
		return
	}
	if done.Registered {
		c.After(ctx, config.EventRegister, withoutForm(done.Event))
	}
	c.After(ctx, config.EventVerify, done.Event)
	if done.Primary {
		c.After(ctx, config.EventEmailChange, done.Event)
	}
	c.NotifyPrimaryChanged(ctx, done.Displaced)
}

// NotifyPrimaryChanged calls AfterEmailChange for users whose primary address changed through someone else's
// action. Call it after the transaction was committed.
func (c *Core) NotifyPrimaryChanged(ctx context.Context, users []int64) {
	if !c.hears(config.EventEmailChange) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	for _, account := range c.displaced(ctx, users) {
		c.After(ctx, config.EventEmailChange, config.Event{User: account, Email: account.Base().Email})
	}
}

// displaced reads the users who lost an address. It logs those that it cannot read within Timeout.
func (c *Core) displaced(ctx context.Context, users []int64) (all []models.Account) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	for _, id := range users {
		account, err := c.store.UserByID(ctx, id)
		if err != nil {
			c.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: AfterEmailChange was not called for a user who lost their address",
				slog.Int64("id", id), slog.String("error", err.Error()))
			continue
		}
		all = append(all, account)
	}
	return all
}
