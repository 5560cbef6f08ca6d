package store

// Reads and transactions that must not go to a replica (gorm.io/plugin/dbresolver).

import "gorm.io/gorm"

// The plugin gorm.io/plugin/dbresolver sends reads to replicas, which lag: a new session would not be found. These functions
// do what its clause dbresolver.Write does, without importing it.
const (
	resolver     = "gorm:db_resolver"
	resolveWrite = resolver + ":write"
)

// fromSource makes all statements of a handle go to the source.
func fromSource(db *gorm.DB) *gorm.DB { return db.Set(resolveWrite, struct{}{}) }

// readSource does to a new statement what fromSource does to a handle. It does nothing if the plugin is not in use.
func readSource(tx *gorm.DB) *gorm.DB {
	if tx.Callback().Row().Get(resolver) != nil {
		tx.Statement.Settings.Store(resolveWrite, struct{}{})
	}
	return tx
}

// beginAtSource makes a transaction of the handle begin on the source. The plugin chooses a database for statements, but not
// when a transaction begins.
func beginAtSource(db *gorm.DB) *gorm.DB {
	if choose := db.Callback().Query().Get(resolver); choose != nil {
		db = fromSource(db)
		choose(db)
	}
	return db
}
