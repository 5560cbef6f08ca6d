package ginauth

// Run: the outbox and the hourly sweep, as one call.

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Run does the library's background work until the context ends, then returns nil: it sends
// mails as [Auth.RunOutbox] does, if Config.Mail has a Sender, and calls [Auth.Sweep] at the
// start and every hour. Failures are logged. Run it beside the server, in one instance or in
// all of them:
//
//	go func() { _ = auth.Run(ctx) }()
//
// When the context ends, Run lets mails in flight finish for at most Mail.ShutdownTimeout. Wait
// for it before you close the database.
func (a *Auth) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { a.sweepHourly(ctx) })
	if a.mails != nil {
		running.Go(func() { _ = a.RunOutbox(ctx) }) // ErrNoMailer is its only error
	}
	running.Wait()
	return nil
}

func (a *Auth) sweepHourly(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if _, err := a.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed a sweep; expired rows stay until the next one",
				slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}
