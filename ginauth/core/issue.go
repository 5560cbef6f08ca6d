package core

// Tickets that are not mailed: issued to a client with a sealed payload, and found by their key.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// Issue stores a ticket for a user and returns its key: for a response or a redirect, not for a mail. The payload,
// which may be nil, travels in the key, encrypted, so that the ticket keeps state between two requests of a client.
// user is nil for an anonymous kind. The key is valid once, for TicketKind.Link; no other ticket of the user ends.
func (c *Core) Issue(tx *Tx, kind Purpose, user *models.User, payload []byte) (key string, err error) {
	if user == nil {
		user = Nobody
	}
	t, err := c.NewTicket(kind, user, "")
	if err != nil {
		return "", err
	}
	if err := tx.rows.AddTicket(t); err != nil {
		return "", err
	}
	sealed, err := c.ticketSeal.Seal(payload, t.Selector)
	if err != nil {
		return "", err
	}
	return t.Selector + ticket.Verifier(c.ticketKeys[0], string(kind), t.Selector) + sealed, nil
}

// Issued finds the ticket of a key that [Core.Issue] returned, with its account, which is nil for a ticket of no user,
// and its payload. [ErrTicket] means that the key is unknown, expired, redeemed or void. The ticket is not spent:
// call [Core.Redeem] in the transaction of what it is good for.
func (c *Core) Issued(ctx context.Context, kind Purpose, key string) (*models.Ticket, models.Account, []byte, error) {
	selector, verifier, sealed := ticket.Split(key)
	t, err := c.ticketByLink(ctx, kind, selector, verifier)
	t, account, err := c.ticketOwner(ctx, kind, t, err)
	if err != nil {
		return nil, nil, nil, err
	}
	payload, err := c.ticketSeal.Open(sealed, t.Selector)
	if err != nil {
		return nil, nil, nil, ErrTicket
	}
	return t, account, payload, nil
}
