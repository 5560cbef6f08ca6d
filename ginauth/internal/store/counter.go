package store

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/models"
)

// Count adds to what is counted under a name within a window, and returns how much there is.
// Until the transaction ends, others that count the same wait. It should come first, with 0 if
// need be: what is read after it is then up to date on every database.
func (tx *Tx) Count(name string, add int64, now time.Time, window time.Duration) (int64, error) {
	c := models.Counter{Name: name, Count: add, ResetAt: now.Add(window)}
	over := func(anew, old any) clause.Expr {
		return gorm.Expr("CASE WHEN auth_counter.reset_at <= ? THEN ? ELSE ? END", now, anew, old)
	}
	err := tx.db.Clauses(clause.OnConflict{ // columns in this order, since MySQL takes one after the other
		Columns: []clause.Column{{Name: "name"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "count"}, Value: over(add, gorm.Expr("auth_counter.count + ?", add))},
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
	_, err := tx.Count(name, 0, now, time.Hour)
	return err
}
