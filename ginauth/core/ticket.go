package core

// One-time tickets for flows and features; package ticket makes, finds and redeems them.

import (
	"cmp"
	"context"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// ConfirmedState marks a notice to an address that its user had confirmed by then.
const ConfirmedState = ticket.ConfirmedState

// CheckKeyOrCode is the check of routes that take a key, or an address and a code.
func (*Core) CheckKeyOrCode(_ *gin.Context, in *binding.KeyOrCode, good func(string) bool) error {
	return ticket.CheckProof(map[string]string{"key": in.Key}, in.Email, in.Code, good)
}

// NewTicket makes a ticket. It makes one for [Nobody] as well.
func (c *Core) NewTicket(kind string, u *models.User, address string) (*models.Ticket, error) {
	return c.tickets.New(kind, u, address)
}

// AddTicket stores a ticket that was not mailed before. Its code can be tried anew.
func (c *Core) AddTicket(tx *Tx, t *models.Ticket) error { return c.tickets.Add(tx.rows, t) }

// TicketFor finds the ticket that a link's key, or an address and the code that was sent to it, belongs to, with its
// user, or [ErrTicket]. A code comes before a key. It runs the same queries whether or not there is one. The ticket is
// not spent: call [Core.Redeem] in the transaction that uses it.
func (c *Core) TicketFor(ctx context.Context, kind string, in *binding.KeyOrCode) (*models.Ticket, models.Account, error) {
	return c.tickets.Find(ctx, kind, in)
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
	return c.tickets.Redeem(tx.rows, t)
}

// AsTicketError returns as for [ErrTicket] and for a lost race for a ticket, and any other error unchanged. So a mistake
// in a column of the application is not reported as an invalid ticket.
func (*Core) AsTicketError(err, as error) error {
	if ticket.IsErr(err) {
		return as
	}
	return err
}

// RefundTry is [Core.AsTicketError] for the end of a flow. If the code was right and something else failed, such as a
// new password or a hook, the try is refunded.
func (c *Core) RefundTry(g *gin.Context, t *models.Ticket, code string, err, refused error) error {
	if err == nil || ticket.IsErr(err) || code == "" {
		return c.AsTicketError(err, refused)
	}
	return cmp.Or(c.tickets.Refund(g.Request.Context(), t), err)
}

// Issue stores a ticket for a user and returns its key: for a response or a redirect, not for a mail. The payload,
// which may be nil, travels in the key, encrypted, so that the ticket keeps state between two requests of a client.
// user is nil for an anonymous kind. The key is valid once, for TicketKind.Link; no other ticket of the user ends.
func (c *Core) Issue(tx *Tx, kind string, user *models.User, payload []byte) (key string, err error) {
	return c.tickets.Issue(tx.rows, kind, cmp.Or(user, Nobody), payload)
}

// Issued finds the ticket of a key that [Core.Issue] returned, with its account, which is nil for a ticket of no user,
// and its payload. [ErrTicket] means that the key is unknown, expired, redeemed or void. The ticket is not spent:
// call [Core.Redeem] in the transaction that uses it.
func (c *Core) Issued(ctx context.Context, kind, key string) (*models.Ticket, models.Account, []byte, error) {
	return c.tickets.Issued(ctx, kind, key)
}
