package store

// Open: makes a Store from the application's handle, with a logger that leaves out values.

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/ginauth/gin-rest-auth/models"
)

// Open wraps the application's handle without changing it: the copy translates
// errors, and logs statements without their values to the application's logger. An error is
// one of newUser's.
// Queries name their columns: PostgreSQL refuses a prepared SELECT * once its table has one
// more, as when a newer version migrates.
// A single write has a transaction of its handle wherever a network lies between: when the deadline
// passes, a write that waits in a proxy or for a lock is then never committed. SQLite has none.
func Open(db *gorm.DB, newUser func() models.Account) (*Store, error) {
	handle := db.Session(&gorm.Session{NewDB: true, QueryFields: true, Logger: quiet{db.Logger}})
	handle.SkipDefaultTransaction = db.Name() == "sqlite" // Session only turns it on
	handle.TranslateError = true                          // on the copy that Session made
	handle = fromSource(handle).Session(&gorm.Session{})

	parsed, columns, err := parseUser(newUser(), handle.NamingStrategy)
	if err != nil {
		return nil, err
	}
	statements, err := newStatements(handle, parsed, columns)
	if err != nil {
		return nil, err
	}
	return &Store{
		db: handle, newUser: newUser, users: parsed.Table, pool: preparing(handle, &statements), appFields: columns, statements: statements,
		changed: func(...any) {}, turn: make(chan struct{}, 1),
	}, nil
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
