package models

import "time"

// OutboxMail is a mail that waits to be sent, or the record of one that was sent or given up. It is written in
// the transaction of the change it is about, so either both are stored or neither is.
type OutboxMail struct {
	ID        int64     `gorm:"primaryKey;autoIncrement"`
	MessageID string    `gorm:"size:32;not null"` // random; the same for every attempt
	UserID    int64     `gorm:"not null;index:idx_auth_outbox_user_id"`
	Kind      string    `gorm:"size:32;not null"`
	Recipient string    `gorm:"size:254;not null"`
	Ticket    string    `gorm:"size:32;not null"` // Ticket.Selector of the link in it, or empty
	Lang      string    `gorm:"size:35;not null"`
	Body      []byte    // encrypted; NULL once the mail was sent or is void
	State     string    `gorm:"size:8;not null;index:idx_auth_outbox_due,priority:1;index:idx_auth_outbox_priority,priority:1"` // one of MailPending, MailSent, MailFailed and MailVoid
	Priority  int16     `gorm:"not null;default:2;index:idx_auth_outbox_priority,priority:2"`                                   // lower ones are sent first: one of MailUrgent, MailNormal and MailLast
	Tries     int       `gorm:"not null"`
	NextTryAt time.Time `gorm:"not null;index:idx_auth_outbox_due,priority:2;index:idx_auth_outbox_priority,priority:3"` // when the mail is due; while it is being sent, when another instance may take it
	CreatedAt time.Time `gorm:"not null;autoCreateTime:false"`
	SentAt    *time.Time
	Reason    string `gorm:"size:500;not null"` // why the last attempt failed
}

// The states of an OutboxMail.
const (
	MailPending = "pending" // to be sent at NextTryAt
	MailSent    = "sent"
	MailFailed  = "failed" // given up; Reason says why, and Auth.RetryFailedMails sends it again
	MailVoid    = "void"   // not to be sent: no account has the address, or the ticket was used or replaced
)

// The priorities of an OutboxMail.
const (
	MailUrgent = 1 // someone waits for it, such as a login code
	MailNormal = 2 // notices
	MailLast   = 3 // mails of sign-ups, and to addresses that were given at one
)

// TableName returns "auth_outbox".
func (OutboxMail) TableName() string { return "auth_outbox" }
