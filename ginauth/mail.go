package ginauth

// Mails on their way into the outbox: whom they go to, ticket, text and language.

import (
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// post writes a letter into the outbox, within the transaction of what it tells of. Nobody's
// letter is made, encrypted and stored like any other and then not sent, so that neither the
// time nor the statements of a request tell whether an address is known (T007).
func (a *Auth) post(c *gin.Context, tx *store.Tx, l letter) error {
	enough, err := a.enough(tx, l)
	if err != nil || enough {
		return err
	}
	return a.enqueue(c, tx, l)
}

// enqueue is post without a limit.
func (a *Auth) enqueue(c *gin.Context, tx *store.Tx, l letter) error {
	data := a.dataOf(c, l)
	row, err := a.newMail(l, data.Lang)
	if err != nil {
		return err
	}
	if purposeOf(l.kind) != "" {
		if row.Ticket, err = a.enclose(tx, l, &data); err != nil {
			return err
		}
	}
	if err := a.seal(row, data); err != nil {
		return err
	}
	c.Set(postedKey{}, true)
	return tx.CreateMail(row)
}

// postToHolder mails a ticket to the account that an address leads to. While nobody has confirmed
// it there may be several such accounts, so the mail says when this one was opened.
func (a *Auth) postToHolder(c *gin.Context, address, kind string) error {
	ctx := c.Request.Context()
	holder, err := a.holder(ctx, address)
	if err != nil {
		return err
	}
	if a.managed(holder.user) { // neither a new password nor a code would let them in
		holder = owner{user: nobody, address: models.NormalizeEmail(address)}
	}
	mail := letter{kind: kind, user: holder.user, address: holder.address, confirmed: holder.confirmed, asked: true, opened: !holder.confirmed}
	return a.store.Tx(ctx, func(tx *store.Tx) error {
		if err := a.post(c, tx, mail); err != nil { // first, since it begins with a write
			return err
		}
		return applyForm(c, tx, a.cfg.NewUser())
	})
}

// claimMail is the mail to an address that a user gives as theirs: the link that confirms it or,
// where another account has confirmed it, a notice to that account's user.
func claimMail(user *models.User, address string, confirmed owner) letter {
	if confirmed.confirmed {
		return letter{kind: mailAccountExists, user: confirmed.user, address: confirmed.address, confirmed: true, asked: true}
	}
	return letter{kind: mailVerify, user: user, address: address, asked: true, opened: true}
}

// invite mails a link to set a password to the owner of an account that was disarmed. It counts
// for no limit: it costs a ticket, and without it the owner would be locked out. A user whom only a
// backend may log in gets none.
func (a *Auth) invite(c *gin.Context, tx *store.Tx, userID int64) error {
	user, err := tx.User(userID)
	if err != nil || a.managed(user) {
		return err
	}
	return a.post(c, tx, letter{kind: mailReset, user: user, address: user.Email})
}

// replaceTicket stores a ticket in place of those that the user has for the address, or returns
// the one that was mailed a moment ago. Such a one is replaced as well once its code has been
// tried too often.
func (a *Auth) replaceTicket(tx *store.Tx, fresh *models.Ticket) (*models.Ticket, error) {
	tried, err := a.tries(tx, purpose(fresh.Purpose), fresh.Key, 0)
	if err != nil {
		return nil, err
	}
	since := a.now().Add(-resendWindow)
	if tried >= maxTryouts {
		since = a.now()
	}
	ticket, err := tx.Ticket(fresh, since)
	if err != nil {
		return nil, err
	}
	if ticket != fresh {
		tried = 0 // its code has had them; the work is the same, or the time would tell
	}
	_, err = a.tries(tx, purpose(fresh.Purpose), fresh.Key, -tried)
	return ticket, err
}

func (a *Auth) urlFor(p purpose) string {
	urls := a.cfg.Mail.URLs
	return map[purpose]string{forVerify: urls.Verify, forReset: urls.Reset, forLogin: urls.Login, forNotice: urls.Notice}[p]
}

// seal renders a mail and encrypts it into its row.
func (a *Auth) seal(row *models.OutboxMail, data mailtext.Data) error {
	rendered, err := a.mails.Render(data)
	if err != nil {
		return errInternal.Because(err)
	}
	if err := a.outbox.Seal(row, rendered); err != nil {
		return errInternal.Because(err)
	}
	return nil
}

// addTicket stores a ticket that was not mailed before. Its code can be tried anew.
func (a *Auth) addTicket(tx *store.Tx, t *models.Ticket) error {
	if err := tx.AddTicket(t); err != nil || purpose(t.Purpose) == forNotice {
		return err
	}
	return a.forgetTries(tx, t)
}

type postedKey struct{}

func (a *Auth) dataOf(c *gin.Context, l letter) mailtext.Data {
	data := mailtext.Data{
		Kind: l.kind, Lang: a.langFor(c, l), Site: a.cfg.Mail.Site, LinkLifetime: l.grace, Managed: a.managed(l.user),
	}
	if l.opened {
		data.Opened = l.user.DateJoined
	}
	if l.confirmed {
		data.Username = l.user.Username
	}
	if p := purposeOf(l.kind); p == forNotice || p == "" {
		data.When, data.IP, data.Device = a.now(), client.Address(c.Request, a.proxies), client.Device(c.Request.UserAgent())
	}
	return data
}

// langFor is the language of a mail: the user's own, else what the client prefers. The client
// behind a notice may be an intruder's, so a language that was set within Mail.NoticeLifetime does
// not count, whichever session set it: the notice is in the language that the user had before.
// Only the owner asks for "secured", by the link in a notice.
func (a *Auth) langFor(c *gin.Context, l letter) string {
	own, client := l.user.Locale, c.GetHeader("Accept-Language")
	switch p := purposeOf(l.kind); {
	case l.kind == mailSecured:
		return a.texts.Match(client, own)
	case p != forNotice && p != "":
		return a.texts.Match(own, client)
	}
	if at := l.user.LocaleChangedAt; at != nil && l.user.LocaleBefore != nil && at.After(a.now().Add(-a.cfg.Mail.NoticeLifetime)) {
		own = *l.user.LocaleBefore
	}
	return a.texts.Match(own)
}

func (a *Auth) newMail(l letter, lang string) (*models.OutboxMail, error) {
	id, err := secret.NewID(a.cfg.Rand)
	if err != nil {
		return nil, errInternal.Because(err)
	}
	row := &models.OutboxMail{
		MessageID: id, UserID: l.user.ID, Kind: l.kind, Recipient: l.address,
		Lang: lang, State: models.MailPending, CreatedAt: a.now(), NextTryAt: a.now(),
	}
	if l.user.ID == 0 {
		row.State = models.MailVoid
	}
	return row, nil
}

// enclose puts a ticket into a mail, and returns its selector.
func (a *Auth) enclose(tx *store.Tx, l letter, data *mailtext.Data) (string, error) {
	ticket, err := a.newTicket(purposeOf(l.kind), l.user, l.address)
	if err != nil {
		return "", err
	}
	if l.confirmed && ticket.Purpose == string(forNotice) {
		ticket.State = confirmedState
	}
	fresh := ticket
	if l.only {
		err = a.addTicket(tx, fresh)
	} else {
		ticket, err = a.replaceTicket(tx, fresh)
	}
	if err != nil {
		return "", err
	}
	verifier, code, ok := a.secretsOf(ticket)
	if !ok { // Secret was changed in between, and the former one is not kept
		ticket = fresh
		if err := a.addTicket(tx, fresh); err != nil {
			return "", err
		}
		verifier, code, _ = a.secretsOf(fresh)
	}
	data.Link = strings.NewReplacer(
		"{key}", ticket.Selector+verifier, "{uid}", ticket.Selector, "{token}", verifier).Replace(a.urlFor(purposeOf(l.kind)))
	data.LinkLifetime, data.CodeLifetime = a.lifetimes(purposeOf(l.kind))
	if purposeOf(l.kind) != forNotice {
		data.Code = showCode(code)
	}
	return ticket.Selector, nil
}

// posted wakes the outbox if a request has written mails.
func (a *Auth) posted(c *gin.Context) {
	if _, posted := c.Get(postedKey{}); posted {
		a.outbox.Wake()
		a.outbox.WarnIdle(c.Request.Context())
	}
}
