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
	// ErrExists means that a unique column has the value already.
	ErrExists = errors.New("store: exists already")
	// ErrOwnExists is ErrExists for a column of the application's own.
	ErrOwnExists = fmt.Errorf("%w, in a column of the application's", ErrExists)
	// ErrChanged means that the row was changed by somebody else since it was read.
	ErrChanged = errors.New("store: changed meanwhile")
	// ErrTooMany means that there are as many rows as there may be.
	ErrTooMany = errors.New("store: too many")
)

// orNotFound is for reads, and for updates that always change something: no row means no such row.
func orNotFound(r *gorm.DB) error {
	if r.Error == nil && r.RowsAffected == 0 {
		return ErrNotFound
	}
	return r.Error
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

// duplicateCode knows SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY of pure-Go SQLite
// drivers, whose errors GORM's own driver does not translate.
func duplicateCode(err error) bool {
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	return ok && (coded.Code() == 2067 || coded.Code() == 1555)
}

// Retryable knows the errors by which a database asks for the transaction once more:
// serialization failure and deadlock (SQLSTATE 40001, 40P01; MySQL 1213, 1205, MariaDB 1020), a table that was
// changed since the transaction began (MySQL 1412), SQLite's busy, and a connection that was lost before the
// database had the statement (T200).
func Retryable(err error) bool {
	if errors.Is(err, driver.ErrBadConn) {
		return true
	}
	if state := stateOf(err); state != "" {
		return state == "40001" || state == "40P01"
	}
	return says(err, onceMore)
}

// onceMore is how MySQL and SQLite ask for it.
var onceMore = []string{
	"Error 1213 (", "Error 1205 (", "Error 1020 (", "Error 1412 (", "database is locked", "database table is locked",
}

// What fixes a database, in errors and in what Auth.Check finds.
const (
	FixMigrate = "call auth.Migrate at start"
	FixZone    = "the MySQL DSN needs parseTime=true&loc=UTC"
)

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

// How databases say what is missing.
var (
	noTable  = []string{"no such table", "SQLSTATE 42P01", "Error 1146 "}
	noColumn = []string{"no such column", "SQLSTATE 42703", "Error 1054 "}
)

func says(err error, texts []string) bool {
	return err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
}

// ErrText means that the character set of the database, or of its DSN, lacks a letter.
var ErrText = errors.New("store: text that the database cannot store")

// wrap says what failed. ErrNotFound is no failure.
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
	// noSuchText is how databases say that their character set lacks a letter.
	noSuchText = []string{"Error 1366 (", "Error 1267 (", "SQLSTATE 22P05", "SQLSTATE 22021"}
	// lostStatement is how PostgreSQL says that the connection is not the one that prepared.
	lostStatement = []string{"SQLSTATE 42P05", "SQLSTATE 26000", ErrPooler.Error()}
)

const (
	// FixPooler makes the library work behind a pooler in transaction mode.
	FixPooler = "behind pgbouncer in transaction mode the DSN needs default_query_exec_mode=cache_describe, and gorm.Config no PrepareStmt; " +
		"or set max_prepared_statements in pgbouncer 1.21 or later"
	// FixPrepared makes MariaDB's driver send whole statements.
	FixPrepared = "put interpolateParams=true into the MySQL DSN, and leave PrepareStmt out of gorm.Config"
	// FixStale makes a node of a Galera cluster wait for the others.
	FixStale = "put wsrep_sync_wait=15 into the MySQL DSN, or connect to one node"
	// FixCharset makes a MySQL database accept every letter.
	FixCharset = "leave charset out of the MySQL DSN, or set charset=utf8mb4; convert the table to utf8mb4"
)

// ErrPooler means that named statements fail.
var ErrPooler = errors.New("prepared statements have names, but a pooler gives each transaction another connection")
