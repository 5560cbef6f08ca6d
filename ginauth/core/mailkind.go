package core

// The kinds of mails and notices: the ticket in each, how it is limited and worded. And what a request asks of one.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// The mails, as models.OutboxMail.Kind and config.Message.Kind have them.
const (
	MailVerify          = "verify"
	mailAccountExists   = "account_exists"
	MailReset           = "reset"
	MailPasswordChanged = "password_changed"
	MailEmailAdded      = "email_added"
	MailEmailChanged    = "email_changed"
	MailEmailRemoved    = "email_removed"
	mailNewDevice       = "new_device"
	MailAccountDeleted  = "account_deleted"
	MailSecured         = "secured"
)

// A MailKind is one kind of mail. [Setup.Mail] declares it.
type MailKind struct {
	Name   string // models.OutboxMail.Kind and config.Message.Kind
	Ticket string // the kind of the ticket that its link redeems; "" for a mail without a link

	// Notice marks a mail that tells users what was done to their account. It says when, and from which
	// address and device. Since an intruder may have caused it, the client does not decide its language.
	Notice bool
	// Limit names the kind of mail whose hourly limit it shares: one request causes either of them.
	// The default is a limit of its own.
	Limit string
	// OwnerAsks says that only the owner of the account can cause it, so that the language of the client comes
	// before that of the account, which an intruder may have set.
	OwnerAsks bool
}

// ownMails are the kinds of the flows that are always there. Their templates, and the kinds of features that come
// with the library, are listed in mailtext.Kinds.
func ownMails() []MailKind {
	return []MailKind{
		{Name: MailVerify, Ticket: ForVerify},
		{Name: mailAccountExists, Ticket: ForReset, Limit: MailVerify}, // or a resend would tell which mail went out
		{Name: MailReset, Ticket: ForReset},
		{Name: MailSecured, Ticket: ForReset, OwnerAsks: true},
		{Name: MailPasswordChanged, Ticket: ForNotice, Notice: true},
		{Name: MailEmailAdded, Ticket: ForNotice, Notice: true},
		{Name: MailEmailChanged, Ticket: ForNotice, Notice: true},
		{Name: MailEmailRemoved, Ticket: ForNotice, Notice: true},
		{Name: mailNewDevice, Ticket: ForNotice, Notice: true},
		{Name: MailAccountDeleted, Notice: true},
	}
}

// A Mail is a mail that a request asks for.
type Mail struct {
	Kind    string
	User    *models.User // whom the ticket is for; [Nobody], or another without ID: the mail is void
	Address string
	Asked   bool // by a client that need not be the owner of the address, so that it is limited
	Only    bool // the user has no ticket of the purpose that it could repeat or replace

	Confirmed bool          // the user has confirmed the address, so that the mail may have their name (T093)
	Opened    bool          // tells when the account was opened, since there may be several with the address
	Grace     time.Duration // in which a deleted account can be restored
}
