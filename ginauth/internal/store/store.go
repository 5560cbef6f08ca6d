// Package store is the only place where the core talks to the database. It decides
// races by single statements, reports what happened in errors of its own, and knows
// nothing of HTTP. Feature packages keep queries for their own tables.
package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// Store runs the queries. It is safe for concurrent use.
type Store struct {
	db        *gorm.DB
	newUser   func() models.Account
	users     string          // table of the users
	appFields []*schema.Field // the columns that models.User does not have

	statements statements    // written when the store was opened
	pool       gorm.ConnPool // runs them

	changed func(...any)  // see OnChange
	turn    chan struct{} // is full while a goroutine migrates, or plans to
}

// Tx is an open transaction.
type Tx struct {
	store *Store
	db    *gorm.DB
	pool  gorm.ConnPool // runs written statements

	changed []any // see Store.OnChange
}

// Handle is the transaction for the application's hooks.
func (tx *Tx) Handle() *gorm.DB { return tx.db }

// DB is the handle of the store, for the tables of features.
func (s *Store) DB(ctx context.Context) *gorm.DB { return s.db.WithContext(ctx) }

// runner runs written statements outside of transactions.
func (s *Store) runner(ctx context.Context) runner { return runner{s.db, s.pool, ctx} }

// runner runs written statements in the transaction.
func (tx *Tx) runner() runner { return runner{tx.db, tx.pool, tx.db.Statement.Context} }

// OnChange makes the store call a function after each write or transaction with what it may have changed: the IDs of users
// (int64), the IDs of sessions and the hashes of keys (string). Call it before the first change.
func (s *Store) OnChange(changed func(...any)) { s.changed = changed }

// user is Store.user for a transaction that changes the row, or locks it to change what belongs to the user.
func (tx *Tx) user(id int64) *gorm.DB {
	tx.changed = append(tx.changed, id)
	return tx.store.user(tx.db, id)
}

// user selects one row of the user table, by name rather than by model, so that no
// hook of the application runs and no zero value is lost (T196).
func (s *Store) user(db *gorm.DB, id int64) *gorm.DB {
	return db.Table(s.users).Where("id = ?", id)
}
