// Package store is the only place where the core talks to the database. It decides
// races by single statements, reports what happened in errors of its own, and knows
// nothing of HTTP. Feature packages keep queries for their own tables.
package store

import (
	"context"
	"errors"
	"fmt"
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
	// ErrText means that the character set of the database, or of its DSN, lacks a letter.
	ErrText = errors.New("store: text that the database cannot store")
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
// A single write has a transaction of its own wherever a network lies between: when the deadline
// passes, a write that waits in a proxy or for a lock is then never committed. SQLite has none.
func Open(db *gorm.DB, newUser func() models.Account) (*Store, error) {
	own := db.Session(&gorm.Session{NewDB: true, QueryFields: true, Logger: quiet{db.Logger}})
	own.SkipDefaultTransaction = db.Name() == "sqlite" // Session only turns it on
	own.TranslateError = true                          // on the copy that Session made
	own = fromSource(own).Session(&gorm.Session{})

	parsed, columns, err := parseUser(newUser(), own.NamingStrategy)
	if err != nil {
		return nil, err
	}
	return &Store{db: own, newUser: newUser, users: parsed.Table, live: newLiveQuery(own, parsed), own: columns}, nil
}

// Tx is an open transaction.
type Tx struct {
	store *Store
	db    *gorm.DB
}

// Handle is the transaction for the application's hooks.
func (tx *Tx) Handle() *gorm.DB { return tx.db }

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
