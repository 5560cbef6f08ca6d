package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"gorm.io/gorm"
)

// retryFor is how long a statement is retried when its context has no deadline.
const retryFor = 10 * time.Second

// Tx runs fn in a transaction and retries it when the database gave up to break a
// deadlock or a write conflict. fn may run several times and must begin with a write,
// or SQLite cannot queue it.
func (s *Store) Tx(ctx context.Context, fn func(*Tx) error) error {
	return s.tx(ctx, nil, fn)
}

// tx is Tx with options; nil for the database's own.
func (s *Store) tx(ctx context.Context, options *sql.TxOptions, fn func(*Tx) error) error {
	return s.retry(ctx, func() error {
		return beginAtSource(s.db.WithContext(ctx)).Transaction(func(db *gorm.DB) error { return fn(&Tx{s, db}) }, options)
	})
}

// retry runs a statement or a transaction again for as long as the database asks for it and the
// context allows, and translates its error. The pauses grow, and are random: transactions
// that failed together would fail together again. Reads need it as well: at SERIALIZABLE,
// PostgreSQL refuses a read to break a cycle.
func (s *Store) retry(ctx context.Context, run func() error) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, retryFor)
		defer cancel()
	}
	const longest = 200 * time.Millisecond
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, longest) {
		err := run()
		if err == nil || !Retryable(err) || !sleep(ctx, rand.N(pause)) { //nolint:gosec // a pause is no secret
			return translate(err)
		}
	}
}

// sleep reports whether the pause ended before the context.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// Retryable knows the errors by which a database asks for the transaction once more:
// serialization failure and deadlock (SQLSTATE 40001, 40P01; MySQL 1213, 1205, MariaDB 1020) and
// SQLite's busy (T200).
func Retryable(err error) bool {
	if state := stateOf(err); state != "" {
		return state == "40001" || state == "40P01"
	}
	text := err.Error()
	return strings.Contains(text, "Error 1213 (") || strings.Contains(text, "Error 1205 (") || strings.Contains(text, "Error 1020 (") ||
		strings.Contains(text, "database is locked") || strings.Contains(text, "database table is locked")
}

// stateOf returns the SQLSTATE of PostgreSQL's drivers, or "".
func stateOf(err error) string {
	state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	if !ok {
		return ""
	}
	return state.SQLState()
}

// translate maps a driver's errors to those of this package.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrDuplicatedKey) || duplicateCode(err):
		return fmt.Errorf("%w: %w", ErrExists, err)
	case says(err, noSuchText):
		return fmt.Errorf("%w: %w", ErrText, err)
	}
	return explain(err)
}

// explain adds the fix to errors that every new user meets.
func explain(err error) error {
	for _, known := range []struct {
		texts []string
		fix   string
	}{
		{noTable, FixMigrate}, {noColumn, FixMigrate}, {[]string{"[]uint8 into type *time.Time"}, FixZone}, {lostStatement, FixPooler},
	} {
		if says(err, known.texts) {
			return fmt.Errorf("%w (%s)", err, known.fix)
		}
	}
	return err
}

// duplicateCode knows SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY of pure-Go SQLite
// drivers, whose errors GORM's own driver does not translate.
func duplicateCode(err error) bool {
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	return ok && (coded.Code() == 2067 || coded.Code() == 1555)
}

// What fixes a database, in errors and in what Auth.Check finds.
const (
	FixMigrate = "call auth.Migrate at start"
	FixZone    = "the MySQL DSN needs parseTime=true&loc=UTC"
	FixPooler  = "behind pgbouncer in transaction mode the DSN needs default_query_exec_mode=exec, and gorm.Config no PrepareStmt; " +
		"or set max_prepared_statements in pgbouncer 1.21 or later"
	FixCharset = "leave charset out of the MySQL DSN, or set charset=utf8mb4; convert the table to utf8mb4"
)

var (
	// noSuchText is how databases say that their character set lacks a letter.
	noSuchText = []string{"Error 1366 (", "Error 1267 (", "SQLSTATE 22P05", "SQLSTATE 22021"}
	// lostStatement is how PostgreSQL says that the connection is not the one that prepared.
	lostStatement = []string{"SQLSTATE 42P05", "SQLSTATE 26000", ErrPooler.Error()}
)
