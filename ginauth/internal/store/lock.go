package store

// Locks: transactions with the same name, or of the same user, wait for each other.

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/models"
)

// Lock makes transactions with the same name wait for each other. It changes a counter, since nodes of a Galera cluster
// notice each other's locks only if a row changes.
func (tx *Tx) Lock(name string, now time.Time) error {
	_, _, err := tx.Count(name, 1, now, time.Hour)
	return err
}

// LockUser makes transactions of one user wait for each other: a write without changes locks the row on every database. On
// MySQL, which may be a Galera cluster, it changes the row and changes it back.
func (tx *Tx) LockUser(id int64) error {
	writes := []string{"session_epoch"}
	if tx.db.Name() == "mysql" {
		writes = []string{"session_epoch + 1", "session_epoch - 1"}
	}
	for _, write := range writes {
		if err := tx.user(id).Updates(map[string]any{"session_epoch": gorm.Expr(write)}).Error; err != nil {
			return err
		}
	}
	return nil
}

// LockedUser is User for a transaction that may have read before: it locks the user and sees what others have committed.
func (tx *Tx) LockedUser(id int64) (*models.User, error) {
	var user models.User
	q := tx.store.user(tx.db, id).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Limit(1).Find(&user)
	if q.Error == nil && q.RowsAffected == 0 {
		return nil, ErrNotFound
	}
	return &user, q.Error
}
