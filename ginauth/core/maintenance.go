package core

// Migrate and what it would do, Sweep, and Run: the outbox and the hourly sweep as one call.

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/upkeep"
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
	now := c.Now()
	return upkeep.Sweeper{Store: c.store, Rand: c.cfg.Rand, Now: now, Idle: c.idleSince(now), Also: c.sweeps}.Sweep(ctx)
}

// Run implements the method Run of ginauth.Auth, which documents it.
func (c *Core) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { upkeep.Hourly(ctx, c.Sweep, c.cfg.Logger) })
	if c.mails != nil {
		running.Go(func() { _ = c.RunOutbox(ctx) }) // ErrNoMailer is its only error
	}
	running.Wait()
	return nil
}
