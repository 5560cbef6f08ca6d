package store

// Deliveries of features: created, found, listed and swept.

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// Deliveries returns a queue of deliveries.
func (s *Store) Deliveries(name string) Queue {
	return Queue{s, models.Delivery{}.TableName(), "deliveries", name}
}

// AddDeliveries writes deliveries.
func (tx *Tx) AddDeliveries(all []models.Delivery) error {
	return tx.db.CreateInBatches(all, 100).Error
}

// ForgetDeliveries deletes the deliveries about a user that were given up. Those that wait are still sent.
func (tx *Tx) ForgetDeliveries(queue string, userID int64) error {
	return tx.db.Where("queue = ? AND user_id = ? AND state = ?", queue, userID, models.MailFailed).Delete(&models.Delivery{}).Error
}

// DueDeliveries lists deliveries that are due now, the longest waiting first, without those to some targets.
func (s *Store) DueDeliveries(ctx context.Context, queue string, now time.Time, most int, without []string) ([]models.Delivery, error) {
	var all []models.Delivery
	err := s.retry(ctx, func() error {
		due := s.db.WithContext(ctx).Where("queue = ? AND state = ? AND next_try_at <= ?", queue, models.MailPending, now)
		if len(without) > 0 {
			due = due.Where("target NOT IN ?", without)
		}
		return due.Order("next_try_at, id").Limit(most).Find(&all).Error
	})
	return all, wrap("look for deliveries", err)
}

// FailedDeliveries lists deliveries that were given up, the oldest first, with IDs above behind.
func (s *Store) FailedDeliveries(ctx context.Context, queue string, behind int64, most int) ([]models.Delivery, error) {
	var all []models.Delivery
	err := s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Where("queue = ? AND state = ? AND id > ?", queue, models.MailFailed, behind).
			Order("id").Limit(most).Find(&all).Error
	})
	return all, wrap("read deliveries", err)
}

// SweepDeliveries deletes deliveries that were sent and written by done, and those given up and written by failed.
func (s *Store) SweepDeliveries(ctx context.Context, queue string, done, failed time.Time) error {
	_, err := deleteBatches[int64](ctx, s, &models.Delivery{}, "id", func(db *gorm.DB) *gorm.DB {
		return db.Where("queue = ? AND (state = ? AND created_at <= ? OR state = ? AND created_at <= ?)", queue, models.MailSent, done, models.MailFailed, failed)
	})
	return wrap("sweep deliveries", err)
}
