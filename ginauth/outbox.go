package ginauth

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// maxTries is how often a mail is tried, over about nine and a half hours.
const maxTries = 8

// retryAfter is how long a mail waits after so many tries: 1 minute to 6 hours, each pause
// 2.67 times the one before.
func retryAfter(tries int) time.Duration {
	pause := time.Minute
	for range tries - 1 {
		pause = pause * 8 / 3
	}
	return min(pause.Truncate(time.Second), 6*time.Hour)
}

// ErrNoMailer is returned by what needs config.Mail.Sender.
var ErrNoMailer = errors.New("ginauth: config.Mail.Sender is not set")

// RunOutbox sends the mails in the outbox, as they come, until the context ends. Then it lets
// mails that are being sent finish and sends what else is due, for at most
// config.Mail.Timeout, and returns nil; what is left waits in the table. Failures of the
// database are logged. Run it beside the server, in one instance or in all of them:
//
//	go func() { _ = auth.RunOutbox(ctx) }()
//
// Each mail is tried up to 8 times, 1 minute to 6 hours apart; then it is given up with the
// reason, see OutboxStats. It goes out at least once, and twice only when the process, or
// the database, went away between sending and noting it.
func (a *Auth) RunOutbox(ctx context.Context) error {
	if a.mails == nil {
		return ErrNoMailer
	}
	failed := func(err error) {
		a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed the outbox; a mail may go out late, or twice",
			slog.String("error", err.Error()))
	}
	work := a.newPostman(failed)
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
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Mail.Timeout)
	defer cancel()
	if err := work.round(last); err != nil && last.Err() == nil {
		failed(err)
	}
	work.wait(last)
	return nil
}

// SendOutbox tries every mail that is due now, once, and returns how many it sent. It is
// RunOutbox for tests and for those who have a scheduler of their own. A mail that could not
// be sent is no error, it is due again later; an error means that the database failed.
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

// OutboxStats counts the mails in the outbox, for metrics and alarms. Where Pending and Oldest
// both grow, no mail goes out; an Oldest alone is one receiver who does not take his now.
func (a *Auth) OutboxStats(ctx context.Context) (OutboxStats, error) {
	pending, failed, oldest, err := a.store.MailCounts(ctx)
	stats := OutboxStats{Pending: pending, Failed: failed}
	if !oldest.IsZero() {
		stats.Oldest = a.now().Sub(oldest)
	}
	return stats, err
}

// RetryFailedMails makes the mails that were given up due again, once what kept them is
// mended, and returns how many. Links in them count from when they go out.
func (a *Auth) RetryFailedMails(ctx context.Context) (int64, error) {
	n, err := a.store.RetryMails(ctx, a.now())
	if n > 0 {
		a.nudge()
	}
	return n, err
}

// nudge tells RunOutbox of this instance that there is work.
func (a *Auth) nudge() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}
