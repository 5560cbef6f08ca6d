package core

// Flow: the user of a login, the method, and what is done in the same transaction.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// Flow describes a login. [Core.SignIn] runs it, or [Core.Complete] if the route does not log in on every request.
// Only Account and Method are required.
type Flow struct {
	Account models.Account // the user; Work can change the value, and each attempt starts with the original
	Method  string         // models.Session.Method: how the first factor was verified; up to 32 characters
	Factors int            // number of factors that the flow verifies; with 2, no second factor is asked for; 0 means 1
	// ByMail says that the client has a secret from a mail to the user. Then users can log in before they have
	// confirmed an address, and users of a backend cannot log in unless AllowBackendLocalLogin is set.
	ByMail bool
	// ByAddress says that the login rests on an address of the user that an identity provider has verified. Such a login does not
	// offer or accept a factor of [Setup.MailFactor], as with ByMail. It vouches for nothing else that a mail does.
	ByAddress bool

	// Short says that the user asked not to be remembered: the session lasts for Session.Short at most, and its cookies
	// end when the browser closes. [Shortens] reads it from a request. It holds after a second factor as well.
	Short bool

	// Invitation is the key that a user who signs up has sent, for SignUp, SignInNew and SignUpPending; see [Setup.Invitations].
	Invitation string
	// Again is the user of a pending sign-up that this one replaces, or 0: the invitation that they used can be used again. First deletes
	// the user.
	Again int64

	// First runs before SignInNew and SignUpPending store the user.
	First func(*Tx) error
	// Work makes the changes of the request, such as spending a ticket. It runs first in the transaction, and may run
	// several times. If the user has a second factor, it runs before that is asked for.
	Work func(*Tx) error
	// Then runs in the same transaction after the login was recorded, for mails with tickets that a login invalidates.
	Then func(*Tx) error
	// Later is a change that only a complete login makes: if the user has a second factor, the login that passes it makes the
	// change, in another request. It runs after Then.
	Later Later
	// Committed runs after the transaction was committed. It calls the After hooks for the changes of Work.
	Committed func()

	// Attempt was counted before the password was compared; nil for flows without one.
	Attempt *Attempt

	Login bool   // for Complete: whether to log in
	Done  string // for Complete: the ID of the message that is the response without a login

	// Continues is the session of a request that replaces its own session, such as one that adds a way to log in. The new
	// session has proven what this one has, when this one has, and lasts no longer. Factors and Short are ignored.
	Continues *models.Session

	first  time.Time // when the first factor was proven; zero means now
	second string    // the second factor that was proven, or ""
	asked  string    // what the request with the first factor asked for in config.CredentialHeader; "" without a second factor

	excused func(*Tx) error // runs if a trusted browser excuses the login from the second factor; nil otherwise

	created bool // the flow stores the user, who named themself or came from an identity provider

	nameHolder int64 // the account that already has the name of a new backend user, who is then stored without it; or 0
}

// Later names a change that a login makes once it is complete, see [Flow.Later]. The zero value makes none.
type Later struct {
	Name string `json:"n"` // of [Setup.Later]
	// Data is passed to the function. It is short, such as the key of a row: while the login waits for a second factor, it
	// travels encrypted in the token of the challenge.
	Data string `json:"d"`
}

// Shortens reports whether the field remember of a login asks for a short session. Only false does: a client that
// does not know the field gets the same session as before, and true cannot exceed Session.Absolute.
func Shortens(remember *bool) bool { return remember != nil && !*remember }

// proven adds what the flow has proven to a new session.
func (f Flow) proven(s *models.Session) {
	if old := f.Continues; old != nil {
		at := old.AuthenticatedAt()
		s.Method, s.Factors, s.Proofs, s.ProvenAt = old.Method, old.Factors, old.Proofs, &at
		if old.ExpiresAt.Before(s.ExpiresAt) {
			s.ExpiresAt = old.ExpiresAt
		}
		return
	}
	if !f.first.IsZero() {
		s.Prove(f.Method, f.first)
	}
	if f.ByAddress {
		s.Prove(proofAddress, s.CreatedAt)
	}
	if f.second != "" {
		s.Prove(f.second, s.CreatedAt)
	}
	s.Factors = max(1, f.Factors)
}

// factors returns the number of factors that the flow verifies.
func (f Flow) factors() int {
	if f.Continues != nil {
		return f.Continues.Factors
	}
	return f.Factors
}

// byMailbox reports whether anyone who has the mailbox of the user can begin such a login.
func (f Flow) byMailbox() bool { return f.ByMail || f.ByAddress }

func (f Flow) begin(tx *Tx) error {
	if f.First == nil {
		return nil
	}
	return f.First(tx)
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

func (f Flow) committed(ctx context.Context) {
	f.Attempt.committed(ctx)
	if f.Committed != nil {
		f.Committed()
	}
}
