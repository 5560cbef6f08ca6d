package outbox

// The worker and one claimed mail: sending it, and recording that it was sent, is void or failed.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
	"github.com/ginauth/gin-rest-auth/models"
)

// worker sends up to config.Mail.Parallel mails concurrently.
type worker struct {
	*Outbox
	slots   chan struct{}
	running sync.WaitGroup
	sent    atomic.Int64
	emptied time.Time   // void mails written before this time no longer have bodies
	failed  func(error) // called on database errors, from several goroutines

	sending   context.Context // ends at interrupt
	interrupt context.CancelFunc
}

func (o *Outbox) newWorker(failed func(error)) *worker {
	o.worked.Store(true)
	sending, interrupt := context.WithCancel(context.Background())
	return &worker{Outbox: o, slots: make(chan struct{}, o.Mail.Parallel), failed: failed, sending: sending, interrupt: interrupt}
}

// finish sends a claimed mail and records the result.
func (w *worker) finish(ctx context.Context, m *models.OutboxMail) error {
	sending, end := w.start(w.sending, m.Kind)
	defer end()
	if m.Tries > maxTries { // the process died each time it was tried
		return w.putBack(ctx, sending, m, config.Permanent(errors.New("the process ended each time while sending it")))
	}
	now := w.Now()
	if m.Ticket != "" {
		ticket := w.Ticket(m.Kind)
		valid, err := w.Store.ProlongTicket(ctx, m.Ticket, now.Add(ticket.Link), now.Add(ticket.Code))
		if err != nil {
			return err
		}
		if !valid && ticket.Voids {
			w.tried(sending, m, models.MailVoid)
			return w.Store.CloseMail(ctx, m.ID, models.MailVoid, "the link in it was used or replaced", now)
		}
	}
	message, err := w.unseal(m)
	if err == nil {
		err = w.send(sending, message)
	}
	if err != nil {
		return w.putBack(ctx, sending, m, err)
	}
	w.sent.Add(1)
	w.tried(sending, m, models.MailSent)
	return w.noteSent(ctx, m)
}

// start calls Options.Start.
func (o *Outbox) start(ctx context.Context, kind string) (context.Context, func()) {
	if o.Start == nil {
		return ctx, func() {}
	}
	return o.Start(ctx, kind)
}

// tried calls Options.Tried.
func (o *Outbox) tried(ctx context.Context, m *models.OutboxMail, state string) {
	if o.Tried != nil {
		o.Tried(ctx, m.Kind, state)
	}
}

// noteFailed calls Options.Failed.
func (o *Outbox) noteFailed(ctx context.Context) {
	if o.Failed != nil {
		o.Failed(ctx)
	}
}

// send calls the application's mailer, which may panic or hang. If it does not return when the context ends, send leaves its
// goroutine running.
func (o *Outbox) send(ctx context.Context, m config.Message) error {
	ctx, cancel := context.WithTimeout(ctx, o.Mail.Timeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				paniclog.Log(ctx, o.Logger, p, slog.String("mail", m.Kind))
				done <- fmt.Errorf("the mailer panicked with a %T", p)
			}
		}()
		done <- o.Mail.Sender.Send(ctx, m)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // it may have returned just in time
	case err := <-done:
		return err
	case <-time.After(sendGrace):
		return fmt.Errorf("the mailer did not return within Mail.Timeout: %w", ctx.Err())
	}
}

// sendGrace is how long a mailer may take to return after the context has ended.
const sendGrace = 200 * time.Millisecond

// putBack records a failed attempt and logs it, since an unreachable mail server is visible nowhere else. The reason is for
// the operator; a mailer should keep secrets out of it.
func (w *worker) putBack(ctx, sending context.Context, m *models.OutboxMail, reason error) error {
	state, text := models.MailPending, client.Printable(reason.Error(), 500)
	if w.sending.Err() != nil && !config.IsPermanent(reason) { // not an error of the mail server
		return w.Store.ReturnMail(ctx, m, "the process was shut down while it was sent", w.Now())
	}
	level, what := slog.LevelWarn, "ginauth: a mail was not sent and will be retried"
	if m.Tries >= maxTries || config.IsPermanent(reason) {
		state = models.MailFailed
		level, what = slog.LevelError, "ginauth: a mail was given up"
	}
	w.tried(sending, m, state)
	w.Logger.LogAttrs(ctx, level, what, slog.Int64("id", m.ID), slog.String("kind", m.Kind),
		slog.Int("tries", m.Tries), slog.String("reason", text))
	return w.Store.PutMailBack(ctx, m, state, text, w.Now().Add(retryAfter(m.Tries)))
}

// noteSent records that a mail was sent. It retries while the claim lasts, because an unrecorded mail would be sent again.
func (o *Outbox) noteSent(ctx context.Context, m *models.OutboxMail) error {
	ctx, cancel := context.WithTimeout(ctx, o.Mail.Timeout)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause *= 2 {
		err := o.Store.CloseMail(ctx, m.ID, models.MailSent, "", o.Now())
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// maxTries is the maximum number of attempts for a mail, over about nine and a half hours.
const maxTries = 8

// retryAfter returns the pause after this many attempts: 1 minute to 6 hours, each 2.67 times the previous one.
func retryAfter(tries int) time.Duration {
	pause := time.Minute
	for range tries - 1 {
		pause = pause * 8 / 3
	}
	return min(pause.Truncate(time.Second), 6*time.Hour)
}
