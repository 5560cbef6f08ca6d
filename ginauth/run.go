package ginauth

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// sweepEvery is how often Run sweeps.
const sweepEvery = time.Hour

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

// sweepJob names the row in auth_counter that the instance holds that sweeps. Names of counters
// are hashes, so none is equal to it.
const sweepJob = "sweep"

// claimSweep makes sure that one instance sweeps at a time. The claim of an instance that died
// ends after an hour; a sweep that takes longer may overlap with the next one, which is harmless.
func (a *Auth) claimSweep(ctx context.Context) (release func(), mine bool, err error) {
	var random [8]byte
	if _, err := io.ReadFull(a.cfg.Rand, random[:]); err != nil {
		return nil, false, errInternal.Because(err)
	}
	holder, now := int64(binary.BigEndian.Uint64(random[:])>>1), a.now()
	mine, err = a.store.Claim(ctx, sweepJob, holder, now, now.Add(sweepEvery))
	if err != nil {
		return nil, false, fmt.Errorf("ginauth: sweep: %w", err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = a.store.Release(ctx, sweepJob, holder) // else it ends by itself
	}, mine, nil
}
