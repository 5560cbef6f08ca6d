package core

// What a mail is: its kinds, the ticket in it, and for whom it is.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// The mails, as models.OutboxMail.Kind and config.Message.Kind have them.
const (
	MailVerify          = "verify"
	mailAccountExists   = "account_exists"
	MailReset           = "reset"
	MailLoginCode       = "login_code"
	MailPasswordChanged = "password_changed"
	MailEmailAdded      = "email_added"
	MailEmailChanged    = "email_changed"
	MailEmailRemoved    = "email_removed"
	mailNewDevice       = "new_device"
	MailAccountDeleted  = "account_deleted"
	MailSecured         = "secured"
	MailTokenCreated    = "token_created"
)

// purposeOf is the purpose of the ticket in a mail; empty for none.
func purposeOf(kind string) Purpose {
	switch kind {
	case MailVerify:
		return ForVerify
	case MailReset, mailAccountExists, MailSecured:
		return ForReset
	case MailLoginCode:
		return ForLogin
	case MailAccountDeleted:
		return ""
	}
	return ForNotice
}

// A Mail is a mail that a request asks for.
type Mail struct {
	Kind    string
	User    *models.User // whom the ticket is for; without ID it is nobody, and the mail void
	Address string
	Asked   bool // by somebody who need not be the owner of the address, so that it is limited
	Only    bool // the user has no ticket of the purpose that it could repeat or replace

	Confirmed bool          // the user has confirmed the address, so that the mail may have their name (T093)
	Opened    bool          // tells when the account was opened, since there may be several with the address
	Grace     time.Duration // in which a deleted account can be restored
}
