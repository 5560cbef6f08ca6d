package core

// Mails: stored in the outbox, with limits and recipients. Package mails writes them.

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mails"
	"github.com/ginauth/gin-rest-auth/models"
)

// Post stores a mail in the outbox, in the transaction of the change that it reports. A mail to [Nobody] is made,
// encrypted and stored like any other and then not sent, so that neither the time nor the statements of a request
// reveal whether an address is known. If [Core.AllowMail] does not allow the mail, it stores nothing and returns nil.
func (c *Core) Post(g *gin.Context, tx *Tx, m Mail) error {
	m, wait, err := c.AllowMail(g, tx, m)
	if err != nil || wait > 0 {
		return err
	}
	return c.PostUnlimited(g, tx, m)
}

// PostUnlimited is [Core.Post] without a limit.
func (c *Core) PostUnlimited(g *gin.Context, tx *Tx, m Mail) error {
	g.Set(postedKey{}, true)
	return c.mails.Write(g.Request, tx.rows, mails.Mail(m))
}

// AllowMail counts a mail, and returns it as it is to be stored. If its address had too many of this kind within an hour, it is not to be
// stored, and wait is how long that lasts at most. Only mails that anyone can trigger count, see Mail.Asked. While the user has no valid
// ticket for the address, the limit is twice as large; otherwise a stranger could keep the owner from logging in. For the same reason, browsers in which a user who
// has confirmed the address has logged in have a limit of their own. They have none for an address that is only claimed: it would reveal
// whether another account has confirmed it.
//
// A mail to the unconfirmed address of a recent sign-up is returned with [Nobody] as its user, so that it is stored and
// not sent, if the address had Mail.MaxPerDay mails, or all anonymous requests together asked for more than
// Limits.AllMails.
func (c *Core) AllowMail(g *gin.Context, tx *Tx, m Mail) (allowed Mail, wait time.Duration, err error) {
	known := m.Asked && m.Confirmed && c.cookies.KnowsDevice(g, m.User)
	made, above, wait, err := c.mails.Allow(tx.rows, mails.Mail(m), g.GetBool(crowdedKey{}), known)
	if err == nil && above != "" {
		tx.reports = append(tx.reports, c.unsent(g, m, above))
	}
	return Mail(made), wait, err
}

// PostToAddress mails a ticket to the account of [Core.RecipientOf]. While no account has confirmed the address,
// several accounts may have it, so the mail says when this one was created.
func (c *Core) PostToAddress(g *gin.Context, address, kind string) error {
	ctx := g.Request.Context()
	to, err := c.RecipientOf(ctx, address)
	if err != nil {
		return err
	}
	if c.Managed(to.User) { // they could log in with neither a new password nor a code
		to = Owner{User: Nobody, Address: models.NormalizeEmail(address)}
	}
	mail := Mail{Kind: kind, User: to.User, Address: to.Address, Confirmed: to.Confirmed, Asked: true, Opened: !to.Confirmed}
	return c.Tx(ctx, func(tx *Tx) error {
		if err := c.Post(g, tx, mail); err != nil { // first, since it begins with a write
			return err
		}
		return c.ApplyForm(g, tx, c.cfg.NewUser())
	})
}

// ClaimMail returns the mail to an address that a user names as theirs. o is the result of [Core.OwnerOf] or
// [Core.TakenBy]: if another account has confirmed the address, the mail is a notice to that account's user, and
// otherwise the link that confirms it.
func (o Owner) ClaimMail(user *models.User, address string) Mail {
	if o.Confirmed {
		return Mail{Kind: mailAccountExists, User: o.User, Address: o.Address, Confirmed: true, Asked: true}
	}
	return Mail{Kind: MailVerify, User: user, Address: address, Asked: true, Opened: true}
}

// PostClaim stores the mail for the address of a user who has confirmed none. taken is the result of [Core.TakenBy]. With
// VerifyMandatory it also adds a decoy: the ticket of the mail that is not sent. Otherwise trying a code, or asking for the
// next mail, would reveal which mail was sent.
func (c *Core) PostClaim(g *gin.Context, tx *Tx, user *models.User, taken Owner) error {
	mail := taken.ClaimMail(user, user.Email)
	mail.Only, mail.Last = true, true
	mail, wait, err := c.AllowMail(g, tx, mail)
	if err != nil || wait > 0 {
		return err
	}
	if err := c.PostUnlimited(g, tx, mail); err != nil || c.cfg.EmailVerification != config.VerifyMandatory {
		return err
	}
	purpose, whose := ForReset, user
	if taken.Confirmed {
		purpose, whose = ForVerify, Nobody
	}
	decoy, err := c.NewTicket(purpose, whose, user.Email)
	if err != nil {
		return err
	}
	return c.AddTicket(tx, decoy)
}

// PostInvitation mails a link to set a password to the owner of an account that was disarmed. It has no limit,
// because it uses up a ticket and the owner could not log in without it. It mails nothing to a user who can only log in by a backend.
func (c *Core) PostInvitation(g *gin.Context, tx *Tx, userID int64) error {
	user, err := tx.rows.User(userID)
	if err != nil || c.Managed(user) {
		return err
	}
	return c.Post(g, tx, Mail{Kind: MailReset, User: user, Address: user.Email})
}

type postedKey struct{}

// Posted wakes the outbox if the request has stored mails. Routes of [Add] call it after the handler; a handler of
// [AddRaw] calls it itself.
func (c *Core) Posted(g *gin.Context) {
	if _, posted := g.Get(postedKey{}); posted {
		c.mails.Outbox.Wake()
		c.mails.Outbox.WarnIdle(g.Request.Context())
	}
}

// FailedMails returns mails that were given up, the newest first, with a lower ID than before unless it is 0.
func (c *Core) FailedMails(ctx context.Context, before int64, limit int) ([]models.OutboxMail, error) {
	return c.store.FailedMails(ctx, before, limit)
}

// RetryMail queues a mail that was given up again, and returns it without its text. It returns [ErrNoRow] if no such mail has the ID.
func (tx *Tx) RetryMail(id int64) (*models.OutboxMail, error) {
	tx.wake = append(tx.wake, tx.core.mails.Outbox.Wake)
	return tx.rows.RetryMail(id, tx.core.Now())
}
