// Package testdb opens a database of its own for each test, on SQLite, PostgreSQL and MariaDB. The tests of the library use it. It
// brings the drivers, so no other package imports it.
package testdb

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// SQLite opens a file of the test.
func SQLite(t testing.TB) *gorm.DB {
	file := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.Join(t.TempDir(), "test.db")) // a second test of a name has #01
	return Open(t, sqlite.Open("file:"+file+"?_journal_mode=WAL&_txlock=immediate&_busy_timeout=10000&_foreign_keys=1&_synchronous=OFF"))
}

// DSN returns the address of a test database. If it is not set, the test is skipped, or fails with GINAUTH_TEST_ALL.
func DSN(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" && os.Getenv("GINAUTH_TEST_ALL") == "1" {
		t.Fatalf("GINAUTH_TEST_ALL is set, but %s is not", variable)
	}
	if value == "" {
		t.Skipf("%s does not name a database", variable)
	}
	return value
}

// Fresh returns a name for a schema or database that no other test has.
func Fresh() string { return "ginauth_" + strings.ToLower(rand.Text()) }

// Exec runs a statement. An error fails the test, which continues.
func Exec(t testing.TB, db *gorm.DB, sql string) {
	t.Helper()
	if err := db.Exec(sql).Error; err != nil {
		t.Error(fmt.Errorf("%s: %w", sql, err))
	}
}

// Open opens a database as an application does, and closes it after the test.
func Open(t testing.TB, dialector gorm.Dialector) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(10) // PostgreSQL has 100, for all cases of two packages that run at the same time
	t.Cleanup(func() { _ = pool.Close() })
	return db
}
