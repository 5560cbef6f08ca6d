package core

// Migrate and what it would do, and Sweep.

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Migrate implements the method Migrate of ginauth.Auth, which documents it.
func (c *Core) Migrate(ctx context.Context) error {
	left, err := c.store.Migrate(ctx, c.migrations)
	if err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	if len(left) > 0 {
		c.cfg.Logger.LogAttrs(ctx, slog.LevelWarn,
			"ginauth: users share a name with an older one, or have one that is too long, and cannot log in by it; change it in these rows",
			slog.Any("ids", left))
	}
	return nil
}

// PendingMigrations implements the method PendingMigrations of ginauth.Auth, which documents it.
func (c *Core) PendingMigrations(ctx context.Context) ([]string, error) {
	ids, err := c.store.Pending(ctx, c.migrations)
	if err != nil {
		return nil, fmt.Errorf("ginauth: pending migrations: %w", err)
	}
	return ids, nil
}

// MigrationSQL implements the method MigrationSQL of ginauth.Auth, which documents it.
func (c *Core) MigrationSQL(ctx context.Context, w io.Writer) error {
	if err := c.store.MigrationSQL(ctx, c.migrations, w); err != nil {
		return fmt.Errorf("ginauth: print migrations: %w", err)
	}
	return nil
}

// Sweep implements the method Sweep of ginauth.Auth, which documents it.
func (c *Core) Sweep(ctx context.Context) (int64, error) {
	release, mine, err := c.claimSweep(ctx)
	if err != nil || !mine {
		return 0, err
	}
	defer release()
	now := c.Now()
	n, err := c.store.Sweep(ctx, now, c.idleSince(now))
	if err == nil {
		err = c.store.SweepMails(ctx, now.Add(-keepSent), now.Add(-keepFailed))
	}
	for _, sweep := range c.sweeps {
		if err == nil {
			err = sweep(ctx, now)
		}
	}
	if err == nil {
		err = c.store.SweepOrphans(ctx)
	}
	if err != nil {
		return n, fmt.Errorf("ginauth: sweep: %w", err)
	}
	return n, nil
}

const (
	keepSent   = 48 * time.Hour // longer than mails are counted and retried
	keepFailed = 30 * 24 * time.Hour
)

// claimSweep makes sure that one instance sweeps at a time. The claim of an instance that died
// ends after an hour; a sweep that takes longer may overlap with the next one, which is harmless.
func (c *Core) claimSweep(ctx context.Context) (release func(), mine bool, err error) {
	var random [8]byte
	if _, err := io.ReadFull(c.cfg.Rand, random[:]); err != nil {
		return nil, false, ErrInternal.Because(err)
	}
	holder, now := int64(binary.BigEndian.Uint64(random[:])>>1), c.Now()
	mine, err = c.store.Claim(ctx, sweepJob, holder, now, now.Add(sweepEvery))
	if err != nil {
		return nil, false, fmt.Errorf("ginauth: sweep: %w", err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = c.store.Release(ctx, sweepJob, holder) // else it ends by itself
	}, mine, nil
}

// sweepEvery is how often Run sweeps.
const sweepEvery = time.Hour

// sweepJob names the row in auth_counter that the instance holds that sweeps. Names of counters
// are hashes, so none is equal to it.
const sweepJob = "sweep"
