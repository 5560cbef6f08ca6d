package models

import "time"

// Counter counts something within a window of time, as mails to one address. The row also
// makes transactions that count the same thing wait for each other.
type Counter struct {
	Name    string    `gorm:"primaryKey;size:64"` // a hash, which says nothing of what is counted
	Count   int64     `gorm:"not null"`
	ResetAt time.Time `gorm:"not null;index:idx_auth_counter_reset_at"` // from then on it begins anew
}

// TableName is prefixed like every table of this library.
func (Counter) TableName() string { return "auth_counter" }
