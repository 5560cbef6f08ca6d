package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// lockName keeps two instances that start together from migrating at once.
const lockName = "gin-rest-auth migrate"

// Migrate creates the tables, columns and indexes that are missing, see additive, and then fills in what
// users of other programs lack, see FillKeys. It drops nothing and may be run by several
// instances at once (T206).
func (s *Store) Migrate(ctx context.Context) (left []int64, err error) {
	s = s.unprepared(ctx)
	if err := s.migrateLocked(ctx); err != nil {
		return nil, err
	}
	return s.FillKeys(ctx) // without the lock: others would wait for it
}

// migrateLocked is migrate under a lock, which is the connection's, since DDL commits by itself on MySQL.
func (s *Store) migrateLocked(ctx context.Context) error {
	if err := s.readsTimes(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	lock, unlock := map[string]string{"mysql": "SELECT GET_LOCK(?, 60)", "postgres": "SELECT 1 FROM pg_advisory_lock(hashtext(?))"}[s.db.Name()],
		map[string]string{"mysql": "SELECT RELEASE_LOCK(?)", "postgres": "SELECT pg_advisory_unlock(hashtext(?))"}[s.db.Name()]
	if lock == "" {
		return s.migrate(ctx)
	}
	return s.db.WithContext(ctx).Connection(func(db *gorm.DB) error {
		var got int
		if err := db.Raw(lock, lockName).Scan(&got).Error; err != nil || got != 1 {
			return fmt.Errorf("migrate: no lock after a minute: %w", err)
		}
		defer db.WithContext(context.WithoutCancel(ctx)).Exec(unlock, lockName)
		locked := *s
		locked.db = db
		return locked.migrate(ctx)
	})
}

// migrate creates what is missing.
func (s *Store) migrate(ctx context.Context) error {
	err := s.Tx(ctx, func(tx *Tx) error {
		users := tx.db.Session(&gorm.Session{}) // may be another program's, and others may refer to them
		settings := *users.Config
		settings.Dialector = additive{settings.Dialector}
		users.Config = &settings
		if err := users.AutoMigrate(s.newUser()); err != nil {
			return err
		}
		if err := tx.dropOld(); err != nil {
			return err
		}
		return tx.db.AutoMigrate(models.All()...)
	})
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// unprepared is the store without the prepared statements of the application's handle. GORM reads all columns
// of a table when it migrates, and PostgreSQL refuses to do that by a statement from before a
// column was added.
func (s *Store) unprepared(ctx context.Context) *Store {
	pool, ok := s.db.ConnPool.(*gorm.PreparedStmtDB)
	if !ok {
		return s
	}
	plain := *s
	plain.db = s.db.Session(&gorm.Session{NewDB: true, Context: ctx})
	plain.db.PrepareStmt, plain.db.ConnPool, plain.db.Statement.ConnPool = false, pool.ConnPool, pool.ConnPool
	return &plain
}

// dropOld removes what versions before 1.0 had and this one must not have: an index that gave an
// address to one user only, and a count of tries on each ticket.
func (tx *Tx) dropOld() error {
	m, user := tx.db.Migrator(), tx.store.newUser()
	if m.HasIndex(user, "idx_auth_user_email_key") {
		if err := m.DropIndex(user, "idx_auth_user_email_key"); err != nil {
			return err
		}
	}
	if !m.HasTable(&models.Ticket{}) || !m.HasColumn(&models.Ticket{}, "attempts") {
		return nil
	}
	return tx.db.Exec("ALTER TABLE auth_ticket DROP COLUMN attempts").Error
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
