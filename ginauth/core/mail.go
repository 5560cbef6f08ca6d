package core

// Mails on their way into the outbox: whom they go to, ticket, text and language.

import (
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// Post writes a mail into the outbox, within the transaction of what it tells of. A mail to [Nobody]
// is made, encrypted and stored like any other and then not sent, so that neither the
// time nor the statements of a request tell whether an address is known (T007).
func (c *Core) Post(g *gin.Context, tx *Tx, l Mail) error {
	enough, err := c.OverLimit(tx, l)
	if err != nil || enough {
		return err
	}
	return c.PostUnlimited(g, tx, l)
}

// PostUnlimited is [Core.Post] without a limit.
func (c *Core) PostUnlimited(g *gin.Context, tx *Tx, l Mail) error {
	kind, declared := c.mailKinds[l.Kind]
	if !declared {
		return ErrInternal.Because(fmt.Errorf("the kind of mail %q is not declared; see Setup.Mail", l.Kind))
	}
	data := c.dataOf(g, l)
	row, err := c.newMail(l, data.Lang)
	if err != nil {
		return err
	}
	if kind.Ticket != "" {
		if row.Ticket, err = c.attachTicket(tx, l, &data); err != nil {
			return err
		}
	}
	if err := c.seal(row, data); err != nil {
		return err
	}
	g.Set(postedKey{}, true)
	return tx.rows.CreateMail(row)
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

// replaceTicket stores a ticket in place of those that the user has for the address, or returns
// the one that was mailed a moment ago. Such a one is replaced as well once its code has been
// tried too often.
func (c *Core) replaceTicket(tx *Tx, fresh *models.Ticket) (*models.Ticket, error) {
	tried, err := c.tries(tx, Purpose(fresh.Purpose), fresh.Key, 0)
	if err != nil {
		return nil, err
	}
	since := c.Now().Add(-resendWindow)
	if tried >= maxTryouts {
		since = c.Now()
	}
	ticket, err := tx.rows.Ticket(fresh, since)
	if err != nil {
		return nil, err
	}
	if ticket != fresh {
		tried = 0 // its code has had them; the work is the same, or the time would tell
	}
	_, err = c.tries(tx, Purpose(fresh.Purpose), fresh.Key, -tried)
	return ticket, err
}

// seal renders a mail and encrypts it into its row.
func (c *Core) seal(row *models.OutboxMail, data mailtext.Data) error {
	rendered, err := c.mails.Render(data)
	if err != nil {
		return ErrInternal.Because(err)
	}
	if err := c.outbox.Seal(row, rendered); err != nil {
		return ErrInternal.Because(err)
	}
	return nil
}

// AddTicket stores a ticket that was not mailed before. Its code can be tried anew.
func (c *Core) AddTicket(tx *Tx, t *models.Ticket) error {
	if err := tx.rows.AddTicket(t); err != nil || c.ticketKinds[Purpose(t.Purpose)].Code == 0 {
		return err
	}
	return c.forgetTries(tx, t)
}

type postedKey struct{}

func (c *Core) dataOf(g *gin.Context, l Mail) mailtext.Data {
	data := mailtext.Data{
		Kind: l.Kind, Lang: c.langFor(g, l), Site: c.cfg.Mail.Site, LinkLifetime: l.Grace, Managed: c.Managed(l.User),
	}
	if l.Opened {
		data.Opened = l.User.DateJoined
	}
	if l.Confirmed {
		data.Username = l.User.Username
	}
	if c.mailKinds[l.Kind].Notice {
		data.When, data.IP, data.Device = c.Now(), client.Address(g.Request, c.proxies), client.Device(g.Request.UserAgent())
	}
	return data
}

// langFor is the language of a mail: the user's own, else what the client prefers. The client
// behind a notice may be an intruder's, so a language that was set within Mail.NoticeLifetime does
// not count, whichever session set it: the notice is in the language that the user had before.
func (c *Core) langFor(g *gin.Context, l Mail) string {
	own, client := l.User.Locale, g.GetHeader("Accept-Language")
	switch kind := c.mailKinds[l.Kind]; {
	case kind.OwnerAsks:
		return c.responses.Texts.Match(client, own)
	case !kind.Notice:
		return c.responses.Texts.Match(own, client)
	}
	if at := l.User.LocaleChangedAt; at != nil && l.User.LocaleBefore != nil && at.After(c.Now().Add(-c.cfg.Mail.NoticeLifetime)) {
		own = *l.User.LocaleBefore
	}
	return c.responses.Texts.Match(own)
}

func (c *Core) newMail(l Mail, lang string) (*models.OutboxMail, error) {
	id, err := secret.NewID(c.cfg.Rand)
	if err != nil {
		return nil, ErrInternal.Because(err)
	}
	row := &models.OutboxMail{
		MessageID: id, UserID: l.User.ID, Kind: l.Kind, Recipient: l.Address,
		Lang: lang, State: models.MailPending, CreatedAt: c.Now(), NextTryAt: c.Now(),
	}
	if l.User.ID == 0 {
		row.State = models.MailVoid
	}
	return row, nil
}

// attachTicket puts a ticket into a mail, and returns its selector.
func (c *Core) attachTicket(tx *Tx, l Mail, data *mailtext.Data) (string, error) {
	kind := c.ticketKinds[c.mailKinds[l.Kind].Ticket]
	row, err := c.NewTicket(kind.Name, l.User, l.Address)
	if err != nil {
		return "", err
	}
	if l.Confirmed && row.Purpose == string(ForNotice) {
		row.State = ConfirmedState
	}
	fresh := row
	if l.Only {
		err = c.AddTicket(tx, fresh)
	} else {
		row, err = c.replaceTicket(tx, fresh)
	}
	if err != nil {
		return "", err
	}
	verifier, code, ok := ticket.Secrets(c.ticketKeys, row)
	if !ok { // Secret was changed in between, and the former one is not kept
		row = fresh
		if err := c.AddTicket(tx, fresh); err != nil {
			return "", err
		}
		verifier, code, _ = ticket.Secrets(c.ticketKeys, fresh)
	}
	data.Link = strings.NewReplacer(
		"{key}", row.Selector+verifier, "{uid}", row.Selector, "{token}", verifier).Replace(kind.Page)
	data.LinkLifetime, data.CodeLifetime = c.lifetimes(kind.Name)
	if kind.Code != 0 {
		data.Code = ticket.Show(code)
	}
	return row.Selector, nil
}

// Posted wakes the outbox if a request has written mails.
func (c *Core) Posted(g *gin.Context) {
	if _, posted := g.Get(postedKey{}); posted {
		c.outbox.Wake()
		c.outbox.WarnIdle(g.Request.Context())
	}
}
