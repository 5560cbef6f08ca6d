package outbox

// The worker and one claimed row: sending it, and recording that it was sent, is void or failed.

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

// worker sends up to Parallel rows concurrently, or as many in each lane.
type worker struct {
	*Queue
	slots   chan struct{}
	lanes   lanes
	running sync.WaitGroup
	sent    atomic.Int64
	failed  func(error) // called on database errors, from several goroutines

	tidied   time.Time // the time of the last round, for Tidy
	recalled time.Time // when recall last looked

	sending   context.Context // ends at interrupt
	interrupt context.CancelFunc
}

func (q *Queue) newWorker(failed func(error)) *worker {
	q.worked.Store(true)
	sending, interrupt := context.WithCancel(context.Background())
	slots := q.Parallel
	if q.Lanes {
		slots *= maxLanes
	}
	return &worker{
		Queue: q, slots: make(chan struct{}, slots), lanes: lanes{most: q.Parallel, freed: make(chan struct{}, 1)}, failed: failed,
		sending: sending, interrupt: interrupt,
	}
}

// finish sends a claimed row and records the result. A panic is a failed attempt. If recording that panics as well, the row is due again
// when its claim ends.
func (w *worker) finish(ctx context.Context, j *Job) (err error) {
	defer paniclog.Into(ctx, w.Logger, &err, slog.String(w.Noun, j.Kind))
	var panicked error
	func() {
		defer paniclog.Into(ctx, w.Logger, &panicked, slog.String(w.Noun, j.Kind))
		err = w.attempt(ctx, j)
	}()
	if panicked != nil {
		return w.putBack(ctx, w.sending, j, panicked)
	}
	return err
}

// attempt is finish without the recovery from panics.
func (w *worker) attempt(ctx context.Context, j *Job) error {
	sending, end := w.start(w.sending, j.Kind)
	defer end()
	if j.Tries > maxTries { // the process died each time it was tried
		return w.putBack(ctx, sending, j, config.Permanent(errors.New("each time, the process ended or a panic happened while sending it")))
	}
	if j.Void != nil {
		reason, err := j.Void(ctx)
		if err != nil {
			return err
		}
		if reason != "" {
			w.tried(sending, j, models.MailVoid)
			return w.Rows.Close(ctx, j.ID, models.MailVoid, reason, w.Now())
		}
	}
	if err := w.send(sending, j); err != nil {
		return w.putBack(ctx, sending, j, err)
	}
	w.sent.Add(1)
	w.tried(sending, j, models.MailSent)
	return w.noteSent(ctx, j)
}

// start calls QueueOptions.Start.
func (q *Queue) start(ctx context.Context, kind string) (context.Context, func()) {
	if q.Start == nil {
		return ctx, func() {}
	}
	return q.Start(ctx, kind)
}

// tried calls QueueOptions.Tried.
func (q *Queue) tried(ctx context.Context, j *Job, state string) {
	if q.Tried != nil {
		q.Tried(ctx, j.Kind, state)
	}
}

// noteFailed calls QueueOptions.Failed.
func (q *Queue) noteFailed(ctx context.Context) {
	if q.Failed != nil {
		q.Failed(ctx)
	}
}

// send calls code of the application, which may panic or hang. If it does not return when the context ends, send leaves its
// goroutine running.
func (q *Queue) send(ctx context.Context, j *Job) error {
	ctx, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				paniclog.Log(ctx, q.Logger, p, slog.String(q.Noun, j.Kind))
				done <- fmt.Errorf("%s panicked with a %T", q.Sender, p)
			}
		}()
		done <- j.Send(ctx)
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
		return fmt.Errorf("%s did not return within %v: %w", q.Sender, q.Timeout, ctx.Err())
	}
}

// sendGrace is how long the code may take to return after the context has ended.
const sendGrace = 200 * time.Millisecond

// putBack records a failed attempt and logs it, since an unreachable server is visible nowhere else. The reason is for the
// operator; a mailer should keep secrets out of it.
func (w *worker) putBack(ctx, sending context.Context, j *Job, reason error) error {
	state, text := models.MailPending, client.Printable(reason.Error(), 500)
	if w.sending.Err() != nil && !config.IsPermanent(reason) { // not an error of the server
		return w.Rows.Return(ctx, j.Attempt, "the process was shut down while it was sent", w.Now())
	}
	level, what := slog.LevelWarn, "ginauth: a "+w.Noun+" was not sent and will be retried"
	if j.Tries >= maxTries || config.IsPermanent(reason) {
		state = models.MailFailed
		level, what = slog.LevelError, "ginauth: a "+w.Noun+" was given up"
	}
	w.tried(sending, j, state)
	w.Logger.LogAttrs(ctx, level, what, slog.Int64("id", j.ID), slog.String("kind", j.Kind),
		slog.Int("tries", j.Tries), slog.String("reason", text))
	return w.Rows.PutBack(ctx, j.Attempt, state, text, w.Now().Add(retryAfter(j.Tries)))
}

// noteSent records that a row was sent. It retries while the claim lasts, because an unrecorded one would be sent again. A panic is retried
// as an error is.
func (q *Queue) noteSent(ctx context.Context, j *Job) error {
	ctx, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	record := func() (err error) {
		defer paniclog.Into(ctx, q.Logger, &err, slog.String(q.Noun, j.Kind))
		return q.Rows.Close(ctx, j.ID, models.MailSent, "", q.Now())
	}
	for pause := 10 * time.Millisecond; ; pause *= 2 {
		err := record()
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

// maxTries is the maximum number of attempts for a row, over about nine and a half hours.
const maxTries = 8

// retryAfter returns the pause after this many attempts: 1 minute to 6 hours, each 2.67 times the previous one.
func retryAfter(tries int) time.Duration {
	pause := time.Minute
	for range tries - 1 {
		pause = pause * 8 / 3
	}
	return min(pause.Truncate(time.Second), 6*time.Hour)
}
