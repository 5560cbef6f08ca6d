package models

import "time"

// Counter counts events within a window of time, such as the mails to one address in an hour. The row also
// makes transactions that count the same thing wait for each other.
type Counter struct {
	Name    string    `gorm:"primaryKey;size:64"` // a keyed hash of what is counted; "sweep" for the instance that runs Auth.Sweep
	Count   int64     `gorm:"not null"`
	ResetAt time.Time `gorm:"not null;index:idx_auth_counter_reset_at"` // when counting starts again at zero
}

// TableName returns "auth_counter".
func (Counter) TableName() string { return "auth_counter" }
