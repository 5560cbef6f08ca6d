package models

import "time"

// Email is one address of a user. The one in User.Email is the primary address; it has a
// row here like the others. The package documentation says whose an address is.
type Email struct {
	ID      int64  `gorm:"primaryKey;autoIncrement"`
	UserID  int64  `gorm:"not null;uniqueIndex:idx_auth_email_user_id_key,priority:1"`
	Address string `gorm:"size:254;not null"` // in normal form, as mails are sent to it
	Key     Key    `gorm:"column:email_key;size:254;not null;index:idx_auth_email_key;uniqueIndex:idx_auth_email_user_id_key,priority:2"`

	// VerifiedKey is Key once the user has shown that they get mails to the address, and
	// nil before. Its unique index is what gives an address to one user.
	VerifiedKey *Key       `gorm:"size:254;uniqueIndex:idx_auth_email_verified_key"`
	VerifiedAt  *time.Time // UTC, cut to milliseconds, like every time here
	CreatedAt   time.Time  `gorm:"not null;autoCreateTime:false"`
}

// TableName is prefixed like every table of this library.
func (Email) TableName() string { return "auth_email" }

// Verified reports whether the user has confirmed the address.
func (e *Email) Verified() bool { return e.VerifiedKey != nil }
