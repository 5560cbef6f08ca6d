package outbox

// Rounds of the worker: finding due mails, claiming them, and waiting for those in flight.

import (
	"context"
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// round starts sending all due mails, and returns when the last one has started. A slow mail blocks one slot, not the
// others.
func (w *worker) round(ctx context.Context) error {
	now := w.Now()
	if err := w.Store.EmptyVoid(ctx, w.emptied); err != nil {
		return err
	}
	w.emptied = now.Add(-time.Minute) // clocks of instances differ
	for {
		due, err := w.Store.DueMails(ctx, w.Now(), cap(w.slots))
		if err != nil || len(due) == 0 {
			return err
		}
		claimed := 0
		for i := range due {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case w.slots <- struct{}{}:
			}
			mine, err := w.begin(ctx, &due[i])
			if err != nil {
				return err
			}
			if mine {
				claimed++
			}
		}
		if claimed == 0 { // other instances claimed all of them
			return nil
		}
	}
}

// begin claims a mail and sends it in the slot taken for it. The claim lasts longer than sending can take, so another
// instance takes the mail only if this one has died.
func (w *worker) begin(ctx context.Context, m *models.OutboxMail) (claimed bool, err error) {
	now := w.Now()
	if claimed, err = w.Store.ClaimMail(ctx, m, now, now.Add(2*w.Mail.Timeout)); err != nil || !claimed {
		<-w.slots
		return false, err
	}
	w.running.Go(func() {
		defer func() { <-w.slots }()
		if err := w.finish(context.WithoutCancel(ctx), m); err != nil {
			w.failed(fmt.Errorf("mail %d: %w", m.ID, err))
		}
	})
	return true, nil
}

// wait lets mails in flight finish until the context ends.
func (w *worker) wait(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		w.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
