// Package store is the only place where the core talks to the database. It decides
// races by single statements, reports what happened in errors of its own, and knows
// nothing of HTTP. Feature packages keep queries for their own tables.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
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
)

// Store runs the queries. It is safe for concurrent use.
type Store struct {
	db      *gorm.DB
	newUser func() models.Account
	users   string // table of the users
	live    liveQuery
	own     []*schema.Field // the columns that models.User does not have
}

// Open wraps the application's handle without changing it: the copy translates
// errors, and logs statements without their values to the application's logger. An error is
// one of newUser's.
// Queries name their columns: PostgreSQL refuses a prepared SELECT * once its table has one
// more, as when a newer version migrates.
func Open(db *gorm.DB, newUser func() models.Account) (*Store, error) {
	own := db.Session(&gorm.Session{NewDB: true, SkipDefaultTransaction: true, QueryFields: true, Logger: quiet{db.Logger}})
	own.TranslateError = true // on the copy that Session made

	parsed, columns, err := parseUser(newUser(), own.NamingStrategy)
	if err != nil {
		return nil, err
	}
	return &Store{db: own, newUser: newUser, users: parsed.Table, live: newLiveQuery(own, parsed), own: columns}, nil
}

// Tx runs fn in a transaction and retries it when the database gave up to break a
// deadlock or a write conflict. fn may run several times and must begin with a write,
// or SQLite cannot queue it.
func (s *Store) Tx(ctx context.Context, fn func(*Tx) error) error {
	return s.retry(func() error {
		return s.db.WithContext(ctx).Transaction(func(db *gorm.DB) error { return fn(&Tx{s, db}) })
	})
}

// retry runs a write again when the database asks for it, and translates its error.
func (s *Store) retry(write func() error) error {
	const tries = 5
	var err error
	for range tries {
		if err = write(); err == nil || !Retryable(err) {
			break
		}
	}
	return translate(err)
}

// Tx is an open transaction.
type Tx struct {
	store *Store
	db    *gorm.DB
}

// Handle is the transaction for the application's hooks.
func (tx *Tx) Handle() *gorm.DB { return tx.db }

// translate maps a driver's errors to those of this package.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) || duplicateCode(err) {
		return fmt.Errorf("%w: %w", ErrExists, err)
	}
	return explain(err)
}

// What mends a database, in errors and in what Auth.Check finds.
const (
	FixMigrate = "call auth.Migrate at start"
	FixZone    = "the MySQL DSN needs parseTime=true&loc=UTC"
)

// explain adds the fix to errors that every new user meets.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if says(err, noTable) || says(err, noColumn) {
		return fmt.Errorf("%w (%s)", err, FixMigrate)
	}
	if says(err, []string{"[]uint8 into type *time.Time"}) {
		return fmt.Errorf("%w (%s)", err, FixZone)
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

// Retryable knows the errors by which a database asks for the transaction once more:
// serialization failure and deadlock (SQLSTATE 40001, 40P01; MySQL 1213, 1205, MariaDB 1020) and
// SQLite's busy (T200).
func Retryable(err error) bool {
	if state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		return state.SQLState() == "40001" || state.SQLState() == "40P01"
	}
	text := err.Error()
	return strings.Contains(text, "Error 1213 (") || strings.Contains(text, "Error 1205 (") || strings.Contains(text, "Error 1020 (") ||
		strings.Contains(text, "database is locked") || strings.Contains(text, "database table is locked")
}

// quiet passes statements on to the application's logger without their values, and
// keeps quiet about errors: those are returned, and what a stranger can cause at will
// must not fill a log (T222).
type quiet struct{ logger.Interface }

// ParamsFilter implements gorm.ParamsFilter.
func (quiet) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) { return sql, nil }

// Trace drops the error.
func (q quiet) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), _ error) {
	q.Interface.Trace(ctx, begin, fc, nil)
}

// LogMode keeps the wrapper on.
func (q quiet) LogMode(level logger.LogLevel) logger.Interface {
	return quiet{q.Interface.LogMode(level)}
}
