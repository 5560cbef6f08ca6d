package store

// The lock of Migrate. It ends with its transaction or, on MySQL, expires.

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

const (
	lockName = "gin-rest-auth migrate "
	// claimJob is the name of the row in auth_counter that the migrating instance holds, on MySQL.
	claimJob = "migrate"
	// claimFor is how long an instance that died blocks others from migrating. It is shorter than their default wait.
	claimFor = 6 * time.Second
	// idleFor is how long a holder of PostgreSQL's lock may be idle before the database ends its transaction.
	idleFor = 30 * time.Second
)

// exclusively runs work that only one instance may do at a time. The context waiting limits how long it waits for others.
// Its deadline, until, is also the time by which all locks must be taken; the work itself may take longer. On PostgreSQL,
// each transaction takes the lock, see lockMigration. SQLite has one writer. MySQL commits a change of a table at once, so
// the lock is a row that expires by the database's clock.
func (s *Store) exclusively(ctx, waiting context.Context, run func(until time.Time) error) error {
	until, _ := waiting.Deadline()
	if s.Kind() != "mysql" {
		return run(until)
	}
	holder, err := NewHolder(rand.Reader)
	if err != nil {
		return err
	}
	if err := s.createCounters(waiting); err != nil {
		return err
	}
	if err := s.waitToMigrate(waiting, holder); err != nil {
		return err
	}
	defer s.keepClaim(ctx, holder)()
	return run(until)
}

// waitToMigrate waits until holder has the claim. The context may end in the middle of a statement; its error then still says
// that another instance has the claim, if one had it before.
func (s *Store) waitToMigrate(ctx context.Context, holder int64) error {
	for taken := false; ; taken = true {
		mine, err := s.claimMigration(ctx, holder)
		if mine {
			return nil
		}
		if err != nil && (!taken || ctx.Err() == nil) {
			return err
		}
		if err != nil || !sleep(ctx, 100*time.Millisecond) {
			return fmt.Errorf("another instance is still migrating: %w", context.Cause(ctx))
		}
	}
}

func (s *Store) claimMigration(ctx context.Context, holder int64) (bool, error) {
	now, err := s.Clock(ctx)
	if err != nil {
		return false, err
	}
	return s.Claim(ctx, claimJob, holder, now, now.Add(claimFor))
}

// keepClaim renews a claim until it is released. A pool of one connection has no connection left for that: then another
// instance can run the same migration as well, which migrations on MySQL must tolerate anyway.
func (s *Store) keepClaim(ctx context.Context, holder int64) (release func()) {
	renewing, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		defer func() { _ = recover() }() // of a hook of GORM: the claim expires, and the migration itself meets the hook as well
		for sleep(renewing, claimFor/3) {
			_, _ = s.claimMigration(renewing, holder)
		}
	})
	return func() {
		stop()
		done.Wait()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = s.Release(ctx, claimJob, holder) // otherwise it expires
	}
}

// createCounters creates the table that holds the claim.
func (s *Store) createCounters(ctx context.Context) error {
	db := s.db.WithContext(ctx)
	if db.Migrator().HasTable(&models.Counter{}) {
		return nil
	}
	db, err := s.inUTF8(db)
	if err == nil {
		err = db.Migrator().CreateTable(&models.Counter{})
	}
	if s.faster(err) {
		return nil
	}
	return err
}

// lockMigration makes a transaction on PostgreSQL the only one that migrates, and limits how long it waits for that and for
// table locks. All settings end with the transaction, so that nothing stays on a connection of a pooler. On MySQL, restore
// resets them.
func (tx *Tx) lockMigration(until time.Time) (restore func(), err error) {
	wait := max(time.Until(until), time.Second)
	switch tx.store.Kind() {
	case "postgres":
		for _, q := range [][]any{
			{"SELECT set_config('lock_timeout', ?, true)", fmt.Sprint(wait.Milliseconds())},
			{"SELECT set_config('idle_in_transaction_session_timeout', ?, true)", fmt.Sprint(idleFor.Milliseconds())},
			{"SELECT pg_advisory_xact_lock(hashtext(? || COALESCE(CURRENT_SCHEMA(), '')))", lockName}, // other schemas do not wait
		} {
			if err := tx.db.Exec(q[0].(string), q[1:]...).Error; err != nil {
				return nil, err
			}
		}
	case "mysql":
		var before int64
		if err := tx.db.Raw("SELECT @@lock_wait_timeout").Scan(&before).Error; err != nil {
			return nil, err
		}
		set := func(ctx context.Context, seconds int64) error {
			return tx.db.WithContext(ctx).Exec("SET SESSION lock_wait_timeout = ?", seconds).Error
		}
		ctx := tx.db.Statement.Context
		return func() { _ = set(context.WithoutCancel(ctx), before) }, set(ctx, int64(wait/time.Second))
	}
	return func() {}, nil
}

// faster reports whether MySQL rejected a change because another instance had just made it. A claim expires during the work
// if its holder cannot renew it. On a Galera cluster, a change on another node aborts the transaction here, and GORM's
// Migrator treats the error of a query as "no".
func (s *Store) faster(err error) bool {
	return s.Kind() == "mysql" && says(err, []string{"Error 1050 (", "Error 1060 (", "Error 1061 (", "Error 1091 ("}) // table, column, index; DROP
}
