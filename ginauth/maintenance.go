package ginauth

// Migrate and Sweep: creating missing tables, deleting expired rows.

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Migrate creates the tables, columns and indexes that are missing: auth_session,
// auth_email, auth_ticket, auth_outbox, auth_counter and the table of the user model. It
// drops and renames nothing, and may be run at every start and by several instances at once.
// It does not change existing columns of the users' table: to change one of your own, write a
// migration. On SQLite it adds no constraints to an existing users' table either.
//
// Then users that another program or an older version wrote get the keys by which they are found
// at login, in batches and without holding the lock. Users can share an address. If two share a
// name in its normal form, the older one has it; the IDs of the others are logged, and they can
// log in by their address.
func (a *Auth) Migrate(ctx context.Context) error {
	left, err := a.store.Migrate(ctx)
	if err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	if len(left) > 0 {
		a.cfg.Logger.LogAttrs(ctx, slog.LevelWarn,
			"ginauth: users share a name with an older one, or have one that is too long, and cannot log in by it; change it in these rows",
			slog.Any("ids", left))
	}
	return nil
}

// Sweep deletes expired sessions and tickets, mail records (two days after a mail was sent, 30
// days after it was given up), pending sign-ups after Config.UnconfirmedLifetime, and accounts
// whose Config.DeleteGrace is over. It returns the number of sessions. Expired rows are harmless:
// they are never accepted. [Auth.Run] calls Sweep hourly to save space. It is safe to run while
// requests are served. While another instance sweeps, Sweep does nothing and returns 0.
func (a *Auth) Sweep(ctx context.Context) (int64, error) {
	release, mine, err := a.claimSweep(ctx)
	if err != nil || !mine {
		return 0, err
	}
	defer release()
	now := a.now()
	n, err := a.store.Sweep(ctx, now, a.idleSince(now))
	if err == nil {
		err = a.store.SweepMails(ctx, now.Add(-keepSent), now.Add(-keepFailed))
	}
	for _, sweep := range a.sweeps {
		if err == nil {
			err = sweep(ctx, now)
		}
	}
	if err == nil {
		err = a.store.SweepOrphans(ctx)
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

// sweepEvery is how often Run sweeps.
const sweepEvery = time.Hour

// sweepJob names the row in auth_counter that the instance holds that sweeps. Names of counters
// are hashes, so none is equal to it.
const sweepJob = "sweep"
