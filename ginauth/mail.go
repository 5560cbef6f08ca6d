package ginauth

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// The mails, as models.OutboxMail.Kind and config.Message.Kind have them.
const (
	mailVerify          = "verify"
	mailAccountExists   = "account_exists"
	mailReset           = "reset"
	mailLoginCode       = "login_code"
	mailPasswordChanged = "password_changed"
	mailEmailAdded      = "email_added"
	mailEmailChanged    = "email_changed"
	mailEmailRemoved    = "email_removed"
	mailTokenCreated    = "token_created"
	mailNewDevice       = "new_device"
	mailAccountDeleted  = "account_deleted"
	mailSecured         = "secured"
)

// purposeOf is the purpose of the ticket in a mail; empty for none.
func purposeOf(kind string) purpose {
	switch kind {
	case mailVerify:
		return forVerify
	case mailReset, mailAccountExists, mailSecured:
		return forReset
	case mailLoginCode:
		return forLogin
	case mailAccountDeleted:
		return ""
	}
	return forNotice
}

// A letter is a mail that a request asks for.
type letter struct {
	kind    string
	user    *models.User // whom the ticket is for; without ID it is nobody, and the mail void
	address string
	asked   bool // by somebody who need not be the owner of the address, so that it is limited
	only    bool // the user has no ticket of the purpose that it could repeat or replace

	confirmed bool          // the user has confirmed the address, so that the mail may have their name (T093)
	opened    bool          // tells when the account was opened, since there may be several with the address
	grace     time.Duration // in which a deleted account can be had back
}

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

// enough reports whether an address has had its share of a kind of mail, where anybody could
// have asked for it; if not, it counts one more. While no ticket of the user's for the address is
// left, the share is twice as large, or a stranger could keep the owner from getting in (T097).
func (a *Auth) enough(tx *store.Tx, l letter) (bool, error) {
	if !l.asked {
		return false, nil
	}
	kind := l.kind
	if kind == mailAccountExists {
		kind = mailVerify // the same request has caused it, or a resend would tell which mail went out
	}
	name, now, most := counterName(a.deviceKeys[0], "mail", kind, string(models.EmailKey(l.address))), a.now(), int64(a.cfg.Mail.MaxPerHour)
	n, err := tx.Count(name, 0, now, time.Hour)
	if err != nil {
		return false, err
	}
	if most > 0 && n >= most {
		if p := purposeOf(l.kind); n >= 2*most || p == "" || p == forNotice {
			return true, nil
		}
		if left, err := a.hasTicket(tx, l); err != nil || left {
			return left, err
		}
	}
	_, err = tx.Count(name, 1, now, time.Hour)
	return false, err
}

// hasTicket reports whether a ticket of the user's for the address is left. At sign-up there is
// none, also for who has the address already: nothing may tell the two apart.
func (a *Auth) hasTicket(tx *store.Tx, l letter) (bool, error) {
	if l.only {
		return false, nil
	}
	ticket, err := a.newTicket(purposeOf(l.kind), l.user, l.address)
	if err != nil {
		return false, err
	}
	return tx.HasTicket(ticket, a.now())
}

// counterName does not say what is counted.
func counterName(key []byte, parts ...string) string { return hex.EncodeToString(mac(key, parts...)) }

type postedKey struct{}

func (a *Auth) dataOf(c *gin.Context, l letter) mailtext.Data {
	data := mailtext.Data{
		Kind: l.kind, Lang: a.langFor(c, l), Site: a.cfg.Mail.Site, LinkLifetime: l.grace,
	}
	if l.opened {
		data.Opened = l.user.DateJoined
	}
	if l.confirmed {
		data.Username = l.user.Username
	}
	if p := purposeOf(l.kind); p == forNotice || p == "" {
		data.When, data.IP, data.Device = a.now(), a.clientAddress(c.Request), deviceName(c.Request.UserAgent())
	}
	return data
}

