package models

import "time"

// Ticket is a one-time secret that was mailed to an address: a link with the selector and
// a verifier, and for some purposes a short code beside it. The row holds hashes of both.
// It is good once, until it expires, for its purpose, its address and the State of its
// user. A ticket with UserID 0 stands for an address that nobody has: it is written so that
// the work is the same, and good for nothing.
type Ticket struct {
	Selector      string     `gorm:"primaryKey;size:32"` // random, public
	Purpose       string     `gorm:"size:16;not null;index:idx_auth_ticket_email_key,priority:2"`
	UserID        int64      `gorm:"not null;index:idx_auth_ticket_user_id"`
	Address       string     `gorm:"size:254;not null"`
	Key           Key        `gorm:"column:email_key;size:254;not null;index:idx_auth_ticket_email_key,priority:1"`
	State         string     `gorm:"size:64;not null"` // of the user when it was made; with another it is void
	VerifierHash  string     `gorm:"size:64;not null"` // hex SHA-256
	CodeHash      string     `gorm:"size:64;not null"` // hex HMAC-SHA-256, since a code could be guessed from a plain hash
	CreatedAt     time.Time  `gorm:"not null;autoCreateTime:false"`
	ExpiresAt     time.Time  `gorm:"not null;index:idx_auth_ticket_expires_at"`
	CodeExpiresAt time.Time  `gorm:"not null"`
	UsedAt        *time.Time // set by the one statement that decides who redeems it
}

// TableName is prefixed like every table of this library.
func (Ticket) TableName() string { return "auth_ticket" }
