package store

// Numbers of rows, for metrics.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// Sizes are numbers of rows.
type Sizes struct {
	Sessions int64 // sessions, without personal tokens, that have not expired by the time of the count
	Tickets  int64 // tickets that are neither used nor expired
	Limits   int64 // buckets
}

// Sizes counts rows, of sessions those that were seen after idleSince.
func (s *Store) Sizes(ctx context.Context, now, idleSince time.Time) (n Sizes, err error) {
	for _, count := range []struct {
		n     *int64
		table string
		where string
		args  []any
	}{
		{&n.Sessions, sessions, "personal = ? AND expires_at > ? AND last_seen_at > ?", []any{false, now, idleSince}},
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
