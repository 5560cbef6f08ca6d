package store

// Finding out what a migration would do, without running it.

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// plan returns the statements with which a migration would change the database, and runs only statements that read. With an
// error, for example because a migration reads its own changes, the list is incomplete.
func (s *Store) plan(ctx context.Context, up func(*gorm.DB) error) (changes []string, err error) {
	try := func(db *gorm.DB) (err error) {
		pool := &recorder{ConnPool: db.Statement.ConnPool, explain: db.Dialector.Explain}
		if s.Kind() == "sqlite" { // GORM puts strings into double quotes for SQLite
			pool.explain = func(query string, args ...any) string { return logger.ExplainSQL(query, nil, `'`, args...) }
		}
		defer func() {
			if p := recover(); p != nil { // it may rely on rows that it would have created
				err = fmt.Errorf("a panic (%T)", p)
			}
			changes = pool.changes
		}()
		db = db.Session(&gorm.Session{Context: ctx})
		db.ConnPool, db.Statement.ConnPool = pool, pool
		if db, err = s.inUTF8(db); err != nil {
			return err
		}
		return up(db)
	}
	if s.Kind() == "sqlite" { // it has no read-only transactions
		err = s.retry(ctx, func() error { return try(beginAtSource(s.db.WithContext(ctx))) })
		return changes, err
	}
	err = s.tx(ctx, &sql.TxOptions{ReadOnly: true}, func(tx *Tx) error { return try(tx.db) })
	return changes, err
}

// recorder is a connection that runs reads, and only records statements that would change the database.
type recorder struct {
	gorm.ConnPool
	explain func(query string, args ...any) string
	changes []string
}

// nothing is a query that returns no row, on every database.
const nothing = "SELECT 1 FROM (SELECT 1 AS one) AS few WHERE 1 = 0"

// read returns a query that only reads. It records any other query and returns one that does nothing.
func (r *recorder) read(query string, args []any) (string, []any) {
	word := firstWord(query)
	if slices.Contains([]string{"SELECT", "PRAGMA", "SHOW", "EXPLAIN", "DESCRIBE", "VALUES"}, word) && !(word == "PRAGMA" && strings.Contains(query, "=")) {
		return query, args
	}
	r.changes = append(r.changes, r.explain(query, args...))
	return nothing, nil
}

func firstWord(query string) string {
	words := strings.Fields(strings.TrimLeft(query, " \t\r\n("))
	if len(words) == 0 {
		return ""
	}
	return strings.ToUpper(words[0])
}

// ExecContext implements gorm.ConnPool. It runs nothing: a statement without results only makes changes.
func (r *recorder) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	if !slices.Contains([]string{"SAVEPOINT", "ROLLBACK", "RELEASE"}, firstWord(query)) {
		r.changes = append(r.changes, r.explain(query, args...))
	}
	return unchanged{}, nil
}

// QueryContext implements gorm.ConnPool.
func (r *recorder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query, args = r.read(query, args)
	return r.ConnPool.QueryContext(ctx, query, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (r *recorder) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	query, args = r.read(query, args)
	return r.ConnPool.QueryRowContext(ctx, query, args...)
}

// PrepareContext implements gorm.ConnPool.
func (r *recorder) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errors.New("the migration prepares statements")
}

// Commit and Rollback make a recorder a transaction, for GORM and its plugins.
func (r *recorder) Commit() error { return nil }

// Rollback is like Commit.
func (r *recorder) Rollback() error { return nil }

// unchanged is the result of a statement that was not run.
type unchanged struct{}

func (unchanged) LastInsertId() (int64, error) { return 0, nil }
func (unchanged) RowsAffected() (int64, error) { return 0, nil }
