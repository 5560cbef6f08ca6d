package models

import "time"

// Delivery is a message of a feature to another server, such as a web-hook, that waits to be sent, or the record of one that
// was sent or given up. It is written in the transaction of the event it is about, so either both are stored or neither is.
// The table exists only if a feature sends deliveries.
type Delivery struct {
	ID        int64     `gorm:"primaryKey;autoIncrement"`
	MessageID string    `gorm:"size:32;not null"`                                        // random; the same for every attempt
	Queue     string    `gorm:"size:32;not null;index:idx_auth_delivery_due,priority:1"` // name of the feature's queue
	Target    string    `gorm:"size:255;not null"`                                       // where it goes, as the feature names it
	Kind      string    `gorm:"size:64;not null"`                                        // what it is, as the feature names it: "user.created"
	UserID    int64     `gorm:"not null;index:idx_auth_delivery_user_id"`                // the user it is about; 0 for none
	Body      []byte    // NULL once it was sent
	State     string    `gorm:"size:8;not null;index:idx_auth_delivery_due,priority:2"` // MailPending, MailSent or MailFailed
	Tries     int       `gorm:"not null"`
	NextTryAt time.Time `gorm:"not null;index:idx_auth_delivery_due,priority:3"` // when it is due; while it is being sent, when another instance may take it
	CreatedAt time.Time `gorm:"not null;autoCreateTime:false"`
	SentAt    *time.Time
	Reason    string `gorm:"size:500;not null"` // why the last attempt failed
}

// TableName returns "auth_delivery".
func (Delivery) TableName() string { return "auth_delivery" }
