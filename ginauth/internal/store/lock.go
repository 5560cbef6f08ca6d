package store

// Locks: transactions with the same name, or of the same user, wait for each other.

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/models"
)

// Lock makes transactions that name the same thing wait for each other. It counts, since nodes of a
// Galera cluster find out about each other's locks only if these change a row.
func (tx *Tx) Lock(name string, now time.Time) error {
	_, err := tx.Count(name, 1, now, time.Hour)
	return err
}

// LockUser makes transactions of one user wait for each other: a write that changes
// nothing takes the row's lock on every database. On MySQL, which may be a Galera cluster, the row
// is changed and changed back.
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

// LockedUser is User for a transaction that may have read before: it waits for, and sees, what
// others commit.
func (tx *Tx) LockedUser(id int64) (*models.User, error) {
	var user models.User
	q := tx.store.user(tx.db, id).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Limit(1).Find(&user)
	if q.Error == nil && q.RowsAffected == 0 {
		return nil, ErrNotFound
	}
	return &user, q.Error
}
