package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// lockName keeps two instances that start together from migrating at once.
const (
	lockName   = "gin-rest-auth migrate"
	lockNumber = 0x67696e61757468 // "ginauth"
)

// Migrate creates the tables, columns and indexes that are missing. It drops nothing
// and may be run by several instances at once (T206).
func (s *Store) Migrate(ctx context.Context) error {
	tables := append([]any{s.newUser()}, models.All()...)
	if err := s.readsTimes(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if s.db.Name() == "mysql" { // DDL commits by itself there, so the lock is the connection's
		return s.db.WithContext(ctx).Connection(func(db *gorm.DB) error {
			var got int
			if err := db.Raw("SELECT GET_LOCK(?, 60)", lockName).Scan(&got).Error; err != nil || got != 1 {
				return fmt.Errorf("migrate: no lock after a minute: %w", err)
			}
			defer db.Exec("SELECT RELEASE_LOCK(?)", lockName)
			return db.AutoMigrate(tables...)
		})
	}
	return s.Tx(ctx, func(tx *Tx) error {
		if tx.db.Name() == "postgres" {
			if err := tx.db.Exec("SELECT pg_advisory_xact_lock(?)", lockNumber).Error; err != nil {
				return fmt.Errorf("migrate: %w", err)
			}
		}
		return tx.db.AutoMigrate(tables...)
	})
}

// readsTimes finds out at start that a MySQL DSN lacks parseTime, rather than at the
// first login.
func (s *Store) readsTimes(ctx context.Context) error {
	if s.db.Name() != "mysql" {
		return nil
	}
	var row struct{ At time.Time }
	return explain(s.db.WithContext(ctx).Raw("SELECT CAST('2001-02-03 04:05:06' AS DATETIME) AS at").Scan(&row).Error)
}
