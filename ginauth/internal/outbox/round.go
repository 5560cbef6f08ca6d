package outbox

// Rounds of the worker: finding due rows, claiming them, and waiting for those in flight.

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
)

// all is round, again each time a full lane has room, until the last due row has started.
func (w *worker) all(ctx context.Context) error {
	for {
		full, err := w.round(ctx)
		if err != nil || !full {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.lanes.freed:
		}
	}
}

// round starts sending due rows, and returns when the last one has started. A slow one blocks one slot, not the
// others. full says that lanes are full, so rows of them can be left.
// A panic, such as in a hook of GORM, is an error: it must not end the process.
func (w *worker) round(ctx context.Context) (full bool, err error) {
	defer paniclog.Into(ctx, w.Logger, &err, slog.String("in", "the search for a "+w.Noun))
	now := w.Now()
	if w.Tidy != nil {
		if err := w.Tidy(ctx, w.tidied); err != nil {
			return false, err
		}
	}
	w.tidied = now.Add(-time.Minute) // clocks of instances differ
	if err := w.recall(ctx, now); err != nil {
		return false, err
	}
	for {
		without := w.lanes.full()
		due, err := w.Due(ctx, w.Now(), w.Parallel, without)
		if err != nil || len(due) == 0 {
			return len(without) > 0, err
		}
		claimed := 0
		for i := range due {
			mine, err := w.begin(ctx, &due[i])
			if err != nil {
				return false, err
			}
			if mine {
				claimed++
			}
		}
		if claimed == 0 { // other instances claimed all of them
			return len(w.lanes.full()) > 0, nil
		}
	}
}

// recall brings back rows that a clock put off because it was ahead. It looks once a minute for rows without an attempt, which are due now. A row with
// an attempt can be in flight at an instance whose clock is still ahead, so recall looks for those only when the worker starts, and when the clock of
// this process went back. Their next attempt is one usual pause from now, but not before the one in flight has ended.
func (w *worker) recall(ctx context.Context, now time.Time) error {
	since := now.Sub(w.recalled)
	if since >= 0 && since < time.Minute {
		return nil
	}
	err := w.Rows.RecallNew(ctx, now)
	if err == nil && (w.recalled.IsZero() || since < 0) {
		claim := 2 * w.Timeout
		err = w.Rows.RecallTried(ctx, now.Add(max(retryAfter(maxTries), claim)), func(tries int) time.Time {
			return now.Add(max(retryAfter(tries), claim))
		})
	}
	if err == nil {
		w.recalled = now
	}
	return err
}

// enter waits for a slot. It reports false if the lane of the row is full.
func (w *worker) enter(ctx context.Context, j *Job) (bool, error) {
	if w.Lanes && !w.lanes.enter(j.Lane) {
		return false, nil
	}
	select {
	case <-ctx.Done():
		w.leaveLane(j)
		return false, ctx.Err()
	case w.slots <- struct{}{}:
		return true, nil
	}
}

// leave gives the slot back.
func (w *worker) leave(j *Job) {
	<-w.slots
	w.leaveLane(j)
}

func (w *worker) leaveLane(j *Job) {
	if w.Lanes {
		w.lanes.leave(j.Lane)
	}
}

// begin claims a row and sends it, if its lane has a slot. The claim lasts longer than sending can take, so another
// instance takes the row only if this one has died.
func (w *worker) begin(ctx context.Context, j *Job) (claimed bool, err error) {
	if entered, err := w.enter(ctx, j); err != nil || !entered {
		return false, err
	}
	defer func() {
		if !claimed { // also after a panic
			w.leave(j)
		}
	}()
	now := w.Now()
	if claimed, err = w.Rows.Claim(ctx, &j.Attempt, now, now.Add(2*w.Timeout)); err != nil || !claimed {
		return false, err
	}
	w.running.Go(func() {
		defer w.leave(j)
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
