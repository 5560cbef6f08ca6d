package social

// Notification: what Apple tells the application about a user.

import "time"

// The types of Apple's notifications.
const (
	EmailDisabled  = "email-disabled"  // mails to the user's relay address are not forwarded any more
	EmailEnabled   = "email-enabled"   // they are again
	ConsentRevoked = "consent-revoked" // the user stopped using Apple for this application
	AccountDeleted = "account-deleted" // the user deleted the Apple account
)

// Notification is what Apple told the server about a user. Addresses and accounts do not change by [EmailDisabled] and [EmailEnabled].
// With [ConsentRevoked] and [AccountDeleted], the sessions that were begun with Apple have ended, and the account at Apple was
// disconnected, unless it was the user's last way to log in. No user is deleted.
type Notification struct {
	Provider     string // Provider.Name
	Type         string
	UserID       int64
	Email        string // the relay address, for the first two types
	At           time.Time
	Disconnected bool
}
