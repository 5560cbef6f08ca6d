package store

// The audit trail: written, read and swept.

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// eventDelete is the event of a deletion, which outlives its user.
const eventDelete = "delete"

// AddEvents writes events within the transaction.
func (tx *Tx) AddEvents(all ...models.Event) error { return tx.db.CreateInBatches(all, 100).Error }

// AddEvent writes an event that has no transaction.
func (s *Store) AddEvent(ctx context.Context, e models.Event) error {
	return s.retry(ctx, func() error {
		row := e // a failed attempt may have set its ID
		return s.db.WithContext(ctx).Create(&row).Error
	})
}

// EventFilter selects events. Its zero values select all.
type EventFilter struct {
	UserID   int64
	Names    []string
	From, To time.Time // From is included, To is not
	Before   int64     // only events with a lower ID
	Limit    int
}

// Events lists events, the newest first.
func (s *Store) Events(ctx context.Context, f EventFilter) ([]models.Event, error) {
	var all []models.Event
	err := s.retry(ctx, func() error { return f.in(s.db.WithContext(ctx)).Order("id DESC").Limit(f.Limit).Find(&all).Error })
	return all, wrap("read events", err)
}

func (f EventFilter) in(q *gorm.DB) *gorm.DB {
	if f.UserID != 0 {
		q = q.Where("user_id = ?", f.UserID)
	}
	if len(f.Names) > 0 {
		q = q.Where("event IN ?", f.Names)
	}
	if !f.From.IsZero() {
		q = q.Where("created_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("created_at < ?", f.To)
	}
	if f.Before != 0 {
		q = q.Where("id < ?", f.Before)
	}
	return q
}

// deleteEvents deletes the events of a user, except the one of the deletion.
func (tx *Tx) deleteEvents(userID int64) error {
	return tx.db.Where("user_id = ? AND event <> ?", userID, eventDelete).Delete(&models.Event{}).Error
}

// SweepEventsOfDeleted deletes the events of users who were deleted until a time, except those of the deletions.
func (s *Store) SweepEventsOfDeleted(ctx context.Context, until time.Time) error {
	of := s.db.WithContext(ctx).Model(&models.Event{}).Select("user_id").Where("event = ? AND created_at <= ?", eventDelete, until)
	deleted := s.db.WithContext(ctx).Table("(?) AS deleted", of).Select("user_id") // MySQL refuses the table itself
	_, err := deleteBatches[int64](ctx, s, &models.Event{}, "id", func(db *gorm.DB) *gorm.DB {
		return db.Where("event <> ? AND user_id IN (?)", eventDelete, deleted)
	})
	return wrap("sweep events of deleted users", err)
}

// SweepEvents deletes the events until a time.
func (s *Store) SweepEvents(ctx context.Context, until time.Time) error {
	_, err := deleteBatches[int64](ctx, s, &models.Event{}, "id", func(db *gorm.DB) *gorm.DB { return db.Where("created_at <= ?", until) })
	return wrap("sweep events", err)
}
