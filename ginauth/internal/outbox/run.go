package outbox

// The two ways to work: Run until a context ends, and Send once.

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Run sends rows as they are written, until the context ends. Then it lets those in flight finish and sends the other due
// ones, for at most ShutdownTimeout. An interrupted row is due again at once, and the attempt does not count.
// Run logs database errors.
func (q *Queue) Run(ctx context.Context) {
	failed := func(err error) {
		q.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed the outbox; a "+q.Noun+" may go out late, or twice",
			slog.String("error", err.Error()))
		q.noteFailed(ctx)
	}
	work := q.newWorker(failed)
	defer work.interrupt()
	ticker := time.NewTicker(q.Poll)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if _, err := work.round(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
		case <-q.wake:
		case <-work.lanes.freed:
		case <-ticker.C:
		}
	}
	work.shutDown(context.WithoutCancel(ctx))
}

// shutDown is the last round. It interrupts rows that are not sent within ShutdownTimeout.
func (w *worker) shutDown(ctx context.Context) {
	last, cancel := context.WithTimeout(ctx, w.ShutdownTimeout)
	defer cancel()
	if err := w.all(last); err != nil && last.Err() == nil {
		w.failed(err)
	}
	w.wait(last)
	w.interrupt()
	noted, cancel := context.WithTimeout(ctx, noteGrace)
	defer cancel()
	w.wait(noted)
}

// noteGrace is how long Run waits at the end for interrupted rows to be recorded as due.
const noteGrace = time.Second

// Send tries every row that is due now, once, and returns how many it sent. An error means that
// the database failed.
func (q *Queue) Send(ctx context.Context) (int, error) {
	var mu sync.Mutex
	var errs []error
	work := q.newWorker(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	})
	defer work.interrupt()
	err := work.all(ctx)
	work.wait(context.WithoutCancel(ctx))
	if err = errors.Join(append(errs, err)...); err != nil && ctx.Err() == nil {
		q.noteFailed(ctx)
	}
	return int(work.sent.Load()), err
}
