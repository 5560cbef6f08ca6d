// Package testdb opens a database of its own for each test, on SQLite, PostgreSQL and MariaDB. The tests of the library use it. It
// brings the drivers, so no other package imports it.
package testdb

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// SQLite opens a file of the test.
func SQLite(t testing.TB) *gorm.DB {
	file := filepath.Join(t.TempDir(), "test.db")
	return Open(t, sqlite.Open("file:"+file+"?_journal_mode=WAL&_txlock=immediate&_busy_timeout=10000&_foreign_keys=1&_synchronous=OFF"))
}

// Postgres gives each test its own schema, at an isolation level or at the server's default.
func Postgres(t *testing.T, isolation string) func(testing.TB) *gorm.DB {
	base := DSN(t, "GINAUTH_TEST_POSTGRES")
	return func(t testing.TB) *gorm.DB {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		admin, name := Open(t, postgres.Open(base)), Fresh()
		Exec(t, admin, "CREATE SCHEMA "+name)
		t.Cleanup(func() { Exec(t, admin, "DROP SCHEMA "+name+" CASCADE") })
		query := u.Query()
		query.Set("search_path", name)
		if isolation != "" {
			query.Set("default_transaction_isolation", isolation)
		}
		u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // pgx does not decode +
		return Open(t, postgres.Open(u.String()))
	}
}

// MySQL gives each test its own database in a character set. IDs increase in steps, as on a cluster, so that no case
// relies on consecutive IDs.
func MySQL(t *testing.T, variable, charset string) func(testing.TB) *gorm.DB {
	base := DSN(t, variable)
	return func(t testing.TB) *gorm.DB {
		cfg, err := mysqldriver.ParseDSN(base)
		if err != nil {
			t.Fatal(err)
		}
		cfg.ParseTime, cfg.ReadTimeout = true, 30*time.Second
		if cfg.Params == nil {
			cfg.Params = map[string]string{}
		}
		cfg.Params["auto_increment_increment"], cfg.Params["auto_increment_offset"] = "3", "2"
		admin, name := Open(t, mysql.Open(cfg.FormatDSN())), Fresh()
		Exec(t, admin, "CREATE DATABASE "+name+" CHARACTER SET "+charset)
		t.Cleanup(func() { Exec(t, admin, "DROP DATABASE "+name) })
		cfg.DBName = name
		return Open(t, mysql.Open(cfg.FormatDSN()))
	}
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
	pool.SetMaxOpenConns(16)
	t.Cleanup(func() { _ = pool.Close() })
	return db
}
