package mfa

// The row of a recovery, and what ends it.

import (
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// LostFactors is the latest recovery of a user, see [Recovery]. It runs until EndedAt or ExpiresAt, or until the factors change or
// all sessions end. It is deleted when the factors are removed.
type LostFactors struct {
	UserID    int64      `gorm:"primaryKey;autoIncrement:false"`          // models.User.ID; so a user has one at a time
	Epoch     int64      `gorm:"not null" json:"-"`                       // models.User.SessionEpoch at the start: a new password ends the recovery
	Factors   string     `gorm:"size:255;not null"`                       // models.User.Factors at the start
	CreatedAt time.Time  `gorm:"not null;autoCreateTime:false"`           // UTC
	ReadyAt   time.Time  `gorm:"not null"`                                // UTC; the end of the wait
	ExpiresAt time.Time  `gorm:"not null;index:idx_auth_lost_expires_at"` // UTC
	EndedAt   *time.Time // UTC; when it was cancelled; nil before
	IP        string     `gorm:"size:45;not null"`  // of the client that started it
	UserAgent string     `gorm:"size:255;not null"` // of that client
}

// TableName is auth_lost_factors.
func (LostFactors) TableName() string { return "auth_lost_factors" }

// recoveryOf returns the latest recovery of a user; its UserID is 0 if none was stored.
func recoveryOf(db *gorm.DB, userID int64) (*LostFactors, error) {
	row := &LostFactors{}
	err := db.Where("user_id = ?", userID).Limit(1).Find(row).Error
	return row, err
}

// runs reports whether a recovery waits or can be completed.
func (l *LostFactors) runs(user *models.User, now time.Time) bool {
	return l.UserID == user.ID && l.EndedAt == nil && l.Epoch == user.SessionEpoch && l.Factors == user.Factors && now.Before(l.ExpiresAt)
}

// paused returns an error if the latest recovery began less than a day ago. Call it only if that recovery has ended.
func (l *LostFactors) paused(now time.Time) error {
	wait := recoveryPause - now.Sub(l.CreatedAt)
	if l.UserID == 0 || wait <= 0 {
		return nil
	}
	err := core.RateLimited(wait)
	err.Code = codeCancelled
	return err
}

func (l *LostFactors) times() *RecoveryTimes {
	return &RecoveryTimes{l.CreatedAt.UTC(), l.ReadyAt.UTC(), l.ExpiresAt.UTC()}
}

// runningRecovery returns the times of the user's recovery, or nil if none runs.
func (f *feature) runningRecovery(db *gorm.DB, user *models.User) (*RecoveryTimes, error) {
	if f.Recovery.Wait == 0 {
		return nil, nil
	}
	row, err := recoveryOf(db, user.ID)
	if err != nil || !row.runs(user, f.core.Now()) {
		return nil, err
	}
	return row.times(), nil
}

// RecoveryCancel is the body of POST mfa/recovery/cancel/.
type RecoveryCancel struct {
	Key string `json:"key" in:"blank" binding:"max=512"` // of the link in the mail; not needed in a session
}

// cancelRecovery answers POST mfa/recovery/cancel/. It reveals nothing: a key belongs to its user.
func (f *feature) cancelRecovery(g *gin.Context, in *RecoveryCancel) (binding.Detail, error) {
	done := binding.Detail{Detail: f.core.Say(g, "done.mfa_recovery_cancelled", nil)}
	if in.Key == "" {
		return done, f.cancelInSession(g)
	}
	ctx := g.Request.Context()
	ticket, account, err := f.core.TicketFor(ctx, forCancel, &binding.KeyOrCode{Key: in.Key})
	if err == nil {
		err = f.core.Tx(ctx, func(tx *core.Tx) error {
			if _, err := f.core.Redeem(tx, ticket); err != nil {
				return err
			}
			return f.cancelOr(tx, f.core.Event(g, account), core.ErrTicket)
		})
	}
	return done, f.core.AsTicketError(err, core.ErrTicketGone)
}

func (f *feature) cancelInSession(g *gin.Context) error {
	if err := f.core.Require(g, false, core.AccessUser.Admits); err != nil {
		return err
	}
	if err := f.core.RequireFactors(g, 2); err != nil {
		return err
	}
	return f.core.Held(g, func(tx *core.Tx) error {
		return f.cancelOr(tx, f.core.Event(g, f.core.IdentityOf(g).Account), core.ErrNotFound)
	})
}

// cancelOr cancels the recovery of the user of an event, or returns none if none runs. The user is locked first, as by
// confirmRecovery, so one of the two wins.
func (f *feature) cancelOr(tx *core.Tx, e config.Event, none error) error {
	if err := tx.LockUser(e.User.Base().ID); err != nil {
		return err
	}
	cancelled, err := f.cancel(tx, e)
	if err == nil && !cancelled {
		err = none
	}
	return err
}

// cancel ends the recovery of the user of an event, and reports whether one ran.
func (f *feature) cancel(tx *core.Tx, e config.Event) (bool, error) {
	now := f.core.Now()
	ended := tx.Model(&LostFactors{}).Where("user_id = ? AND ended_at IS NULL AND expires_at > ?", e.User.Base().ID, now).Update("ended_at", now)
	if ended.Error != nil || ended.RowsAffected == 0 {
		return false, ended.Error
	}
	return true, tx.Record(EventRecoveryCancelled, e)
}

// cancelOnEvent cancels a recovery when the user logs in with a factor, or when the password or an address changes.
func (f *feature) cancelOnEvent(tx *core.Tx, e config.Event) error {
	switch e.Name {
	case config.EventLogin:
		if e.Session == nil || e.Session.Factors < 2 {
			return nil
		}
	case config.EventPasswordChange, config.EventPasswordReset, config.EventEmailChange, config.EventEmailRemoved:
	default:
		return nil
	}
	_, err := f.cancel(tx, e)
	return err
}

// cancelOnChange cancels a recovery when the user's factors change, or other sessions end.
func (f *feature) cancelOnChange(tx *core.Tx, userID int64) error {
	_, err := f.cancel(tx, config.Event{User: &models.User{ID: userID}})
	return err
}

// forgetRecovery deletes the recovery of a user.
func forgetRecovery(tx *core.Tx, userID int64) error {
	return tx.Where("user_id = ?", userID).Delete(&LostFactors{}).Error
}
