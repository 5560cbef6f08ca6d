package store

// Open makes a Store from the application's handle, with a logger that omits values.

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/ginauth/gin-rest-auth/models"
)

// Open wraps a copy of the application's handle. The copy translates errors, and logs statements without their values to the
// application's logger. Open returns an error if the type of newUser cannot be used. Queries name their columns: PostgreSQL
// rejects a prepared SELECT * after a newer version has added a column. Except on SQLite, a single write has its own
// transaction: when the deadline passes, a write that waits in a proxy or for a lock is then never committed.
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
		limits: &sync.Map{}, galera: &atomic.Int32{}, changed: func(...any) {}, turn: make(chan struct{}, 1),
	}, nil
}

// quiet passes statements without their values to the application's logger, and does not log errors: these are returned, and
// errors that strangers can trigger must not fill a log (T222).
type quiet struct{ logger.Interface }

// ParamsFilter implements gorm.ParamsFilter.
func (quiet) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) { return sql, nil }

// Trace drops the error.
func (q quiet) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), _ error) {
	q.Interface.Trace(ctx, begin, fc, nil)
}

// LogMode keeps the wrapper.
func (q quiet) LogMode(level logger.LogLevel) logger.Interface {
	return quiet{q.Interface.LogMode(level)}
}
