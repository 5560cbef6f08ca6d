package outbox

// Rounds of the worker: finding due rows, claiming them, and waiting for those in flight.

import (
	"context"
	"fmt"
	"time"
)

// round starts sending all due rows, and returns when the last one has started. A slow one blocks one slot, not the
// others.
func (w *worker) round(ctx context.Context) error {
	now := w.Now()
	if w.Tidy != nil {
		if err := w.Tidy(ctx, w.tidied); err != nil {
			return err
		}
	}
	w.tidied = now.Add(-time.Minute) // clocks of instances differ
	for {
		due, err := w.Due(ctx, w.Now(), cap(w.slots))
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

// begin claims a row and sends it in the slot taken for it. The claim lasts longer than sending can take, so another
// instance takes the row only if this one has died.
func (w *worker) begin(ctx context.Context, j *Job) (claimed bool, err error) {
	now := w.Now()
	if claimed, err = w.Rows.Claim(ctx, &j.Attempt, now, now.Add(2*w.Timeout)); err != nil || !claimed {
		<-w.slots
		return false, err
	}
	w.running.Go(func() {
		defer func() { <-w.slots }()
		if err := w.finish(context.WithoutCancel(ctx), j); err != nil {
			w.failed(fmt.Errorf("%s %d: %w", w.Noun, j.ID, err))
		}
	})
	return true, nil
}

// wait lets rows in flight finish until the context ends.
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
