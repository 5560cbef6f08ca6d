// Package upkeep deletes expired rows, in one instance at a time.
package upkeep

// A sweep, and the hourly ones.

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

const (
	every      = time.Hour
	keepSent   = 48 * time.Hour // longer than mails are counted and retried
	keepFailed = 30 * 24 * time.Hour
)

// job names the row in auth_counter that the instance holds that sweeps. Names of counters
// are hashes, so none is equal to it.
const job = "sweep"

// Sweeper has what one sweep needs.
type Sweeper struct {
	Store *store.Store
	Rand  io.Reader
	Now   time.Time
	Idle  time.Time                                // sessions that were not seen after it are deleted
	Also  []func(context.Context, time.Time) error // what features delete
}

// Sweep deletes expired rows, unless another instance does, and returns how many sessions there were.
func (s Sweeper) Sweep(ctx context.Context) (int64, error) {
	release, mine, err := s.claim(ctx)
	if err != nil || !mine {
		return 0, err
	}
	defer release()
	n, err := s.Store.Sweep(ctx, s.Now, s.Idle)
	if err == nil {
		err = s.Store.SweepMails(ctx, s.Now.Add(-keepSent), s.Now.Add(-keepFailed))
	}
	for _, sweep := range s.Also {
		if err == nil {
			err = sweep(ctx, s.Now)
		}
	}
	if err == nil {
		err = s.Store.SweepOrphans(ctx)
	}
	if err != nil {
		return n, fmt.Errorf("ginauth: sweep: %w", err)
	}
	return n, nil
}

// claim makes sure that one instance sweeps at a time. The claim of an instance that died
// ends after an hour; a sweep that takes longer may overlap with the next one, which is harmless.
func (s Sweeper) claim(ctx context.Context) (release func(), mine bool, err error) {
	holder, err := store.NewHolder(s.Rand)
	if err != nil {
		return nil, false, respond.ErrInternal.Because(err)
	}
	mine, err = s.Store.Claim(ctx, job, holder, s.Now, s.Now.Add(every))
	if err != nil {
		return nil, false, fmt.Errorf("ginauth: sweep: %w", err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = s.Store.Release(ctx, job, holder) // else it ends by itself
	}, mine, nil
}

// Hourly calls sweep at once and then every hour, until the context ends, and logs its errors.
func Hourly(ctx context.Context, sweep func(context.Context) (int64, error), logger *slog.Logger) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if _, err := sweep(ctx); err != nil && ctx.Err() == nil {
			logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed a sweep; expired rows stay until the next one",
				slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}
