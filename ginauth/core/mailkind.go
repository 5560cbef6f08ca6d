package core

// Mail and MailKind: the kinds of mails and notices, with their tickets and limits.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/mails"
	"github.com/ginauth/gin-rest-auth/models"
)

// The kinds of mails, as in models.OutboxMail.Kind and config.Message.Kind.
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
	MailAccountBanned   = mails.AccountBanned
	MailSecured         = "secured"
)

// A MailKind is one kind of mail. Declare it with [Setup.Mail].
type MailKind struct {
	Name   string // models.OutboxMail.Kind and config.Message.Kind
	Ticket string // the kind of the ticket that its link redeems; "" for a mail without a link, or with its own
	Link   bool   // its link is Mail.Link

	// Notice marks a mail that tells users about a change to their account. It says when, and from which
	// address and device. An intruder may have caused it, so the client does not decide its language.
	Notice bool
	// Limit is the kind of mail whose hourly limit it shares, because a request causes one or the other.
	// Default: its own limit.
	Limit string
	// Limited marks a notice that one client can cause any number of times. Sent by Notify, it counts for Mail.MaxPerHour, also at an
	// address that the user has confirmed.
	Limited bool
	// OwnerAsks says that only the owner of the account can cause it. Then the language of the client comes
	// before that of the account, which an intruder may have set.
	OwnerAsks bool
}

// ownMails returns the kinds of the library's own flows. mailtext.Kinds lists their templates, and the kinds of
// features that come with the library.
func ownMails() []MailKind {
	return []MailKind{
		{Name: MailVerify, Ticket: ForVerify},
		{Name: mailAccountExists, Ticket: ForReset, Limit: MailVerify}, // otherwise a resend would reveal which mail was sent
		{Name: MailReset, Ticket: ForReset},
		{Name: MailSecured, Ticket: ForReset, OwnerAsks: true},
		{Name: MailPasswordChanged, Ticket: ForNotice, Notice: true},
		{Name: MailEmailAdded, Ticket: ForNotice, Notice: true},
		{Name: MailEmailChanged, Ticket: ForNotice, Notice: true},
		{Name: MailEmailRemoved, Ticket: ForNotice, Notice: true},
		{Name: mailNewDevice, Ticket: ForNotice, Notice: true, Limited: true},
		{Name: MailAccountDeleted, Notice: true},
		{Name: MailAccountBanned, Notice: true},
	}
}

// A Mail is a mail that a request wants to send; see [Core.Post].
type Mail struct {
	Kind    string
	User    *models.User // the user of the ticket; with [Nobody], the mail is stored but not sent
	Address string
	Asked   bool // anyone could have asked for it, so it counts for the limit
	Only    bool // the user has no ticket of this kind that it could repeat or replace
	Last    bool // is sent after all other mails, because many can be asked for at once: those of sign-ups

	Confirmed bool          // the user has confirmed the address, so the mail can contain their name
	Opened    bool          // says when the account was created, because several may have the address
	Grace     time.Duration // how long a deleted account can be restored, or how long Link is valid

	// Link is where the button leads, without a ticket. Such a mail can go to an address without an account: then User has no ID, and
	// its Locale is the language of the mail.
	Link string

	Actor string    // the name of the operator who did what a notice reports: it then says nothing about their client
	Until time.Time // when what a notice reports, such as a wait, ends by itself, or zero
}
