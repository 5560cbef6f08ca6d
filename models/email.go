package models

import "time"

// Email is one address of a user. User.Email is the primary address; it has a row here as well. The
// package documentation says which account owns an address.
type Email struct {
	ID      int64  `gorm:"primaryKey;autoIncrement"`
	UserID  int64  `gorm:"not null;uniqueIndex:idx_auth_email_user_id_key,priority:1"`
	Address string `gorm:"size:254;not null"` // as NormalizeEmail returns it; mails are sent to it
	Key     Key    `gorm:"column:email_key;size:254;not null;index:idx_auth_email_key;uniqueIndex:idx_auth_email_user_id_key,priority:2"`

	// VerifiedKey is Key if the user has confirmed the address, else nil. Its unique index
	// ensures that only one user owns an address.
	VerifiedKey *Key       `gorm:"size:254;uniqueIndex:idx_auth_email_verified_key"`
	VerifiedAt  *time.Time // UTC, truncated to milliseconds, like every time in this package
	CreatedAt   time.Time  `gorm:"not null;autoCreateTime:false"`

	// NoSession marks an address that was confirmed by someone who was not logged in: the owner of the address may be someone else
	// than the one who made the account. A password reset then removes passkeys, connected accounts and factors from before
	// VerifiedAt.
	NoSession bool `gorm:"not null;default:false"`
}

// TableName returns "auth_email".
func (Email) TableName() string { return "auth_email" }

// Verified reports whether the user has confirmed the address.
func (e *Email) Verified() bool { return e.VerifiedKey != nil }
