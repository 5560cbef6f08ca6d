package dbtest_test

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
)

func TestSQLite(t *testing.T)   { dbtest.Run(t, openSQLite) }
func TestPostgres(t *testing.T) { dbtest.Run(t, openPostgres(t)) }
func TestMySQL(t *testing.T)    { dbtest.Run(t, openMySQL(t)) }

// dsn reads where a test database is. Without it the test is skipped, unless
// GINAUTH_TEST_ALL says that every database must be there.
func dsn(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" && os.Getenv("GINAUTH_TEST_ALL") == "1" {
		t.Fatalf("GINAUTH_TEST_ALL is set, but %s is not", variable)
	}
	if value == "" {
		t.Skipf("%s names no database", variable)
	}
	return value
}

func openSQLite(t testing.TB) *gorm.DB {
	file := filepath.Join(t.TempDir(), "test.db")
	return open(t, sqlite.Open("file:"+file+"?_journal_mode=WAL&_txlock=immediate&_busy_timeout=10000&_foreign_keys=1&_synchronous=OFF"))
}

// openPostgres gives each test a schema of its own.
func openPostgres(t *testing.T) func(testing.TB) *gorm.DB {
	base := dsn(t, "GINAUTH_TEST_POSTGRES")
	return func(t testing.TB) *gorm.DB {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		admin, name := open(t, postgres.Open(base)), fresh()
		exec(t, admin, "CREATE SCHEMA "+name)
		t.Cleanup(func() { exec(t, admin, "DROP SCHEMA "+name+" CASCADE") })
		query := u.Query()
		query.Set("search_path", name)
		u.RawQuery = query.Encode()
		return open(t, postgres.Open(u.String()))
	}
}

// openMySQL gives each test a database of its own.
func openMySQL(t *testing.T) func(testing.TB) *gorm.DB {
	base := dsn(t, "GINAUTH_TEST_MYSQL")
	return func(t testing.TB) *gorm.DB {
		cfg, err := mysqldriver.ParseDSN(base)
		if err != nil {
			t.Fatal(err)
		}
		cfg.ParseTime = true
		admin, name := open(t, mysql.Open(cfg.FormatDSN())), fresh()
		exec(t, admin, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
		t.Cleanup(func() { exec(t, admin, "DROP DATABASE "+name) })
		cfg.DBName = name
		return open(t, mysql.Open(cfg.FormatDSN()))
	}
}

func fresh() string { return "ginauth_" + strings.ToLower(rand.Text()) }

func exec(t testing.TB, db *gorm.DB, sql string) {
	t.Helper()
	if err := db.Exec(sql).Error; err != nil {
		t.Error(fmt.Errorf("%s: %w", sql, err))
	}
}

// open opens a database as an application would, and closes it after the test.
func open(t testing.TB, dialector gorm.Dialector) *gorm.DB {
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
