package upkeep

// Running and printing migrations.

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// Migrate runs the pending migrations.
func (u Upkeep) Migrate(ctx context.Context) error {
	left, err := u.Store.Migrate(ctx, u.Migrations)
	if err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	if len(left) > 0 {
		u.Config.Logger.LogAttrs(ctx, slog.LevelWarn,
			"ginauth: users cannot log in by name, because an older user has the same name or the name is too long; give these rows another username",
			slog.Any("ids", left))
	}
	return nil
}

// PendingMigrations returns the IDs of the migrations that have not run.
func (u Upkeep) PendingMigrations(ctx context.Context) ([]string, error) {
	ids, err := u.Store.Pending(ctx, u.Migrations)
	if err != nil {
		return nil, fmt.Errorf("ginauth: pending migrations: %w", err)
	}
	return ids, nil
}

// MigrationSQL writes the statements of the pending migrations. It changes nothing.
func (u Upkeep) MigrationSQL(ctx context.Context, w io.Writer) error {
	if err := u.Store.MigrationSQL(ctx, u.Migrations, w); err != nil {
		return fmt.Errorf("ginauth: print migrations: %w", err)
	}
	return nil
}
