package core

// TicketKind: the kinds of one-time tickets, what each is bound to, and how long it is valid.

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

// A TicketKind is one purpose of tickets. Declare it with [Setup.Ticket]. A ticket is only valid for its own kind:
// the name is in the row, and in the secrets themselves.
type TicketKind struct {
	Name string
	Link time.Duration // how long a link is valid, from when its mail is sent
	Code time.Duration // how long the code in the same mail is valid, at most as long as the link; 0 for no code
	Page string        // the URL in the mail, with {key}, or with {uid} and {token}

	// LogsIn is for tickets that log a user in. They become invalid when the user's sessions end, for example by a new
	// password, at a login, and when the primary address changes.
	LogsIn bool
	// Binds returns more values of the user that must be the same when the ticket is redeemed. Without Binds and LogsIn,
	// the ticket stays valid whatever happens to the user, except deactivation.
	Binds func(*models.User) []string

	// Anonymous allows tickets without a user, such as one that a browser carries to an identity provider and back. See
	// [Core.Issue].
	Anonymous bool
}

// ownTickets returns the kinds of the library's own flows.
func ownTickets(mail config.Mail) []TicketKind {
	return []TicketKind{
		{Name: ForVerify, Link: mail.VerifyLifetime, Code: mail.CodeLifetime, Page: mail.URLs.Verify, Binds: ticket.InUse},
		{Name: ForReset, Link: mail.ResetLifetime, Code: mail.CodeLifetime, Page: mail.URLs.Reset, LogsIn: true},
		{Name: forChallenge, Link: 5 * time.Minute, Binds: ticket.SameFactors},
		{Name: ForNotice, Link: mail.NoticeLifetime, Page: mail.URLs.Notice}, // must stay valid whatever an intruder does
	}
}
