package store

// Rate limits: the state of buckets, changed by single statements.

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/models"
)

// TakeLimits implements ratelimit.Store by one statement. On a Galera cluster it has a transaction around it: a node runs a statement
// without one again if another node was faster (wsrep_retry_autocommit), although it has sent the rows of the first run. The driver then
// reads the rows of both, or waits for more of them, whatever the deadline.
func (s *Store) TakeLimits(ctx context.Context, now int64, by string, buckets []ratelimit.Bucket) ([]ratelimit.Taken, error) {
	sorted := slices.Clone(buckets) // all transactions lock rows in the same order
	slices.SortFunc(sorted, func(a, b ratelimit.Bucket) int { return strings.Compare(a.Name, b.Name) })
	values, attempt := make([]any, 0, limitColumns*len(sorted)), any(by)
	for _, b := range sorted {
		first, _ := b.Rule.Take(ratelimit.State{}, now, by)
		values = append(values, b.Name, b.Kind, attempt, first.Count, first.Until, b.Rule.Expires(first, now))
	}
	texts, taken := s.limitTexts(sorted), make([]ratelimit.Taken, len(buckets))
	take := func(r runner) error {
		return r.each(&texts.take, func(rows *sql.Rows) error {
			var row models.Limit
			if err := rows.Scan(&row.Name, &row.TakenBy, &row.Attempts, &row.NotBefore); err != nil {
				return err
			}
			i := slices.IndexFunc(buckets, func(b ratelimit.Bucket) bool { return b.Name == row.Name })
			taken[i] = ratelimit.Taken{OK: row.TakenBy == by, State: ratelimit.State{Until: row.NotBefore, Count: row.Attempts, By: row.TakenBy}}
			return nil
		}, values...)
	}
	if s.inCluster(ctx) {
		return taken, s.Tx(ctx, func(tx *Tx) error { return take(tx.runner()) })
	}
	return taken, s.retry(ctx, func() error { return take(s.runner(ctx)) })
}

// GiveLimits implements ratelimit.Store by one statement.
func (s *Store) GiveLimits(ctx context.Context, now int64, by string, given []ratelimit.Given) error {
	return s.retry(ctx, func() error { return s.give(s.runner(ctx), now, by, given) })
}

// GiveLimits takes attempts back within the transaction.
func (tx *Tx) GiveLimits(now int64, by string, given []ratelimit.Given) error {
	return tx.store.give(tx.runner(), now, by, given)
}

// give upserts, so that each bucket has a row of values. A row that is inserted is of a bucket that was swept, and counts nothing.
func (s *Store) give(r runner, now int64, by string, given []ratelimit.Given) error {
	sorted := slices.Clone(given)
	slices.SortFunc(sorted, func(a, b ratelimit.Given) int { return strings.Compare(a.Bucket.Name, b.Bucket.Name) })
	buckets, values, attempt, at := make([]ratelimit.Bucket, len(sorted)), make([]any, 0, limitColumns*len(sorted)), any(by), any(now)
	for i, g := range sorted {
		buckets[i] = g.Bucket
		values = append(values, g.Bucket.Name, g.Bucket.Kind, attempt, 0, at, -g.N)
	}
	return r.insert(&s.limitTexts(buckets).give, values...)
}

// SweepLimits deletes the state of buckets that is not needed any more.
func (s *Store) SweepLimits(ctx context.Context, now int64) error {
	_, err := deleteBatches[string](ctx, s, &models.Limit{}, "name", func(db *gorm.DB) *gorm.DB { return db.Where("expires_at <= ?", now) })
	return err
}
