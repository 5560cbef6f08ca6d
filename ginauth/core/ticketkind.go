package core

// The kinds of one-time tickets: what each is bound to, and how long it is valid.

import (
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// A Purpose is what a ticket is for. It is in the secrets themselves and in the row, so
// that no ticket is good for another (T104).
type Purpose string

// The kinds of tickets that the core makes.
const (
	ForVerify Purpose = "verify"
	ForReset  Purpose = "reset"
	ForNotice Purpose = "notice" // "it was not me"

	forChallenge Purpose = "challenge" // a login that waits for a second factor
)

// A TicketKind is one purpose of tickets. [Setup.Ticket] declares it.
type TicketKind struct {
	Name Purpose
	Link time.Duration // how long a link is valid, from when its mail goes out
	Code time.Duration // how long the code beside it is valid, at most as long; 0 for tickets without a code
	Page string        // the URL in the mail, with {key}, or with {uid} and {token}

	// Binds returns what of the user must be the same when the ticket is redeemed. If it is nil, the ticket
	// stays valid whatever happens to the user, except deactivation; see [SameLogins].
	Binds func(*models.User) []string

	// Anonymous says that tickets may belong to no user, as what a browser takes along to a provider. See [Core.Issue].
	Anonymous bool
}

// inUse is TicketKind.Binds of tickets that are void once the user was deactivated.
func inUse(u *models.User) []string { return []string{fmt.Sprint(u.IsActive)} }

// SameLogins is TicketKind.Binds of tickets that let a user in. They are void as well when the user's sessions
// are ended, as by a new password, at a login, and when the primary address changes (T103).
func SameLogins(u *models.User) []string {
	state := []string{fmt.Sprint(u.IsActive), fmt.Sprint(u.SessionEpoch)}
	if u.LastLogin != nil {
		state = append(state, fmt.Sprint(u.LastLogin.UnixMilli()))
	}
	return append(state, string(models.EmailKey(u.Email)))
}

// sameFactors is TicketKind.Binds of tickets that are void as well when the user's sessions are ended, or a second
// factor is set or removed.
func sameFactors(u *models.User) []string {
	return []string{fmt.Sprint(u.IsActive), fmt.Sprint(u.SessionEpoch), u.Factors}
}

// ownTickets are the kinds of the flows that are always there.
func ownTickets(mail config.Mail) []TicketKind {
	return []TicketKind{
		{Name: ForVerify, Link: mail.VerifyLifetime, Code: mail.CodeLifetime, Page: mail.URLs.Verify, Binds: inUse},
		{Name: ForReset, Link: mail.ResetLifetime, Code: mail.CodeLifetime, Page: mail.URLs.Reset, Binds: SameLogins},
		{Name: forChallenge, Link: 5 * time.Minute, Binds: sameFactors},
		{Name: ForNotice, Link: mail.NoticeLifetime, Page: mail.URLs.Notice}, // has to outlive whatever a thief does
	}
}
