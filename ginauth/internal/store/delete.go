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

// DueDeletions lists users whose deletion is due and not held by a ban, at most 100 at a time, with IDs above behind.
func (s *Store) DueDeletions(ctx context.Context, now time.Time, behind int64) ([]int64, error) {
	var ids []int64
	err := s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(s.users).Where(dueDeletion+" AND id > ?", now, now, behind).Order("id").Limit(100).Pluck("id", &ids).Error
	})
	return ids, err
}

// HeldDeletions counts the users whose deletion is due and held by a ban, up to most.
func (s *Store) HeldDeletions(ctx context.Context, now time.Time, most int) (int64, error) {
	return s.atMost(ctx, s.users, condition{"delete_at <= ? AND pending = ? AND " + banned, []any{now, false, now}}, most)
}

// StillDue returns an error if the user has canceled the deletion, or a ban holds it. Call it within the transaction that deletes.
func (tx *Tx) StillDue(id int64, now time.Time) error {
	return orNotFound(tx.user(id).Where(dueDeletion, now, now).
		Updates(map[string]any{"session_epoch": gorm.Expr("session_epoch + 1")}))
}

// DeleteUser deletes a user and all of the library's rows about them, except mails about earlier events, which are still
// sent, and the event of the deletion. With keepEvents, all events stay. ErrNotFound means that there is no such user.
func (tx *Tx) DeleteUser(id int64, keepEvents bool) error {
	if err := tx.endSessions("user_id = ?", id).Error; err != nil {
		return err
	}
	for _, rows := range []any{&models.Email{}, &models.Ticket{}} {
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