// langFor is the language of a mail: the user's own, else what the client prefers. The client
// behind a notice may be an intruder's, so nothing that its session says counts: the notice is in
// the language that the user had before. Only the owner asks for "secured", by the link in a notice.
func (a *Auth) langFor(c *gin.Context, l letter) string {
	own, client := l.user.Locale, c.GetHeader("Accept-Language")
	switch p := purposeOf(l.kind); {
	case l.kind == mailSecured:
		return a.texts.Match(client, own)
	case p != forNotice && p != "":
		return a.texts.Match(own, client)
	}
	if s := Session(c); s != nil && s.UserID == l.user.ID && s.LocaleBefore != nil {
		own = *s.LocaleBefore
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

// seal renders a mail and encrypts it, since what is in it opens an account.
func (a *Auth) seal(row *models.OutboxMail, data mailtext.Data) error {
	rendered, err := a.mails.Render(data)
	if err != nil {
		return errInternal.Because(err)
	}
	body, err := json.Marshal(rendered)
	if err != nil {
		return errInternal.Because(err)
	}
	if row.Body, err = secret.Seal(a.cfg.Rand, a.outboxKeys[0], body, row.MessageID); err != nil {
		return errInternal.Because(err)
	}
	return nil
}

// notify tells a user what was done to their account (ASVS 6.3.7, T225), at the address given if
// they have confirmed it, else at one that they have confirmed. The link in it ends all sessions.
// A user who has confirmed none is told at the primary address, if it leads to them: its owner
// may be a stranger, so such mails are limited like others that anyone could ask for.
func (a *Auth) notify(c *gin.Context, tx *store.Tx, kind string, user *models.User, address string) error {
	if !a.notices() || address == "" {
		return nil
	}
	to, confirmed, err := a.reachable(tx, user.ID, address)
	if err != nil || to == "" {
		return err
	}
	return a.post(c, tx, letter{kind: kind, user: user, address: to, confirmed: confirmed, asked: !confirmed, only: true})
}

// notifyOwner is notify for users who have confirmed an address, and does nothing for others.
func (a *Auth) notifyOwner(c *gin.Context, tx *store.Tx, kind string, user *models.User) error {
	if _, confirmed, err := a.reachable(tx, user.ID, user.Email); err != nil || !confirmed {
		return err
	}
	return a.notify(c, tx, kind, user, user.Email)
}

// reachable returns where a user can be told something, or "": see notify.
func (a *Auth) reachable(tx *store.Tx, userID int64, address string) (to string, confirmed bool, err error) {
	all, err := tx.Emails(userID)
	if err != nil {
		return "", false, err
	}
	key := models.EmailKey(address)
	for _, e := range all {
		if e.Verified() && e.Key == key {
			return e.Address, true, nil
		}
		if e.Verified() && !confirmed {
			to, confirmed = e.Address, true
		}
	}
	if confirmed {
		return to, true, nil
	}
	holds, err := tx.Holds(userID, key, a.now())
	if err != nil || !holds {
		return "", false, err
	}
	return address, false, nil
}

// notices reports whether users are told of changes.
func (a *Auth) notices() bool { return a.mails != nil && !a.cfg.Mail.AllowSilentChanges }

// say returns a text in the language of the request, for this route where there is one for it.
func (a *Auth) say(c *gin.Context, id string, params map[string]any) string {
	return a.texts.Text(a.langOf(c), id, params, a.pathOf(c))
}

// langOf is the language of answers: config.Config.ResponseLocale, else the user's own, else what
// the client prefers, else the default one.
func (a *Auth) langOf(c *gin.Context) string {
	if a.cfg.ResponseLocale != "" {
		return a.cfg.ResponseLocale
	}
	var own string
	if user := User(c); user != nil {
		own = user.Locale
	}
	return a.texts.Match(own, c.GetHeader("Accept-Language"))
}
