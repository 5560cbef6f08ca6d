package store

// Ending sessions in a transaction, and reporting those in which an operator acted.

import (
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// OnActingEnd makes the transaction call a function with the sessions of operators in the place of users that it ends, while their rows
// still exist. Without it, ending sessions costs no query more.
func (tx *Tx) OnActingEnd(ended func([]models.Session) error) { tx.actingEnded = ended }

// endSessions deletes the sessions that a condition selects.
func (tx *Tx) endSessions(condition string, args ...any) *gorm.DB {
	if tx.actingEnded != nil {
		var acting []models.Session
		err := tx.db.Where(condition, args...).Where("actor_id <> ?", 0).Find(&acting).Error
		if err == nil && len(acting) > 0 {
			err = tx.actingEnded(acting)
		}
		if err != nil {
			return &gorm.DB{Error: err}
		}
	}
	return tx.db.Where(condition, args...).Delete(&models.Session{})
}
