package binding

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// Export is the response of GET user/export/: what the library's tables have about the user, without secrets. Each list has
// the latest 10,000 rows. Times are RFC 3339 in UTC.
type Export struct {
	ExportedAt  time.Time       `json:"exported_at"`
	User        ExportedUser    `json:"user"`
	Emails      []ExportedEmail `json:"emails"`
	Sessions    []Session       `json:"sessions"` // also expired ones that were not deleted yet
	Tokens      []Token         `json:"tokens"`   // personal tokens
	Events      []Event         `json:"events"`   // of the audit trail
	Mails       []ExportedMail  `json:"mails"`    // waiting, and sent within the last two days
	Links       []ExportedLink  `json:"links"`    // in mails, and other one-time secrets
	Features    map[string]any  `json:"features"` // what features have, by their names
	Application any             `json:"application"`
}

// ExportedUser is the row of the user, without the reason of a ban, which is for operators.
type ExportedUser struct {
	User
	Locale      string     `json:"locale"`
	DateJoined  time.Time  `json:"date_joined"`
	LastLogin   *time.Time `json:"last_login"`
	IsActive    bool       `json:"is_active"`
	IsStaff     bool       `json:"is_staff"`
	IsSuperuser bool       `json:"is_superuser"`
	HasPassword bool       `json:"has_password"`
	Factors     []string   `json:"factors"`    // names of second factors
	SignedUp    bool       `json:"signed_up"`  // whether the account was made by a sign-up
	Backend     string     `json:"backend"`    // the directory that the account came from
	BackendID   string     `json:"backend_id"` // the user's ID there
	Pending     bool       `json:"pending"`    // whether the address of a sign-up was not confirmed yet
	BannedAt    *time.Time `json:"banned_at"`  // of the last ban, also if it has ended
	BannedUntil *time.Time `json:"banned_until"`
	DeleteAt    *time.Time `json:"delete_at"` // when the account is deleted
}

// ExportedEmail is an address of the user.
type ExportedEmail struct {
	Email
	CreatedAt  time.Time  `json:"created_at"`
	VerifiedAt *time.Time `json:"verified_at"`
}

// ExportedMail is a mail to the user, without its text.
type ExportedMail struct {
	Kind      string     `json:"kind"`
	To        string     `json:"to"`
	Language  string     `json:"language"`
	State     string     `json:"state"`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    *time.Time `json:"sent_at"`
}

// ExportedLink is a one-time secret of the user, without the secret.
type ExportedLink struct {
	Purpose   string     `json:"purpose"`
	Address   string     `json:"address"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	UsedAt    *time.Time `json:"used_at"`
}

// ExportedUserOf returns what an export has of a user's row.
func ExportedUserOf(u *models.User) ExportedUser {
	return ExportedUser{
		User: UserOf(u), Locale: u.Locale, DateJoined: u.DateJoined.UTC(), LastLogin: inUTC(u.LastLogin), IsActive: u.IsActive, IsStaff: u.IsStaff,
		IsSuperuser: u.IsSuperuser, HasPassword: u.HasPassword(), Factors: strings.Fields(u.Factors), SignedUp: u.SignedUp, Backend: u.Backend,
		BackendID: string(u.BackendID.OrEmpty()), Pending: u.Pending, BannedAt: inUTC(u.BannedAt), BannedUntil: inUTC(u.BannedUntil),
		DeleteAt: inUTC(u.DeleteAt),
	}
}

// ExportedEmailOf returns what an export has of an address.
func ExportedEmailOf(e *models.Email, user *models.User) ExportedEmail {
	return ExportedEmail{Email: EmailOf(e, user), CreatedAt: e.CreatedAt.UTC(), VerifiedAt: inUTC(e.VerifiedAt)}
}

// ExportedMailOf returns what an export has of a mail.
func ExportedMailOf(m *models.OutboxMail) ExportedMail {
	return ExportedMail{Kind: m.Kind, To: m.Recipient, Language: m.Lang, State: m.State, CreatedAt: m.CreatedAt.UTC(), SentAt: inUTC(m.SentAt)}
}

// ExportedLinkOf returns what an export has of a ticket.
func ExportedLinkOf(t *models.Ticket) ExportedLink {
	return ExportedLink{Purpose: t.Purpose, Address: t.Address, CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(), UsedAt: inUTC(t.UsedAt)}
}

// inUTC returns a time in UTC, or nil.
func inUTC(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC()
	return &utc
}
