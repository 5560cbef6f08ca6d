package core

// Mails on their way into the outbox: whom they go to; package mails writes them.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/mails"
	"github.com/ginauth/gin-rest-auth/models"
)

// Post writes a mail into the outbox, within the transaction of what it tells of. A mail to [Nobody]
// is made, encrypted and stored like any other and then not sent, so that neither the
// time nor the statements of a request tell whether an address is known (T007).
func (c *Core) Post(g *gin.Context, tx *Tx, m Mail) error {
	over, err := c.OverLimit(tx, m)
	if err != nil || over {
		return err
	}
	return c.PostUnlimited(g, tx, m)
}

// PostUnlimited is [Core.Post] without a limit.
func (c *Core) PostUnlimited(g *gin.Context, tx *Tx, m Mail) error {
	g.Set(postedKey{}, true)
	return c.mails.Write(g.Request, tx.rows, mails.Mail(m))
}

// OverLimit reports whether the hourly limit for this kind of mail to this address is used up. If not, it counts one
// more. Only mails that anyone can trigger count, see Mail.Asked. While the user has no valid ticket for the address,
// the limit is twice as large, or a stranger could keep the owner from logging in (T097).
func (c *Core) OverLimit(tx *Tx, m Mail) (bool, error) {
	return c.mails.OverLimit(tx.rows, mails.Mail(m))
}

// PostToHolder mails a ticket to the account that an address leads to. While nobody has confirmed
// it there may be several such accounts, so the mail says when this one was opened.
func (c *Core) PostToHolder(g *gin.Context, address, kind string) error {
	ctx := g.Request.Context()
	holder, err := c.HolderOf(ctx, address)
	if err != nil {
		return err
	}
	if c.Managed(holder.User) { // neither a new password nor a code would let them in
		holder = Owner{User: Nobody, Address: models.NormalizeEmail(address)}
	}
	mail := Mail{Kind: kind, User: holder.User, Address: holder.Address, Confirmed: holder.Confirmed, Asked: true, Opened: !holder.Confirmed}
	return c.Tx(ctx, func(tx *Tx) error {
		if err := c.Post(g, tx, mail); err != nil { // first, since it begins with a write
			return err
		}
		return c.ApplyForm(g, tx, c.cfg.NewUser())
	})
}

// ClaimMail is the mail to an address that a user gives as theirs: the link that confirms it or,
// where another account has confirmed it, a notice to that account's user.
func (o Owner) ClaimMail(user *models.User, address string) Mail {
	if o.Confirmed {
		return Mail{Kind: mailAccountExists, User: o.User, Address: o.Address, Confirmed: true, Asked: true}
	}
	return Mail{Kind: MailVerify, User: user, Address: address, Asked: true, Opened: true}
}

// PostInvitation mails a link to set a password to the owner of an account that was disarmed. It counts
// for no limit: it costs a ticket, and without it the owner would be locked out. A user whom only a
// backend may log in gets none.
func (c *Core) PostInvitation(g *gin.Context, tx *Tx, userID int64) error {
	user, err := tx.rows.User(userID)
	if err != nil || c.Managed(user) {
		return err
	}
	return c.Post(g, tx, Mail{Kind: MailReset, User: user, Address: user.Email})
}

type postedKey struct{}

// Posted wakes the outbox if a request has written mails.
func (c *Core) Posted(g *gin.Context) {
	if _, posted := g.Get(postedKey{}); posted {
		c.mails.Outbox.Wake()
		c.mails.Outbox.WarnIdle(g.Request.Context())
	}
}
