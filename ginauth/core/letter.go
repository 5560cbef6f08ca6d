package core

// What a request asks the outbox to send, and to whom.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// A Mail is a mail that a request asks for.
type Mail struct {
	Kind    string
	User    *models.User // whom the ticket is for; [Nobody], or another without ID: the mail is void
	Address string
	Asked   bool // by somebody who need not be the owner of the address, so that it is limited
	Only    bool // the user has no ticket of the purpose that it could repeat or replace

	Confirmed bool          // the user has confirmed the address, so that the mail may have their name (T093)
	Opened    bool          // tells when the account was opened, since there may be several with the address
	Grace     time.Duration // in which a deleted account can be restored
}
