package core

// One-time tickets for flows and features. Package ticket makes, finds and redeems them.

import (
	"cmp"
	"context"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// ConfirmedState is models.Ticket.State of a notice to an address that its user had confirmed by then.
const ConfirmedState = ticket.ConfirmedState

// CheckKeyOrCode is the check, for [AddChecked], of routes that take a key, or an address and a code.
func (*Core) CheckKeyOrCode(_ *gin.Context, in *binding.KeyOrCode, good func(string) bool) error {
	return ticket.CheckProof(map[string]string{"key": in.Key}, in.Email, in.Code, good)
}

// NewTicket returns a ticket for an address, not stored yet; see [Core.AddTicket]. It also accepts [Nobody]. For
// mails use [Core.Post], which does both. For a ticket without a mail, use [Core.Issue].
func (c *Core) NewTicket(kind string, u *models.User, address string) (*models.Ticket, error) {
	return c.tickets.New(kind, u, address)
}

// AddTicket stores a ticket that was not mailed before. The tries of its code start again.
func (c *Core) AddTicket(tx *Tx, t *models.Ticket) error { return c.tickets.Add(tx.rows, t) }

// TicketFor returns a mailed ticket, by the key of its link or by an address and the code that was sent there, and
// its user. A code comes before a key. The error is [ErrTicket] if there is no valid ticket. It runs the same
// queries whether or not there is one. The ticket is not spent: call [Core.Redeem] in the transaction that uses it.
// For the keys of [Core.Issue], use [Core.TicketByKey].
func (c *Core) TicketFor(ctx context.Context, kind string, in *binding.KeyOrCode) (*models.Ticket, models.Account, error) {
	t, account, err := c.tickets.Find(ctx, kind, in)
	if err == nil {
		c.Proven(ctx, "ticket "+t.Selector)
	}
	return t, account, err
}

// Redeem spends a ticket. Call it first in a transaction: it locks the ticket's address before other locks, which
// prevents deadlocks with transactions that decide who owns the address. It fails with [ErrTicket] unless the user
// still has the state that the ticket is bound to: since the ticket was looked up, they may have confirmed another
// address, which may belong to an intruder. It returns the user, who is locked until the transaction ends. A kind
// of ticket that is bound to nothing has no state, and Redeem returns nil for it.
func (c *Core) Redeem(tx *Tx, t *models.Ticket) (*models.User, error) {
	if t.Key != "" {
		if err := c.LockAddress(tx, t.Key); err != nil {
			return nil, err
		}
	}
	return c.tickets.Redeem(tx.rows, t)
}

// AsTicketError returns as if err is [ErrTicket] or a lost race for a ticket, and err otherwise. So a mistake in a
// column of the application is not reported as an invalid ticket.
func (*Core) AsTicketError(err, as error) error {
	if ticket.IsErr(err) {
		return as
	}
	return err
}

// RefundTry is [Core.AsTicketError] for the end of a flow. If the code was right and something else failed, such as
// a new password or a hook, the try is refunded.
func (c *Core) RefundTry(g *gin.Context, t *models.Ticket, code string, err, refused error) error {
	if err == nil || ticket.IsErr(err) {
		return c.AsTicketError(err, refused)
	}
	g.Set(rightTicketKey{}, true) // no guess: no limit counts it
	if code == "" {
		return err
	}
	return cmp.Or(c.tickets.Refund(g.Request.Context(), t), err)
}

// Issue stores a ticket for a user and returns its key, for a response or a redirect, not for a mail.
// [Core.TicketByKey] finds it. payload, which can be nil, travels encrypted in the key, so that the ticket keeps
// state between two requests of a client. user is nil for an anonymous kind. The key is valid once, for
// TicketKind.Link. Other tickets of the user stay valid.
func (c *Core) Issue(tx *Tx, kind string, user *models.User, payload []byte) (key string, err error) {
	return c.tickets.Issue(tx.rows, kind, cmp.Or(user, Nobody), payload)
}

// TicketByKey returns the ticket of a key that [Core.Issue] returned, its account, which is nil for a ticket
// without a user, and its payload. [ErrTicket] means that the key is unknown, expired, redeemed or no longer valid.
// The ticket is not spent: call [Core.Redeem] in the transaction that uses it.
func (c *Core) TicketByKey(ctx context.Context, kind, key string) (*models.Ticket, models.Account, []byte, error) {
	return c.tickets.Issued(ctx, kind, key)
}
