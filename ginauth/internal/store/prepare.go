package store

// Statements that are prepared once.

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"sync"

	"gorm.io/gorm"
)

// preparing returns a pool that keeps the statements of a few queries. It is for SQLite only: PostgreSQL's driver keeps
// them itself, in the way that its DSN tells, and so do MySQL's driver and the application's handle if they are told to.
func preparing(db *gorm.DB) gorm.ConnPool {
	pool, plain := db.ConnPool.(*sql.DB)
	if !plain || db.Name() != "sqlite" {
		return db.ConnPool
	}
	return &prepared{DB: pool, local: slices.Contains(localDrivers, reflect.Indirect(reflect.ValueOf(pool.Driver())).Type().PkgPath())}
}

// localDrivers are the packages of drivers that read the file themselves, without a network.
var localDrivers = []string{"github.com/mattn/go-sqlite3", "modernc.org/sqlite", "github.com/glebarez/go-sqlite"}

// prepared is safe for concurrent use. database/sql prepares a statement on each connection that runs it, and SQLite
// does so again when a table has changed.
type prepared struct {
	*sql.DB
	local      bool
	statements sync.Map // of *sql.Stmt, by query
}

// QueryContext implements gorm.ConnPool.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.local && p.hasFree() {
		ctx = context.WithoutCancel(ctx)
	}
	kept, found := p.statements.Load(query)
	if !found {
		statement, err := p.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		var raced bool
		if kept, raced = p.statements.LoadOrStore(query, statement); raced {
			_ = statement.Close()
		}
	}
	return kept.(*sql.Stmt).QueryContext(ctx, args...)
}

// hasFree reports whether a query gets a connection at once. Then the driver need not watch the context, for which
// database/sql starts a goroutine: a local read takes microseconds, and for locks SQLite has its own timeout.
func (p *prepared) hasFree() bool {
	stats := p.Stats()
	return stats.MaxOpenConnections == 0 || stats.InUse < stats.MaxOpenConnections
}
