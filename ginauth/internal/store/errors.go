package store

// Errors of this package, and the meaning of the databases' errors: duplicate, missing table, retryable.

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

var (
	// ErrNotFound means that no row matched. It never stands for a failure.
	ErrNotFound = errors.New("store: not found")
	// ErrExists means that another row has the value of a unique column.
	ErrExists = errors.New("store: already exists")
	// ErrOwnExists is ErrExists for a column of the application.
	ErrOwnExists = fmt.Errorf("%w, in a column of the application", ErrExists)
	// ErrChanged means that the row was changed concurrently since it was read.
	ErrChanged = errors.New("store: changed concurrently")
	// ErrTooMany means that the maximum number of rows exists.
	ErrTooMany = errors.New("store: too many")
)

// orNotFound returns ErrNotFound if no row was read or changed. It is for reads, and for updates that always change
// something.
func orNotFound(r *gorm.DB) error {
	if r.Error == nil && r.RowsAffected == 0 {
		return ErrNotFound
	}
	return r.Error
}

// translate maps a driver's errors to the errors of this package.
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

// duplicateCode recognizes SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY of pure-Go SQLite drivers, whose errors GORM's own
// driver does not translate.
func duplicateCode(err error) bool {
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	return ok && (coded.Code() == 2067 || coded.Code() == 1555)
}

// Retryable reports whether an error means that the transaction should be retried: serialization failure and deadlock
// (SQLSTATE 40001, 40P01; MySQL 1213, 1205, MariaDB 1020), a table that was changed since the transaction began (MySQL
// 1412), SQLite's busy, and a connection that was lost before the database received the statement (T200).
func Retryable(err error) bool {
	if errors.Is(err, driver.ErrBadConn) {
		return true
	}
	if state := stateOf(err); state != "" {
		return state == "40001" || state == "40P01"
	}
	return says(err, onceMore)
}

// onceMore has the texts of retryable errors of MySQL and SQLite.
var onceMore = []string{
	"Error 1213 (", "Error 1205 (", "Error 1020 (", "Error 1412 (", "database is locked", "database table is locked",
}

// Fixes of database problems, for errors and for the findings of Auth.Check.
const (
	FixMigrate = "call auth.Migrate at start, or run the command migrate"
	FixZone    = "the MySQL DSN needs parseTime=true&loc=UTC"
)

// explain adds the fix to common errors of a first setup, once.
func explain(err error) error {
	for _, known := range []struct {
		texts []string
		fix   string
	}{
		{noTable, FixMigrate}, {noColumn, FixMigrate}, {[]string{"[]uint8 into type *time.Time"}, FixZone}, {lostStatement, FixPooler},
	} {
		if says(err, known.texts) && !says(err, []string{known.fix}) {
			return fmt.Errorf("%w (%s)", err, known.fix)
		}
	}
	return err
}

// Texts of the databases' errors for missing tables and columns.
var (
	noTable  = []string{"no such table", "SQLSTATE 42P01", "Error 1146 "}
	noColumn = []string{"no such column", "SQLSTATE 42703", "Error 1054 "}
)

func says(err error, texts []string) bool {
	return err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
}

// ErrText means that the character set of the database, or of its DSN, does not have a letter.
var ErrText = errors.New("store: text that the database cannot store")

// wrap adds what failed to an error. It does not change ErrNotFound, which is not a failure.
func wrap(what string, err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
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

var (
	// noSuchText has the databases' errors for a letter that their character set does not have.
	noSuchText = []string{"Error 1366 (", "Error 1267 (", "SQLSTATE 22P05", "SQLSTATE 22021"}
	// lostStatement has PostgreSQL's errors for a connection that has not prepared the statement.
	lostStatement = []string{"SQLSTATE 42P05", "SQLSTATE 26000", ErrPooler.Error()}
)

const (
	// FixPooler is the fix for a pooler in transaction mode.
	FixPooler = "behind pgbouncer in transaction mode the DSN needs default_query_exec_mode=cache_describe, and gorm.Config no PrepareStmt; " +
		"or set max_prepared_statements in pgbouncer 1.21 or later"
	// FixPrepared is the fix for prepared statements on a Galera cluster: the driver then sends whole statements.
	FixPrepared = "add interpolateParams=true to the MySQL DSN, and remove PrepareStmt from gorm.Config"
	// FixStale is the fix for stale reads on a Galera cluster: nodes then wait for each other.
	FixStale = "add wsrep_sync_wait=15 to the MySQL DSN, or connect to one node"
	// FixUnbounded is the fix for a MySQL driver that waits for the response to COMMIT without a bound.
	FixUnbounded = "add readTimeout=30s to the MySQL DSN"
	// FixCharset is the fix for MySQL databases that do not accept every letter.
	FixCharset = "remove charset from the MySQL DSN, or set charset=utf8mb4; convert the table to utf8mb4"
)

// ErrPooler means that named prepared statements fail.
var ErrPooler = errors.New("prepared statements have names, but a pooler gives each transaction another connection")
