//go:build cgo

package memory

import (
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// dialector uses the SQLite written in C. Writers wait for each other instead of failing.
func dialector(file string) gorm.Dialector {
	return sqlite.Open(file + "&_txlock=immediate&_busy_timeout=5000&_foreign_keys=1")
}
