package core

// Run: the outbox and the hourly sweep, as one call.

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Run implements the method Run of ginauth.Auth, which documents it.
func (c *Core) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { c.sweepHourly(ctx) })
	if c.mails != nil {
		running.Go(func() { _ = c.RunOutbox(ctx) }) // ErrNoMailer is its only error
	}
	running.Wait()
	return nil
}

func (c *Core) sweepHourly(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if _, err := c.Sweep(ctx); err != nil && ctx.Err() == nil {
			c.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed a sweep; expired rows stay until the next one",
				slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}
