package store

// Counters within a time window.

import (
	"context"
	"encoding/binary"
	"io"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/models"
)

// Count adds to the counter with a name, which is reset after the window, and returns its value and in how long it is reset. Until the
// transaction ends, other transactions that use the same counter wait. Call it first, with 0 if needed: later reads are then up to date
// on every database.
func (tx *Tx) Count(name string, add int64, now time.Time, window time.Duration) (n int64, left time.Duration, err error) {
	c := models.Counter{Name: name, Count: add, ResetAt: now.Add(window)}
	over := func(anew, old any) clause.Expr {
		return gorm.Expr("CASE WHEN auth_counter.reset_at <= ? THEN ? ELSE ? END", now, anew, old)
	}
	err = tx.db.Clauses(clause.OnConflict{ // columns in this order, since MySQL takes one after the other
		Columns: []clause.Column{{Name: "name"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "count"}, Value: over(add, gorm.Expr("auth_counter.count + ?", add))},
			{Column: clause.Column{Name: "reset_at"}, Value: over(c.ResetAt, gorm.Expr("auth_counter.reset_at"))},
		},
	}).Create(&c).Error
	if err != nil {
		return 0, 0, err
	}
	var row models.Counter
	err = tx.db.Where("name = ?", name).Limit(1).Find(&row).Error
	return row.Count, min(row.ResetAt.Sub(now), window), err
}

// Forget sets a counter to 0 and does not change its window.
func (tx *Tx) Forget(name string) error {
	return tx.db.Model(&models.Counter{}).Where("name = ?", name).Updates(map[string]any{"count": 0}).Error
}

// Claim takes a job for one instance until a time, and reports whether this instance has it. holder is from NewHolder: a
// number that no other instance uses. A claim expires unless its holder renews it, so an instance that died never blocks the
// job forever. It is a row, not a session lock, so it works behind a pooler.
func (s *Store) Claim(ctx context.Context, job string, holder int64, now, until time.Time) (bool, error) {
	var row models.Counter
	err := s.retry(ctx, func() error {
		db, claim := s.db.WithContext(ctx), models.Counter{Name: job, Count: holder, ResetAt: until}
		if err := db.Model(&claim).Where("(reset_at <= ? OR count = ?)", now, holder).Updates(map[string]any{"count": holder, "reset_at": until}).Error; err != nil {
			return err
		}
		if err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&claim).Error; err != nil {
			return err
		}
		return db.Where("name = ?", job).Limit(1).Find(&row).Error
	})
	return err == nil && row.Count == holder, err
}

// NewHolder returns a random number for Claim.
func NewHolder(random io.Reader) (int64, error) {
	var b [8]byte
	_, err := io.ReadFull(random, b[:])
	return int64(binary.BigEndian.Uint64(b[:]) >> 1), err
}

// Release ends a claim of the holder.
func (s *Store) Release(ctx context.Context, job string, holder int64) error {
	return s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Where("name = ? AND count = ?", job, holder).Delete(&models.Counter{}).Error
	})
}
