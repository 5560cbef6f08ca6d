package models

import "time"

// Event is an event of the audit trail, such as a login; see config.Audit. It is written in the transaction of what it
// reports, if that has one. It has no password, token, code or cookie. Users sometimes type their password into the field for
// the name, so Login of a failed login can have one.
type Event struct {
	ID        int64     `gorm:"primaryKey;autoIncrement;index:idx_auth_event_user_id,priority:2"`
	CreatedAt time.Time `gorm:"not null;autoCreateTime:false;index:idx_auth_event_created_at"`
	Event     string    `gorm:"size:32;not null"`                                 // a config.EventName
	UserID    int64     `gorm:"not null;index:idx_auth_event_user_id,priority:1"` // User.ID; 0 if the user is not known, as in a failed login
	ActorID   int64     `gorm:"not null;default:0"`                               // User.ID of the operator who did it to the user, or in a session of the user; 0 if the user did it
	Login     string    `gorm:"size:254;not null"`                                // the name or address that was typed, of a failed or limited login
	SessionID string    `gorm:"size:32;not null"`                                 // Session.ID of the login or the ended session, else of the session that made the request
	Method    string    `gorm:"size:32;not null"`                                 // of a login, as in Session.Method
	IP        string    `gorm:"size:45;not null"`                                 // of the client; empty without a client
	UserAgent string    `gorm:"size:255;not null"`                                // of the client, at most 255 bytes
	Details   string    `gorm:"size:255;not null"`                                // depends on the event; see config.EventName
}

// TableName returns "auth_event".
func (Event) TableName() string { return "auth_event" }
