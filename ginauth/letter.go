package ginauth

// What a mail is: its kinds, the ticket in it, and for whom it is.

import (
	"time"

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
	mailNewDevice       = "new_device"
	mailAccountDeleted  = "account_deleted"
	mailSecured         = "secured"
	mailTokenCreated    = "token_created"
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
	grace     time.Duration // in which a deleted account can be restored
}
