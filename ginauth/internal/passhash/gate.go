package passhash

import (
	"context"
	"sync/atomic"
	"time"
)

type counterKey struct{}

// Counted returns a context in which each hash with the current parameters adds one to n, so that a test can check that a
// caller does equal work for known and unknown users (T002). Hashes of another algorithm or strength do not count.
func Counted(ctx context.Context, n *atomic.Int64) context.Context {
	return context.WithValue(ctx, counterKey{}, n)
}

// count adds to what Counted counts.
func count(ctx context.Context, hashes int) {
	if n, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		n.Add(int64(hashes))
	}
}

// enter takes a hashing slot, waiting at most params.Wait. An argon2 hash takes megabytes, so the number of slots limits the
// memory of a login storm (T020). For a client that disconnected while waiting, nothing is computed (T021).
func (h *Hasher) enter(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case h.slots <- struct{}{}:
	default:
		if err := h.queue(ctx); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		<-h.slots
		return nil, err
	}
	return func() { <-h.slots }, nil
}

func (h *Hasher) queue(ctx context.Context) error {
	timer := time.NewTimer(h.params.Wait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}
