package core

// Flow: who logs in, how, and what is done in the same transaction.

import "github.com/ginauth/gin-rest-auth/models"

// Flow is a login that a handler has decided on. [Core.SignIn] runs it, or [Core.Complete] if not every request of the
// route ends in a login. Only Account and Method are needed.
type Flow struct {
	Account models.Account // the user; Work may change the value, and each try starts with it as it was
	Method  string         // models.Session.Method: how the first factor was proven; up to 32 characters
	Factors int            // how many factors the flow proves: 2 asks for no other one; 0 is 1
	// ByMail says that the client has a secret from a mail to the user. Such users may log in before they have
	// confirmed an address, and those of a backend may not, unless AllowBackendLocalLogin is set.
	ByMail bool

	// Work is what the request changes, such as spending a ticket. It comes first in the transaction, and may run several
	// times. If the user has a second factor, it is done before that is asked for.
	Work func(*Tx) error
	// Then runs in the same transaction after the login was noted, for mails with tickets that a login voids.
	Then func(*Tx) error
	// Committed runs after the transaction, whatever follows: it tells the After hooks of Work.
	Committed func()

	Login bool   // for Complete: end in a login
	Done  string // for Complete: the ID of the message that is the response without a login

	nameHolder int64 // the account that has the name which a backend gives a new user, who is stored without it; or 0
}

// byMailMark follows the method of a flow by mail in the payload of a challenge.
const byMailMark = "@"

// noted returns what a challenge keeps of a flow.
func (f Flow) noted() []byte {
	if f.ByMail {
		return []byte(f.Method + byMailMark)
	}
	return []byte(f.Method)
}

func (f Flow) work(tx *Tx) error {
	if f.Work == nil {
		return nil
	}
	return f.Work(tx)
}

func (f Flow) then(tx *Tx) error {
	if f.Then == nil {
		return nil
	}
	return f.Then(tx)
}

func (f Flow) committed() {
	if f.Committed != nil {
		f.Committed()
	}
}
