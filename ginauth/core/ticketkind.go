package core

// The kinds of one-time tickets: what each is bound to, and how long it is valid.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// The kinds of tickets that the core makes.
const (
	ForVerify = "verify"
	ForReset  = "reset"
	ForNotice = ticket.Notice // "it was not me"

	forChallenge = "challenge" // a login that waits for a second factor
)

// A TicketKind is one purpose of tickets. [Setup.Ticket] declares it. A ticket is valid for its own kind only: the name
// is in the row, and in the secrets themselves (T104).
type TicketKind struct {
	Name string
	Link time.Duration // how long a link is valid, from when its mail goes out
	Code time.Duration // how long the code beside it is valid, at most as long; 0 for tickets without a code
	Page string        // the URL in the mail, with {key}, or with {uid} and {token}

	// LogsIn is for tickets that let a user in. They are void when the user's sessions are ended, as by a new password, at
	// a login, and when the primary address changes (T103).
	LogsIn bool
	// Binds returns what else of the user must be the same when the ticket is redeemed. Without it and LogsIn, the ticket
	// stays valid whatever happens to the user, except deactivation.
	Binds func(*models.User) []string

	// Anonymous says that tickets may belong to no user, such as one that a browser carries to an identity provider and back. See [Core.Issue].
	Anonymous bool
}

// ownTickets are the kinds of the flows that are always there.
func ownTickets(mail config.Mail) []TicketKind {
	return []TicketKind{
		{Name: ForVerify, Link: mail.VerifyLifetime, Code: mail.CodeLifetime, Page: mail.URLs.Verify, Binds: ticket.InUse},
		{Name: ForReset, Link: mail.ResetLifetime, Code: mail.CodeLifetime, Page: mail.URLs.Reset, LogsIn: true},
		{Name: forChallenge, Link: 5 * time.Minute, Binds: ticket.SameFactors},
		{Name: ForNotice, Link: mail.NoticeLifetime, Page: mail.URLs.Notice}, // has to outlive whatever a thief does
	}
}
