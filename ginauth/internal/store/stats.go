package store

// Numbers of rows, for metrics.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// Sizes are numbers of rows.
type Sizes struct {
	Sessions int64 // sessions and personal tokens before their ExpiresAt
	Tickets  int64 // tickets that are neither used nor expired
	Limits   int64 // buckets
}

// Sizes counts rows. Of sessions it reads the index on expires_at only: with last_seen_at, it would read each row.
func (s *Store) Sizes(ctx context.Context, now time.Time) (n Sizes, err error) {
	for _, count := range []struct {
		n     *int64
		table string
		where string
		args  []any
	}{
		{&n.Sessions, sessions, "expires_at > ?", []any{now}},
		{&n.Tickets, models.Ticket{}.TableName(), "used_at IS NULL AND expires_at > ?", []any{now}},
		{&n.Limits, models.Limit{}.TableName(), "1 = 1", nil},
	} {
		err := s.retry(ctx, func() error {
			return s.db.WithContext(ctx).Table(count.table).Where(count.where, count.args...).Count(count.n).Error
		})
		if err != nil {
			return Sizes{}, wrap("count "+count.table, err)
		}
	}
	return n, nil
}
