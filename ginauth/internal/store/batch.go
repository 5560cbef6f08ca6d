package store

// Deleting many rows.

import (
	"context"

	"gorm.io/gorm"
)

// sweepBatch is how many rows one statement of a sweep deletes at most.
const sweepBatch = 500

// deleteBatches deletes the rows of a model that a condition selects, in batches so that no lock is held for long, and returns
// how many. K is the type of the column key, which identifies a row.
func deleteBatches[K any](ctx context.Context, s *Store, model any, key string, which func(*gorm.DB) *gorm.DB) (total int64, err error) {
	for {
		var keys []K
		var deleted int64
		err := s.retry(ctx, func() error {
			db := s.db.WithContext(ctx)
			if err := which(db.Model(model)).Limit(sweepBatch).Pluck(key, &keys).Error; err != nil || len(keys) == 0 {
				return err
			}
			r := which(db.Where(key+" IN ?", keys)).Delete(model) // a row may be in use again
			deleted = r.RowsAffected
			return r.Error
		})
		if total += deleted; err != nil || len(keys) < sweepBatch {
			return total, err
		}
	}
}
