package ginauth

// The outbox for applications: RunOutbox, SendOutbox, OutboxStats, RetryFailedMails.

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// ErrNoMailer is returned by calls that need config.Mail.Sender.
var ErrNoMailer = errors.New("ginauth: config.Mail.Sender is not set")

// RunOutbox sends the mails in the outbox as they are written, until the context ends. Then it lets
// mails in flight finish and sends what else is due, for at most
// config.Mail.ShutdownTimeout, and returns nil. A mail that it had to interrupt, or did not begin,
// stays in the table and is due at once; an interrupted try does not count. Failures of the database are logged. [Auth.Run] calls
// RunOutbox and sweeps as well; call one of the two, in one instance or in all of them.
//
// Each mail is tried up to 8 times, 1 minute to 6 hours apart; then it is given up with the
// reason, see OutboxStats. It goes out at least once. It goes out twice if the mail server took
// it and its response was lost, or if the process or the database failed before the library
// could record it. Both copies have the same Message-ID.
func (a *Auth) RunOutbox(ctx context.Context) error {
	if a.mails == nil {
		return ErrNoMailer
	}
	failed := func(err error) {
		a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed the outbox; a mail may go out late, or twice",
			slog.String("error", err.Error()))
	}
	work := a.newPostman(failed)
	defer work.interrupt()
	ticker := time.NewTicker(a.cfg.Mail.Poll)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := work.round(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
		case <-a.wake:
		case <-ticker.C:
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Mail.ShutdownTimeout)
	defer cancel()
	if err := work.round(last); err != nil && last.Err() == nil {
		failed(err)
	}
	work.wait(last)
	work.interrupt()
	noted, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteGrace)
	defer cancel()
	work.wait(noted)
	return nil
}

// noteGrace is how long RunOutbox waits at the end until interrupted mails are due again.
const noteGrace = time.Second

// SendOutbox tries every mail that is due now, once, and returns how many it sent. It is
// RunOutbox for tests and for your own scheduler. A mail that could not be sent is due again
// later; an error means that the database failed.
func (a *Auth) SendOutbox(ctx context.Context) (int, error) {
	if a.mails == nil {
		return 0, ErrNoMailer
	}
	var mu sync.Mutex
	var errs []error
	work := a.newPostman(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	})
	defer work.interrupt()
	err := work.round(ctx)
	work.wait(context.WithoutCancel(ctx))
	return int(work.sent.Load()), errors.Join(append(errs, err)...)
}

// OutboxStats says how the outbox is doing.
type OutboxStats struct {
	Pending int64         // mails that wait, or are being sent
	Oldest  time.Duration // how long the oldest of them has been waiting; 0 for none
	Failed  int64         // mails that were given up; auth_outbox.reason says why
}

// OutboxStats counts the mails in the outbox, for metrics and alarms. If Pending and Oldest
// both grow, no mail goes out; if only Oldest grows, one receiver does not accept its mail.
func (a *Auth) OutboxStats(ctx context.Context) (OutboxStats, error) {
	pending, failed, oldest, err := a.store.MailCounts(ctx)
	stats := OutboxStats{Pending: pending, Failed: failed}
	if !oldest.IsZero() {
		stats.Oldest = a.now().Sub(oldest)
	}
	return stats, err
}

// RetryFailedMails re-queues mails that were given up, and returns how many. Call it after you
// fixed the cause. Links in them count from when they go out.
func (a *Auth) RetryFailedMails(ctx context.Context) (int64, error) {
	n, err := a.store.RetryMails(ctx, a.now())
	if n > 0 {
		a.wakeOutbox()
	}
	return n, err
}

// wakeOutbox signals this instance's RunOutbox that mail is waiting.
func (a *Auth) wakeOutbox() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// warnIdle logs once that mails wait and no worker takes them. It looks only in an instance that
// has no worker of its own, at most every mostWaiting, and after the response was decided on. So
// an application without a worker hears of it at the second mail, and one whose worker is in
// another process hears nothing.
func (a *Auth) warnIdle(ctx context.Context) {
	now := a.now()
	if a.worked.Load() {
		return
	}
	looked := a.looked.Load()
	if looked == nil {
		a.looked.CompareAndSwap(nil, &now)
		return
	}
	if now.Sub(*looked) < mostWaiting || !a.looked.CompareAndSwap(looked, &now) {
		return
	}
	waits, err := a.store.HasUntakenMail(ctx, now.Add(-mostWaiting))
	if err != nil || !waits || a.worked.Swap(true) {
		return
	}
	a.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: mails have been waiting, and no process sends them; run auth.Run beside the server",
		slog.String("longer_than", mostWaiting.String()))
}
