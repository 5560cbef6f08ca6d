package admin

// What operators see of a user.

import (
	"context"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Summary is a user in a list. Times are RFC 3339 in UTC.
type Summary struct {
	ID          int64      `json:"id"`
	Username    string     `json:"username"`
	Email       string     `json:"email"`
	FirstName   string     `json:"first_name"`
	LastName    string     `json:"last_name"`
	Locale      string     `json:"locale"`
	IsActive    bool       `json:"is_active"`
	IsStaff     bool       `json:"is_staff"`
	IsSuperuser bool       `json:"is_superuser"`
	IsPending   bool       `json:"is_pending"` // a sign-up whose address is not confirmed
	IsBanned    bool       `json:"is_banned"`  // whether a ban is in force
	Factors     []string   `json:"factors"`    // names of second factors
	DateJoined  time.Time  `json:"date_joined"`
	LastLogin   *time.Time `json:"last_login"`
	DeleteAt    *time.Time `json:"delete_at"` // when the account is deleted, unless the user restores or confirms it
}

// Users is a page of users.
type Users struct {
	Results []Summary `json:"results"`
	Next    *string   `json:"next"` // the cursor of the next page; null on the last one
}

// User is all about one user.
type User struct {
	Summary
	HasPassword bool                    `json:"has_password"`
	SignedUp    bool                    `json:"signed_up"` // whether the account was made by a sign-up
	Backend     string                  `json:"backend"`   // the directory that the account came from
	Ban         *Ban                    `json:"ban"`       // the latest ban, in force or ended; null without one
	Emails      []binding.ExportedEmail `json:"emails"`
	Rights      core.Rights             `json:"rights"`
	Features    map[string]any          `json:"features"` // what features have, by their names, as in user/export/
	Application any                     `json:"application,omitempty"`
}

// Ban is a ban of a user.
type Ban struct {
	At     time.Time  `json:"at"`
	Until  *time.Time `json:"until"` // null for a ban without an end
	Reason string     `json:"reason"`
}

func summaryOf(u *models.User, now time.Time) Summary {
	return Summary{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Locale: u.Locale, IsActive: u.IsActive,
		IsStaff: u.IsStaff, IsSuperuser: u.IsSuperuser, IsPending: u.Pending, IsBanned: u.IsBanned(now), Factors: strings.Fields(u.Factors),
		DateJoined: u.DateJoined.UTC(), LastLogin: utc(u.LastLogin), DeleteAt: utc(u.DeleteAt),
	}
}

// utc returns a time in UTC, or nil.
func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	return new(at.UTC())
}

// read returns all about a user.
func (f *feature) read(ctx context.Context, id int64) (out User, err error) {
	account, err := f.core.UserByID(ctx, id)
	if err != nil {
		return out, core.NotFoundAs(err, core.ErrNotFound)
	}
	user := account.Base()
	out = User{
		Summary: summaryOf(user, f.core.Now()), HasPassword: user.HasPassword(), SignedUp: user.SignedUp, Backend: user.Backend, Emails: []binding.ExportedEmail{},
	}
	if user.BannedAt != nil {
		out.Ban = &Ban{user.BannedAt.UTC(), utc(user.BannedUntil), user.BanReason}
	}
	emails, err := f.core.Emails(ctx, id)
	for i := range emails {
		out.Emails = append(out.Emails, binding.ExportedEmailOf(&emails[i], user))
	}
	if err == nil {
		out.Rights, out.Features, err = f.core.AllAbout(ctx, id)
	}
	if err == nil && f.Application != nil {
		out.Application, err = f.Application(ctx, account)
	}
	return out, core.NotFoundAs(err, core.ErrNotFound)
}
