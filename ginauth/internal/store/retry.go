package store

// Transactions and statements that are retried when the database asks for it.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
)

// retryFor is how long a statement is retried when its context has no deadline.
const retryFor = 10 * time.Second

// errNoContext is for calls by the application, which would otherwise panic in the database's driver.
var errNoContext = errors.New("the context is nil")

// Tx runs fn in a transaction and retries it when the database aborted it because of a deadlock or a write conflict. fn may
// run several times and must begin with a write, or SQLite cannot queue it.
func (s *Store) Tx(ctx context.Context, fn func(*Tx) error) error {
	return s.tx(ctx, nil, fn)
}

// tx is Tx with options; nil for the database's own.
func (s *Store) tx(ctx context.Context, options *sql.TxOptions, fn func(*Tx) error) error {
	run := func(db *gorm.DB) error {
		within := beforeTx(ctx, s.pool, db.Statement.ConnPool)
		var tx Tx
		defer func() { s.changed(tx.changed...) }() // even if COMMIT fails: it may have succeeded
		return db.Transaction(func(db *gorm.DB) error {
			tx = Tx{store: s, db: db, pool: within(db.Statement.ConnPool)}
			return fn(&tx)
		}, options)
	}
	return s.retry(ctx, func() error {
		db := beginAtSource(s.db.WithContext(ctx))
		if _, pool := db.Statement.ConnPool.(*sql.DB); !pool || s.db.Name() != "mysql" {
			return run(db)
		}
		return db.Connection(func(db *gorm.DB) error {
			done := false
			defer func() { // also after a panic
				if !done {
					end(ctx, db.Statement.ConnPool.(*sql.Conn))
				}
			}()
			err := run(db)
			done = err == nil
			return err
		})
	})
}

// end rolls back a failed transaction, or else closes its connection. A node of a Galera cluster that has lost the others
// rejects even ROLLBACK, and the next BEGIN on the connection would commit the changes so far.
func end(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it
	}
}

// retry runs a statement or a transaction again while the database asks for it and the context allows it, and translates its
// error. The pauses grow and are random, so that transactions that failed together do not fail together again. Reads need it
// as well: at SERIALIZABLE, PostgreSQL rejects reads to break a cycle.
func (s *Store) retry(ctx context.Context, run func() error) error {
	if ctx == nil {
		return errNoContext
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	const longest = 200 * time.Millisecond
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, longest) {
		err := run()
		if err == nil || !Retryable(err) || !sleep(ctx, rand.N(pause)) { //nolint:gosec // a pause is not secret
			return translate(err)
		}
	}
}

// bounded gives a context a deadline if it has none.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, retryFor)
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
