package store

// Deletion of users: scheduled, due, done.

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// ScheduleDeletion sets when a user will be deleted.
func (tx *Tx) ScheduleDeletion(id int64, at time.Time) error {
	return tx.user(id).Updates(map[string]any{"delete_at": at}).Error
}

// KeepUser cancels a scheduled deletion. A pending sign-up keeps its time limit.
func (tx *Tx) KeepUser(id int64) error {
	return tx.user(id).Where("pending = ?", false).Updates(map[string]any{"delete_at": nil}).Error
}

// DueDeletions lists users whose deletion is due, at most 100 at a time, with IDs above behind.
func (s *Store) DueDeletions(ctx context.Context, now time.Time, behind int64) ([]int64, error) {
	var ids []int64
	err := s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(s.users).Where("delete_at <= ? AND id > ?", now, behind).Order("id").Limit(100).Pluck("id", &ids).Error
	})
	return ids, err
}

// StillDue returns an error if the user has canceled the deletion. Call it within the transaction that deletes.
func (tx *Tx) StillDue(id int64, now time.Time) error {
	return orNotFound(tx.user(id).Where("delete_at <= ?", now).
		Updates(map[string]any{"session_epoch": gorm.Expr("session_epoch + 1")}))
}

// DeleteUser deletes a user and all of the library's rows about them, except mails about earlier events, which are still
// sent, and the event of the deletion. With keepEvents, all events stay. ErrNotFound means that there is no such user.
func (tx *Tx) DeleteUser(id int64, keepEvents bool) error {
	for _, rows := range []any{&models.Session{}, &models.Email{}, &models.Ticket{}} {
		if err := tx.db.Where("user_id = ?", id).Delete(rows).Error; err != nil {
			return err
		}
	}
	if !keepEvents {
		if err := tx.deleteEvents(id); err != nil {
			return err
		}
	}
	return orNotFound(tx.user(id).Delete(&models.User{}))
}
