//go:build cgo

package main

import (
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// sqliteDialector uses the SQLite written in C. Writers wait for each other instead of failing.
func sqliteDialector(path string) gorm.Dialector {
	return sqlite.Open(sqliteFile(path, "_journal_mode=WAL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=1"))
}
