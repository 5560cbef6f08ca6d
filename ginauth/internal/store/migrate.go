package store

// Migrate runs migrations once per database, one instance at a time.

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

// Migrate runs the pending migrations, the library's own first, creates everything else that is missing, and then fills in
// the missing keys of other programs' users, see FillKeys. Several instances can call it concurrently (T206): they wait for
// each other until the context's deadline, or for retryFor without one. If there is nothing to do, they do not wait.
func (s *Store) Migrate(ctx context.Context, features []Migration) (left []int64, err error) {
	if ctx == nil {
		return nil, errNoContext
	}
	waiting, cancel := bounded(ctx)
	defer cancel()
	if err := s.Pooled(waiting); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	s = s.unprepared(ctx)
	if err := s.readsTimes(waiting); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	err = s.inTurn(waiting, func() error {
		todo, err := s.todo(waiting, features)
		if err == nil && len(todo) > 0 {
			err = s.exclusively(ctx, waiting, func(until time.Time) error { return s.runAll(ctx, todo, until) })
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return s.FillKeys(ctx) // without the lock, so that other instances do not wait
}

// inTurn runs fn while no other goroutine of this Store migrates or plans migrations, because GORM's migrator writes into
// shared schemas. It waits until the context ends.
func (s *Store) inTurn(ctx context.Context, fn func() error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
		return fn()
	case <-ctx.Done():
		return fmt.Errorf("another goroutine is migrating: %w", ctx.Err())
	}
}

// todo returns the migrations that Migrate runs, in order. A migration whose plan fails is included; running it shows the
// error.
func (s *Store) todo(ctx context.Context, features []Migration) (todo []Migration, err error) {
	done, err := s.recorded(ctx)
	if err != nil {
		return nil, err
	}
	all := s.all(features)
	for _, m := range all {
		if done[m.ID] || m.ID == "" && !done[all[0].ID] { // the first one does the same
			continue
		}
		if m.ID == "" {
			if s.whole(ctx) {
				continue
			}
			if changes, err := s.plan(ctx, m.Up); err == nil && len(changes) == 0 {
				continue
			}
		}
		todo = append(todo, m)
	}
	return todo, ctx.Err()
}

func (s *Store) runAll(ctx context.Context, todo []Migration, until time.Time) error {
	for _, m := range todo {
		err := s.run(ctx, m, until)
		for n := 0; n < mostSteps && s.faster(err); n++ {
			err = s.run(ctx, m, until)
		}
		if err != nil && !s.ranElsewhere(ctx, m) {
			return fmt.Errorf("%s: %w", cmp.Or(m.ID, "add what is missing"), err)
		}
	}
	return nil
}

// mostSteps is more than the number of steps that another instance takes to migrate. Each of its steps can make a step here
// fail.
const mostSteps = 100

// ranElsewhere reports whether a migration that failed here has been recorded by another instance.
func (s *Store) ranElsewhere(ctx context.Context, m Migration) bool {
	done, err := s.recorded(ctx)
	return err == nil && s.Kind() == "mysql" && done[m.ID]
}

// latest makes a transaction see the changes that others committed while it waited for the lock.
var latest = map[string]*sql.TxOptions{"postgres": {Isolation: sql.LevelReadCommitted}}

// run runs one migration unless another instance has, and records it in the same transaction. MySQL commits each change of a
// table separately.
func (s *Store) run(ctx context.Context, m Migration, until time.Time) error {
	return s.tx(ctx, latest[s.Kind()], func(tx *Tx) error {
		restore, err := tx.lockMigration(until)
		if err != nil {
			return err
		}
		defer restore()
		db, err := s.inUTF8(tx.db)
		if err != nil {
			return err
		}
		if m.ID == "" {
			return m.Up(db)
		}
		one := []*gormigrate.Migration{{ID: m.ID, Migrate: m.Up}}
		return gormigrate.New(db, &gormigrate.Options{TableName: migrationRow{}.TableName(), IDColumnName: "id", IDColumnSize: maxMigrationID}, one).Migrate()
	})
}

// unprepared is the store without the prepared statements of the application's handle. GORM reads all columns of a table
// when it migrates, which PostgreSQL rejects for a statement that was prepared before a column was added.
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

// readsTimes returns an error if parseTime is missing in a MySQL DSN, so that it is noticed at start and not at the first
// login.
func (s *Store) readsTimes(ctx context.Context) error {
	if s.db.Name() != "mysql" {
		return nil
	}
	var row struct{ At time.Time }
	return s.ask(ctx, &row, "SELECT CAST('2001-02-03 04:05:06' AS DATETIME) AS at")
}
