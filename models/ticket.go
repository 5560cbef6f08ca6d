package models

import "time"

// Ticket is a one-time secret that was mailed to an address: a link with Selector and a verifier and, for some
// purposes, a short code in addition. The row holds hashes of the verifier and the code. A ticket works once, before
// ExpiresAt, only for its purpose and address, and only while the user is in the same State. A ticket with
// UserID 0 is a decoy for an address that no account has: it is written so that the request takes the same
// time, and it never works.
type Ticket struct {
	Selector      string     `gorm:"primaryKey;size:32"`                                          // random and public; names the row in a link
	Purpose       string     `gorm:"size:16;not null;index:idx_auth_ticket_email_key,priority:2"` // what it is for, such as confirming an address
	UserID        int64      `gorm:"not null;index:idx_auth_ticket_user_id"`
	Address       string     `gorm:"size:254;not null"`
	Key           Key        `gorm:"column:email_key;size:254;not null;index:idx_auth_ticket_email_key,priority:1"`
	State         string     `gorm:"size:64;not null"` // summary of the user when it was made; if the user has changed, the ticket is void
	VerifierHash  string     `gorm:"size:64;not null"` // hex SHA-256
	CodeHash      string     `gorm:"size:64;not null"` // hex HMAC-SHA-256: a code is short enough to find it from a plain hash
	CreatedAt     time.Time  `gorm:"not null;autoCreateTime:false"`
	ExpiresAt     time.Time  `gorm:"not null;index:idx_auth_ticket_expires_at"`
	CodeExpiresAt time.Time  `gorm:"not null"`
	UsedAt        *time.Time // set by one atomic update, so only one request can redeem it
}

// TableName returns "auth_ticket".
func (Ticket) TableName() string { return "auth_ticket" }
