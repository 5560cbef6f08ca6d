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

// preparing returns a pool that keeps the statements of queries, and those that transactions run. It is for SQLite only:
// PostgreSQL's driver keeps them itself, in the way that its DSN tells, and so do MySQL's driver and the application's
// handle if they are told to.
func preparing(db *gorm.DB, inTx ...written) gorm.ConnPool {
	pool, plain := db.ConnPool.(*sql.DB)
	if !plain || db.Name() != "sqlite" {
		return db.ConnPool
	}
	local := slices.Contains(localDrivers, reflect.Indirect(reflect.ValueOf(pool.Driver())).Type().PkgPath())
	return &prepared{DB: pool, local: local, inTx: inTx}
}

// localDrivers are the packages of drivers that read the file themselves, without a network.
var localDrivers = []string{"github.com/mattn/go-sqlite3", "modernc.org/sqlite", "github.com/glebarez/go-sqlite"}

// prepared is safe for concurrent use. database/sql prepares a statement on each connection that runs it, and SQLite
// does so again when a table has changed.
type prepared struct {
	*sql.DB
	local      bool
	inTx       []written
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
	statement, err := p.keep(ctx, query)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, args...)
}

// hasFree reports whether a query gets a connection at once. Then the driver need not watch the context, for which
// database/sql starts a goroutine: a local read takes microseconds, and for locks SQLite has its own timeout.
func (p *prepared) hasFree() bool {
	stats := p.Stats()
	return stats.MaxOpenConnections == 0 || stats.InUse < stats.MaxOpenConnections
}

// keep prepares a statement, unless it is already.
func (p *prepared) keep(ctx context.Context, query string) (*sql.Stmt, error) {
	if kept, found := p.statements.Load(query); found {
		return kept.(*sql.Stmt), nil
	}
	statement, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	kept, raced := p.statements.LoadOrStore(query, statement)
	if raced {
		_ = statement.Close()
	}
	return kept.(*sql.Stmt), nil
}

// beforeTx is called before a transaction begins on the pool from. It returns what makes the pool for the transaction's
// statements.
func beforeTx(ctx context.Context, pool, from gorm.ConnPool) (within func(tx gorm.ConnPool) gorm.ConnPool) {
	p, _ := pool.(*prepared)
	if p == nil || from != gorm.ConnPool(p.DB) { // dbresolver may have another one
		return func(tx gorm.ConnPool) gorm.ConnPool { return tx }
	}
	for _, w := range p.inTx { // not in the transaction: the pool may have no other connection
		if _, err := p.keep(ctx, w.text); err != nil {
			break // the transaction meets the same error
		}
	}
	return func(tx gorm.ConnPool) gorm.ConnPool {
		if plain, ok := tx.(*sql.Tx); ok {
			return &preparedTx{plain, p}
		}
		return tx
	}
}

// preparedTx is a transaction that runs the statements which its pool keeps.
type preparedTx struct {
	*sql.Tx
	pool *prepared
}

// QueryContext implements gorm.ConnPool.
func (t *preparedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if kept, found := t.pool.statements.Load(query); found {
		return t.StmtContext(ctx, kept.(*sql.Stmt)).QueryContext(ctx, args...)
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

// ExecContext implements gorm.ConnPool.
func (t *preparedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if kept, found := t.pool.statements.Load(query); found {
		return t.StmtContext(ctx, kept.(*sql.Stmt)).ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}
