package store

// Prepared statements that are kept.

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"
)

// preparing returns a pool that keeps these statements prepared after their first run, and those of transactions from the
// first transaction on. It is for SQLite only: PostgreSQL's driver keeps statements itself, depending on its DSN, and
// MySQL's driver and the application's handle can be configured to.
func preparing(db *gorm.DB, texts *statements) gorm.ConnPool {
	pool, plain := db.ConnPool.(*sql.DB)
	if !plain || db.Name() != "sqlite" {
		return db.ConnPool
	}
	local := slices.Contains(localDrivers, reflect.Indirect(reflect.ValueOf(pool.Driver())).Type().PkgPath())
	p := &prepared{DB: pool, local: local, inTx: texts.inTx(), statements: map[string]*atomic.Pointer[sql.Stmt]{}}
	for _, w := range append(texts.outsideTx(), p.inTx...) {
		p.statements[w.text] = &atomic.Pointer[sql.Stmt]{}
	}
	return p
}

// localDrivers are the packages of drivers that access the file directly, without a network.
var localDrivers = []string{"github.com/mattn/go-sqlite3", "modernc.org/sqlite", "github.com/glebarez/go-sqlite"}

// prepared is safe for concurrent use. database/sql prepares a statement on each connection that runs it, and SQLite
// does so again when a table has changed.
type prepared struct {
	*sql.DB
	local      bool
	inTx       []written
	statements map[string]*atomic.Pointer[sql.Stmt] // by query
	learned    sync.Map                             // the same, of statements that are written later: their texts depend on features
}

// slot returns where a statement is kept, or nil if the library did not write it.
func (p *prepared) slot(query string) *atomic.Pointer[sql.Stmt] {
	if slot, known := p.statements[query]; known {
		return slot
	}
	if slot, known := p.learned.Load(query); known {
		return slot.(*atomic.Pointer[sql.Stmt])
	}
	return nil
}

// learn makes the pool keep a statement as well, if it prepares statements.
func learn(pool gorm.ConnPool, text string) {
	if p, preparing := pool.(*prepared); preparing {
		p.learned.LoadOrStore(text, &atomic.Pointer[sql.Stmt]{})
	}
}

// GetDBConn implements gorm.GetDBConnector, for plugins that ask a statement for its pool.
func (p *prepared) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// QueryContext implements gorm.ConnPool.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slot := p.slot(query)
	if slot == nil { // a plugin wrote it, or added a comment
		return p.DB.QueryContext(ctx, query, args...)
	}
	if p.local && p.hasFree() {
		ctx = context.WithoutCancel(ctx)
	}
	statement, err := p.keep(ctx, query, slot)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, args...)
}

// hasFree reports whether a query gets a connection at once. Then the driver does not have to watch the context, for which
// database/sql starts a goroutine: a local read takes microseconds, and SQLite has its own timeout for locks.
func (p *prepared) hasFree() bool {
	stats := p.Stats()
	return stats.MaxOpenConnections == 0 || stats.InUse < stats.MaxOpenConnections
}

// keep prepares a statement unless its slot already has it.
func (p *prepared) keep(ctx context.Context, query string, slot *atomic.Pointer[sql.Stmt]) (*sql.Stmt, error) {
	if kept := slot.Load(); kept != nil {
		return kept, nil
	}
	statement, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if !slot.CompareAndSwap(nil, statement) {
		_ = statement.Close()
	}
	return slot.Load(), nil
}

// beforeTx prepares the statements of transactions before one begins on the pool from. It returns a function that returns
// the pool for the written statements of the transaction.
func beforeTx(ctx context.Context, pool, from gorm.ConnPool) (within func(tx gorm.ConnPool) gorm.ConnPool) {
	p, _ := pool.(*prepared)
	if p == nil || from != gorm.ConnPool(p.DB) { // dbresolver may use another pool
		return func(tx gorm.ConnPool) gorm.ConnPool { return tx }
	}
	for _, w := range p.inTx { // before the transaction: the pool may have no other connection
		if _, err := p.keep(ctx, w.text, p.statements[w.text]); err != nil {
			break // the transaction meets the same error
		}
	}
	p.learned.Range(func(text, slot any) bool {
		_, err := p.keep(ctx, text.(string), slot.(*atomic.Pointer[sql.Stmt]))
		return err == nil
	})
	return func(tx gorm.ConnPool) gorm.ConnPool {
		if plain, ok := tx.(*sql.Tx); ok {
			return &preparedTx{plain, p}
		}
		return tx
	}
}

// preparedTx is a transaction that uses the prepared statements of its pool.
type preparedTx struct {
	*sql.Tx
	pool *prepared
}

// GetDBConn implements gorm.GetDBConnector.
func (t *preparedTx) GetDBConn() (*sql.DB, error) { return t.pool.DB, nil }

// QueryContext implements gorm.ConnPool.
func (t *preparedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if kept := t.kept(query); kept != nil {
		return t.StmtContext(ctx, kept).QueryContext(ctx, args...)
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

// ExecContext implements gorm.ConnPool.
func (t *preparedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if kept := t.kept(query); kept != nil {
		return t.StmtContext(ctx, kept).ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

// kept returns a statement that the pool has prepared, or nil.
func (t *preparedTx) kept(query string) *sql.Stmt {
	if slot := t.pool.slot(query); slot != nil {
		return slot.Load()
	}
	return nil
}
