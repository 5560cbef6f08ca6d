package upkeep

// Sweeps: one instance at a time, on request or hourly.

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/paniclog"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

const (
	every      = time.Hour
	keepNobody = time.Hour      // longer than clocks of instances differ
	keepSent   = 48 * time.Hour // longer than mails are counted and retried
	keepFailed = 30 * 24 * time.Hour
)

// job is the name of the row in auth_counter that the sweeping instance holds. Other counters have hashes as names, so none
// can have the same name.
const job = "sweep"

// Sweep deletes expired rows unless another instance is doing so. It returns the number of deleted sessions.
func (u Upkeep) Sweep(ctx context.Context) (n int64, err error) {
	defer paniclog.Into(ctx, u.Config.Logger, &err, slog.String("in", "a sweep")) // such as a callback of GORM, while it claims the job
	now, began := u.Now(), time.Now()
	release, mine, err := u.claim(ctx, now)
	if err == nil && !mine {
		return 0, nil
	}
	defer func() { u.Swept(ctx, time.Since(began), err) }()
	if err != nil {
		return 0, err
	}
	defer release()
	return u.sweep(ctx, now)
}

// sweep deletes what has expired. A panic, such as in a hook of GORM or the Sweep of a feature, is an error: it must not end the process.
func (u Upkeep) sweep(ctx context.Context, now time.Time) (n int64, err error) {
	defer paniclog.Into(ctx, u.Config.Logger, &err, slog.String("in", "a sweep"))
	n, err = u.Store.Sweep(ctx, now, u.IdleSince(now))
	if err == nil {
		err = u.Store.SweepMails(ctx, now.Add(-keepNobody), now.Add(-keepSent), now.Add(-keepFailed))
	}
	for _, sweep := range u.Sweeps {
		if err == nil {
			err = sweep(ctx, now)
		}
	}
	if err == nil {
		err = u.Store.SweepOrphans(ctx)
	}
	if err != nil {
		return n, fmt.Errorf("ginauth: sweep: %w", err)
	}
	return n, nil
}

// claim makes sure that only one instance sweeps at a time. The claim of an instance that died expires after an hour. A
// sweep that takes longer may overlap with the next one, which is harmless.
func (u Upkeep) claim(ctx context.Context, now time.Time) (release func(), mine bool, err error) {
	holder, err := store.NewHolder(u.Config.Rand)
	if err != nil {
		return nil, false, respond.ErrInternal.Because(err)
	}
	mine, err = u.Store.Claim(ctx, job, holder, now, now.Add(every))
	if err != nil {
		return nil, false, fmt.Errorf("ginauth: sweep: %w", err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = u.Store.Release(ctx, job, holder) // otherwise it expires
	}, mine, nil
}

// hourly sweeps at once and then every hour, until the context ends, and logs errors.
func (u Upkeep) hourly(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if _, err := u.Sweep(ctx); err != nil && ctx.Err() == nil {
			u.Config.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the database failed a sweep; expired rows stay until the next one",
				slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}
