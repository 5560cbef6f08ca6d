package models

import "time"

// OutboxMail is a mail that waits to be sent, or a trace of one. It is written in the
// transaction of the change that it tells of.
type OutboxMail struct {
	ID        int64     `gorm:"primaryKey;autoIncrement"`
	MessageID string    `gorm:"size:32;not null"` // random; the same each time it is tried
	UserID    int64     `gorm:"not null;index:idx_auth_outbox_user_id"`
	Kind      string    `gorm:"size:32;not null"`
	Recipient string    `gorm:"size:254;not null"`
	Ticket    string    `gorm:"size:32;not null"` // selector of the ticket in it, or empty
	Lang      string    `gorm:"size:35;not null"`
	Body      []byte    // encrypted; gone when the mail is
	State     string    `gorm:"size:8;not null;index:idx_auth_outbox_due,priority:1"` // see the constants
	Tries     int       `gorm:"not null"`
	NextTryAt time.Time `gorm:"not null;index:idx_auth_outbox_due,priority:2"` // when due; for one that is being sent, when it may be taken for lost
	CreatedAt time.Time `gorm:"not null;autoCreateTime:false"`
	SentAt    *time.Time
	Reason    string `gorm:"size:500;not null"` // why the last try failed
}

// The states of an OutboxMail.
const (
	MailPending = "pending" // to be sent at NextTryAt
	MailSent    = "sent"
	MailFailed  = "failed" // given up; Reason says why
	MailVoid    = "void"   // not to be sent: nobody has the address, or its ticket is used or replaced
)

// TableName is prefixed like every table of this library.
func (OutboxMail) TableName() string { return "auth_outbox" }
