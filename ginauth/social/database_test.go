package social_test

import (
	"crypto/rand"
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
)

// Each case has a database of its own: a file, a schema, a database.

func openSQLite(t testing.TB) *gorm.DB {
	return open(t, sqlite.Open("file:"+filepath.Join(t.TempDir(), "test.db")+"?_journal_mode=WAL&_txlock=immediate&_busy_timeout=10000"))
}

func openPostgres(t *testing.T) func(testing.TB) *gorm.DB {
	base := dsn(t, "GINAUTH_TEST_POSTGRES")
	return func(t testing.TB) *gorm.DB {
		name := fresh(t, open(t, postgres.Open(base)), "CREATE SCHEMA ", "DROP SCHEMA ", " CASCADE")
		return open(t, postgres.Open(base+"&search_path="+name))
	}
}

func openMySQL(t *testing.T) func(testing.TB) *gorm.DB {
	cfg, err := mysqldriver.ParseDSN(dsn(t, "GINAUTH_TEST_MYSQL"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ParseTime = true
	return func(t testing.TB) *gorm.DB {
		own := *cfg
		own.DBName = fresh(t, open(t, mysql.Open(cfg.FormatDSN())), "CREATE DATABASE ", "DROP DATABASE ", "")
		return open(t, mysql.Open(own.FormatDSN()))
	}
}

// dsn returns the address of a test database, or skips the test.
func dsn(t *testing.T, variable string) string {
	value := os.Getenv(variable)
	if value == "" {
		t.Skipf("%s is not set", variable)
	}
	return value
}

// fresh creates a schema or database, drops it after the test, and returns its name.
func fresh(t testing.TB, admin *gorm.DB, create, drop, how string) string {
	name := "social_" + strings.ToLower(rand.Text())
	if err := admin.Exec(create + name).Error; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin.Exec(drop + name + how).Error; err != nil {
			t.Error(err)
		}
	})
	return name
}

func open(t testing.TB, dialector gorm.Dialector) *gorm.DB {
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return db
}
