package models

import "time"

// Identity is an account at an identity provider with which a user logs in. Package social of ginauth reads and writes it;
// its migration makes the table. Provider and Subject together identify one account: they are compared byte by byte.
type Identity struct {
	ID       int64 `gorm:"primaryKey;autoIncrement"`
	UserID   int64 `gorm:"not null;index:idx_auth_identity_user_id"`
	Provider Key   `gorm:"size:24;not null;uniqueIndex:idx_auth_identity_subject,priority:1"` // social.Provider.Name
	// Subject is the permanent ID of the account at the provider: never a name or an address, which can be given to
	// another person.
	Subject Key `gorm:"size:255;not null;uniqueIndex:idx_auth_identity_subject,priority:2"`
	// Profile is the JSON that the provider sent at the last login, at most 8 KiB; "{}" if it was longer. It is data of the
	// provider, not checked by the library.
	Profile string `gorm:"type:text;not null" json:"-"`
	// Tokens are the access and refresh token of the provider, encrypted; empty unless social.Options.StoreTokens is set.
	Tokens    string     `gorm:"type:text;not null" json:"-"`
	CreatedAt time.Time  `gorm:"not null;autoCreateTime:false"`
	LastLogin *time.Time // of a login with this identity; nil if it was only connected
}

// TableName returns "auth_identity".
func (Identity) TableName() string { return "auth_identity" }
