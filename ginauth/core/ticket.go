package core

// One-time tickets, how they are made: their rows, and what they are bound to.

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// resendWindow is how long a new request gets the same ticket.
const resendWindow = 60 * time.Second

// lifetimes of a link and of the code beside it.
func (c *Core) lifetimes(p Purpose) (link, code time.Duration) {
	kind := c.ticketKinds[p]
	return kind.Link, min(kind.Link, kind.Code)
}

// ConfirmedState marks a notice to an address that its user had confirmed by then.
const ConfirmedState = "confirmed"

// stateOf is what a ticket is bound to besides its user and address.
func (c *Core) stateOf(p Purpose, u *models.User) string {
	binds := c.ticketKinds[p].Binds
	if binds == nil {
		return ""
	}
	return secret.Hash(strings.Join(binds(u), " "))
}

// NewTicket makes a ticket. It makes one for [Nobody] as well.
func (c *Core) NewTicket(p Purpose, u *models.User, address string) (*models.Ticket, error) {
	selector, err := secret.NewID(c.cfg.Rand)
	if err != nil {
		return nil, ErrInternal.Because(err)
	}
	link, code := c.lifetimes(p)
	now := c.Now()
	key, email := c.ticketKeys[0], models.EmailKey(address)
	return &models.Ticket{
		Selector: selector, Purpose: string(p), UserID: u.ID, Address: address, Key: email, State: c.stateOf(p, u),
		VerifierHash: secret.Hash(ticket.Verifier(key, string(p), selector)), CodeHash: ticket.CodeHash(key, string(p), email, ticket.Code(key, string(p), selector)),
		CreatedAt: now, ExpiresAt: now.Add(link), CodeExpiresAt: now.Add(code),
	}, nil
}
