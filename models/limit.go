package models

// Limit is the state of a rate limit: how often something was tried, such as a login with one identifier. Times are in
// Unix milliseconds.
type Limit struct {
	Name      string `gorm:"primaryKey;size:64"`                       // a keyed hash, which says nothing about what is counted
	Kind      string `gorm:"size:24;not null"`                         // what is counted, such as "login"
	TakenBy   string `gorm:"size:32;not null"`                         // a random text of the last attempt that was taken
	Attempts  int64  `gorm:"not null"`                                 // attempts that count
	NotBefore int64  `gorm:"not null"`                                 // no attempt before, or when all attempts are back
	ExpiresAt int64  `gorm:"not null;index:idx_auth_limit_expires_at"` // Auth.Sweep deletes the row from then on
}

// TableName is prefixed like every table of this library.
func (Limit) TableName() string { return "auth_limit" }
