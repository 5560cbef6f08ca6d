//go:build !cgo

package memory

import (
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // registers the driver "sqlite", written in Go
)

// dialector uses the same GORM driver with a SQLite written in Go, for builds without cgo.
func dialector(file string) gorm.Dialector {
	return sqlite.New(sqlite.Config{
		DriverName: "sqlite",
		DSN:        file + "&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_txlock=immediate&_time_format=sqlite",
	})
}
