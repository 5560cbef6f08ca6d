package store

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/models"
)

// Count counts one more of the name within a window, and returns how many there are. Until
// the transaction ends, others that count the same wait. It should come first: what is read
// after it is then up to date on every database.
func (tx *Tx) Count(name string, now time.Time, window time.Duration) (int64, error) {
	c := models.Counter{Name: name, Count: 1, ResetAt: now.Add(window)}
	over := func(anew, old any) clause.Expr {
		return gorm.Expr("CASE WHEN auth_counter.reset_at <= ? THEN ? ELSE ? END", now, anew, old)
	}
	err := tx.db.Clauses(clause.OnConflict{ // columns in this order, since MySQL takes one after the other
		Columns: []clause.Column{{Name: "name"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "count"}, Value: over(1, gorm.Expr("auth_counter.count + 1"))},
			{Column: clause.Column{Name: "reset_at"}, Value: over(c.ResetAt, gorm.Expr("auth_counter.reset_at"))},
		},
	}).Create(&c).Error
	if err != nil {
		return 0, err
	}
	var row models.Counter
	err = tx.db.Where("name = ?", name).Limit(1).Find(&row).Error
	return row.Count, err
}

// Lock makes transactions that name the same thing wait for each other.
func (tx *Tx) Lock(name string, now time.Time) error {
	_, err := tx.Count(name, now, time.Hour)
	return err
}
