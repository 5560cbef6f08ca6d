// Package store is the only place where the core accesses the database. It settles races with single statements, reports
// results with its own errors, and knows nothing about HTTP. Feature packages have the queries for their own tables.
//
// Terms: an account claims an address that it names without having confirmed it. A contested address is claimed by several
// accounts. A ticket is the row of a one-time link or code. Raising the epoch of a user ends all their sessions. A decoy is
// a ticket whose mail is not sent, so that later requests take the same steps.
package store

import (
	"context"
	"sync"
	"sync/atomic"

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

	limits  *sync.Map     // texts of statements on buckets of some kinds: *limitTexts by kinds
	galera  *atomic.Int32 // see inCluster
	changed func(...any)  // see OnChange
	turn    chan struct{} // full while a goroutine migrates or plans migrations
}

// Tx is an open transaction.
type Tx struct {
	store *Store
	db    *gorm.DB
	pool  gorm.ConnPool // runs written statements

	changed     []any                        // see Store.OnChange
	actingEnded func([]models.Session) error // see OnActingEnd
}

// Handle returns the transaction for the application's hooks.
func (tx *Tx) Handle() *gorm.DB { return tx.db }

// DB returns the store's handle, for the tables of features.
func (s *Store) DB(ctx context.Context) *gorm.DB { return s.db.WithContext(ctx) }

// UsersTable returns the name of the users' table.
func (s *Store) UsersTable() string { return s.users }

// runner runs written statements outside of transactions.
func (s *Store) runner(ctx context.Context) runner { return runner{s.db, s.pool, ctx} }

// runner runs written statements in the transaction.
func (tx *Tx) runner() runner { return runner{tx.db, tx.pool, tx.db.Statement.Context} }

// OnChange makes the store call a function after each write or transaction with what it may have changed: IDs of users
// (int64), IDs of sessions and hashes of keys (string). Call OnChange before the first change.
func (s *Store) OnChange(changed func(...any)) { s.changed = changed }

// user is Store.user for a transaction that changes the row, or locks it to change what belongs to the user.
func (tx *Tx) user(id int64) *gorm.DB {
	tx.changed = append(tx.changed, id)
	return tx.store.user(tx.db, id)
}

// user selects one row of the users' table, by table name instead of model, so that no hook of the application runs and zero
// values are written (T196).
func (s *Store) user(db *gorm.DB, id int64) *gorm.DB {
	return db.Table(s.users).Where("id = ?", id)
}
