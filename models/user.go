package models

import (
	"slices"
	"strings"
	"time"
)

// User is one account. The columns up to DateJoined are those of Django's table auth_user, so that the library can
// use such a table; the library adds the others.
//
// The zero value is an inactive user without a usable password. Create users with Auth.CreateUser, which sets the keys,
// the password hash and IsActive.
type User struct {
	ID          int64      `gorm:"primaryKey;autoIncrement" json:"id"`
	Password    string     `gorm:"size:255;not null" json:"-"` // encoded hash, never the password; "!..." if it is unusable
	LastLogin   *time.Time `json:"last_login"`
	IsSuperuser bool       `gorm:"not null" json:"is_superuser"`
	Username    string     `gorm:"size:150;not null" json:"username"` // as NormalizeUsername returns it; may be empty
	FirstName   string     `gorm:"size:150;not null" json:"first_name"`
	LastName    string     `gorm:"size:150;not null" json:"last_name"`
	Email       string     `gorm:"size:254;not null" json:"email"` // the primary address, as NormalizeEmail returns it; may be empty
	IsStaff     bool       `gorm:"not null" json:"is_staff"`
	IsActive    bool       `gorm:"not null" json:"is_active"`
	DateJoined  time.Time  `gorm:"not null" json:"date_joined"`

	// UsernameKey and EmailKey are the keys of the name and the address. Every lookup uses them. SetUsername and
	// SetEmail keep them in step with Username and Email. They are nil if the user has no name or address. Only one
	// user can have a name. Several users can have the same address until one of them confirms it; see the
	// package documentation.
	UsernameKey *Key `gorm:"size:300;uniqueIndex:idx_auth_user_username_key" json:"-"`
	EmailKey    *Key `gorm:"size:254;index:idx_auth_user_email" json:"-"`
	// SignedUp marks an account that was made at POST registration/, where anyone can use any address. While no
	// account has confirmed an address, it belongs to accounts made in other ways before it belongs to sign-ups.
	SignedUp bool `gorm:"not null;default:false" json:"-"`
	// Pending marks a sign-up whose address is not confirmed yet, with config.VerifyMandatory. The
	// user cannot log in, and Auth.Sweep deletes the account after DeleteAt.
	Pending bool `gorm:"not null;default:false" json:"-"`
	// Backend is the name of the config.Backend that created the account, and BackendID is the user's permanent ID
	// there, such as the ID of a directory entry. It is not a name, because a name can be given to another person.
	// SetBackend sets both. No two accounts have the same pair. Both are empty for other accounts.
	Backend   string `gorm:"size:64;not null;default:'';uniqueIndex:idx_auth_user_backend" json:"-"`
	BackendID *Key   `gorm:"size:255;uniqueIndex:idx_auth_user_backend" json:"-"`
	// SessionEpoch is incremented to end all sessions of the user. A session with another epoch is
	// invalid, so a login that is in flight with the old password cannot survive a password change.
	SessionEpoch int64 `gorm:"not null;default:0" json:"-"`

	// Locale is the user's language as a BCP 47 tag, such as "de" or "pt-BR"; empty if it is unknown.
	Locale string `gorm:"size:35;not null;default:''" json:"locale"`
	// LocaleBefore is the previous value of Locale, and LocaleChangedAt is when it last changed; both are nil if it
	// never changed. Security notices use LocaleBefore for config.Mail.NoticeLifetime after a change, because an
	// intruder may have made it. Further changes within that time do not overwrite LocaleBefore.
	LocaleBefore    *string    `gorm:"size:35" json:"-"`
	LocaleChangedAt *time.Time `json:"-"`

	// Factors are the names of the user's second factors, sorted and separated by spaces; empty if the user has
	// none. Features write it with Tx.SetFactor of package core.
	Factors string `gorm:"size:255;not null;default:''" json:"-"`

	// BannedAt is when Auth.Ban banned the user; nil if the user is not banned. BannedUntil is the end of the ban; nil
	// means that it has no end. BanReason is for operators; users see it only with config.BanNoticeReason. When the
	// end has passed, the columns stay and have no effect.
	BannedAt    *time.Time `json:"-"`
	BannedUntil *time.Time `json:"-"`
	BanReason   string     `gorm:"size:255;not null;default:''" json:"-"`

	// DeleteAt is when Auth.Sweep may delete the account: after config.Config.DeleteGrace if its user deleted it, or
	// after config.Config.UnconfirmedLifetime if it is pending. Logging in before that restores a
	// deleted account and sets DeleteAt to nil. A ban holds the deletion until its end. Nil for all others.
	DeleteAt *time.Time `json:"-"`
}

// TableName returns "auth_user", the name of Django's table.
func (User) TableName() string { return "auth_user" }

// Base returns u. By it every struct that embeds User is an [Account].
func (u *User) Base() *User { return u }

// HasPassword reports whether the user has a usable password. It returns false for users of a
// backend, and for users who followed the link "this was not me" in a notice, until they set a new password.
func (u *User) HasPassword() bool { return u.Password != "" && !strings.HasPrefix(u.Password, "!") }

// IsBanned reports whether a ban of the user is in force at a time.
func (u *User) IsBanned(now time.Time) bool {
	return u.BannedAt != nil && (u.BannedUntil == nil || now.Before(*u.BannedUntil))
}

// FactorNames returns the names of the user's second factors, sorted; nil for none.
func (u *User) FactorNames() []string { return strings.Fields(u.Factors) }

// HasFactor reports whether the user has the second factor with the given name.
func (u *User) HasFactor(name string) bool { return slices.Contains(u.FactorNames(), name) }

// SetUsername sets Username to the normal form of name, and UsernameKey. An empty name means that the user has
// none. It does not check which characters the name has, and it does not write to the database.
func (u *User) SetUsername(name string) {
	u.Username = NormalizeUsername(name)
	u.UsernameKey = keyOrNil(UsernameKey(name))
}

// SetEmail sets Email to the normal form of address, and EmailKey. An empty address means that the user has
// none. It does not check the syntax, and it does not write to the database.
func (u *User) SetEmail(address string) {
	u.Email = NormalizeEmail(address)
	u.EmailKey = keyOrNil(EmailKey(address))
}

// SetBackend sets the name of the backend that a new user comes from, at most 64 characters, and the user's ID
// there, at most 255 characters. IDs are compared byte by byte. MariaDB rejects an ID that differs from another only
// by trailing spaces. It does not write to the database.
func (u *User) SetBackend(name, id string) { u.Backend, u.BackendID = name, keyOrNil(Key(id)) }

func keyOrNil(k Key) *Key {
	if k == "" {
		return nil
	}
	return &k
}
