package outbox

// The two ways to work: Run until a context ends, and Send once.

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Run sends mails as they are written, until the context ends. Then it lets mails in flight finish and sends the other due
// mails, for at most config.Mail.ShutdownTimeout. An interrupted mail is due again at once, and the attempt does not count.
// Run logs database errors.
func (o *Outbox) Run(ctx context.Context) {
	failed := func(err error) {
		o.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed the outbox; a mail may go out late, or twice",
			slog.String("error", err.Error()))
		o.noteFailed(ctx)
	}
	work := o.newWorker(failed)
	defer work.interrupt()
	ticker := time.NewTicker(o.Mail.Poll)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := work.round(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-ticker.C:
		}
	}
	work.shutDown(context.WithoutCancel(ctx))
}

// shutDown is the last round. It interrupts mails that are not sent within Mail.ShutdownTimeout.
func (w *worker) shutDown(ctx context.Context) {
	last, cancel := context.WithTimeout(ctx, w.Mail.ShutdownTimeout)
	defer cancel()
	if err := w.round(last); err != nil && last.Err() == nil {
		w.failed(err)
	}
	w.wait(last)
	w.interrupt()
	noted, cancel := context.WithTimeout(ctx, noteGrace)
	defer cancel()
	w.wait(noted)
}

// noteGrace is how long Run waits at the end for interrupted mails to be recorded as due.
const noteGrace = time.Second

// Send tries every mail that is due now, once, and returns how many it sent. An error means that
// the database failed.
func (o *Outbox) Send(ctx context.Context) (int, error) {
	var mu sync.Mutex
	var errs []error
	work := o.newWorker(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	})
	defer work.interrupt()
	err := work.round(ctx)
	work.wait(context.WithoutCancel(ctx))
	if err = errors.Join(append(errs, err)...); err != nil && ctx.Err() == nil {
		o.noteFailed(ctx)
	}
	return int(work.sent.Load()), err
}
