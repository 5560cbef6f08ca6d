package core

// Tx: bans of users.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// A Ban shuts a user out. The zero value means that the user is not banned.
type Ban struct {
	At     time.Time // when it began
	Until  time.Time // zero means for good
	Reason string    // for operators; at most 255 characters
}

// Apply sets the columns of a ban in a user, and stores nothing.
func (b Ban) Apply(u *models.User) {
	u.BannedAt, u.BannedUntil, u.BanReason = nil, nil, b.Reason
	if !b.At.IsZero() {
		u.BannedAt = &b.At
	}
	if !b.Until.IsZero() {
		u.BannedUntil = &b.Until
	}
}

// SetBan stores a ban and ends all sessions of the user, or ends a ban if b is zero. It reports whether it changed
// anything: it does not if b is zero and the user has no ban. [ErrNoRow] means that there is no such user.
func (tx *Tx) SetBan(userID int64, b Ban) (changed bool, err error) {
	if err := tx.rows.LockUser(userID); err != nil {
		return false, err
	}
	user, err := tx.rows.LockedUser(userID)
	if err != nil || b.At.IsZero() && user.BannedAt == nil {
		return false, err
	}
	b.Apply(user)
	if err := tx.rows.SetBan(user); err != nil || b.At.IsZero() {
		return err == nil, err
	}
	return true, tx.rows.EndAllSessions(userID)
}
