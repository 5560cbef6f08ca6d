package core

// Flow: what a handler does before the login that ends it.

import "github.com/ginauth/gin-rest-auth/models"

// Flow is a transaction that may end in a login, and who hears of it.
type Flow struct {
	Login   bool           // for complete
	Factors int            // how many factors the flow proves; 0 and 1 are the same
	Account models.Account // who logs in; work may change him
	Method  string         // models.Session.Method, up to 32 characters
	// ByMail says that the client has a secret from a mail to the user. Such users may log in before they have
	// confirmed an address, and those of a backend may not, unless AllowBackendLocalLogin is set.
	ByMail    bool
	Work      func(*Tx) error // may run several times, each time on the account as it was
	Then      func(*Tx) error // runs when the login is noted: for mails that are bound to it; may be nil
	Committed func()          // tells After hooks of the work, whatever comes then; may be nil
	Done      string          // for complete: the text for who is not logged in
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

func (f Flow) tell() {
	if f.Committed != nil {
		f.Committed()
	}
}
