package store

// Migrate: creates missing tables, columns and indexes, one instance at a time.

import (
	"context"
	"database/sql"
	"errors"
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
	if ctx == nil {
		return nil, errNoContext
	}
	if err := s.Pooled(ctx); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
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
	if s.Kind() != "mysql" {
		return s.migrate(ctx)
	}
	err := s.migrateMySQL(ctx)
	for n := 0; n < mostSteps && faster(err); n++ {
		err = s.migrateMySQL(ctx)
	}
	return err
}

// mostSteps is more than another instance takes to migrate. Each of them can make a step here fail.
const mostSteps = 100

// faster reports whether MySQL refused a change because another instance had just made it. The
// lock is one server's: instances on two nodes of a Galera cluster do not wait for each other. A change there
// aborts the transaction here as well, and GORM's Migrator takes the error of a question for "no".
func faster(err error) bool {
	return says(err, []string{"Error 1050 (", "Error 1060 (", "Error 1061 (", "Error 1091 ("}) // table, column, index; DROP
}

func (s *Store) migrateMySQL(ctx context.Context) error {
	return s.db.WithContext(ctx).Connection(func(db *gorm.DB) error {
		var got int
		if err := db.Raw("SELECT GET_LOCK(?, 60)", lockName).Scan(&got).Error; err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if got != 1 {
			return errors.New("migrate: no lock after a minute")
		}
		defer db.WithContext(context.WithoutCancel(ctx)).Exec("SELECT RELEASE_LOCK(?)", lockName)
		locked := *s
		locked.db = db
		return locked.migrate(ctx)
	})
}

// latest makes a transaction see what others committed while it waited for the lock.
var latest = map[string]*sql.TxOptions{"postgres": {Isolation: sql.LevelReadCommitted}}

// migrate creates what is missing.
func (s *Store) migrate(ctx context.Context) error {
	if err := s.widen(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	err := s.tx(ctx, latest[s.Kind()], func(tx *Tx) error {
		if s.Kind() == "postgres" {
			if err := tx.db.Exec("SELECT pg_advisory_xact_lock(hashtext(?))", lockName).Error; err != nil {
				return err
			}
		}
		db, err := s.inUTF8(tx.db)
		if err != nil {
			return err
		}
		users := db.Session(&gorm.Session{}) // may be another program's, and others may refer to them
		settings := *users.Config
		settings.Dialector = additive{settings.Dialector}
		users.Config = &settings
		if err := users.AutoMigrate(s.newUser()); err != nil {
			return err
		}
		if err := tx.dropOld(); err != nil {
			return err
		}
		return db.AutoMigrate(models.All()...)
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
	plain.db = s.db.Session(&gorm.Session{Context: ctx})
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
