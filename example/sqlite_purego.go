//go:build !cgo

package main

import (
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // registers the driver "sqlite", written in Go
)

// sqliteDialector uses the same GORM driver with a SQLite written in Go, for builds without cgo.
func sqliteDialector(path string) gorm.Dialector {
	return sqlite.New(sqlite.Config{
		DriverName: "sqlite",
		DSN: sqliteFile(path, "_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"+
			"&_txlock=immediate&_time_format=sqlite"),
	})
}
