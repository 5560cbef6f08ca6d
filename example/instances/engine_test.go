//go:build unix

package instances

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
)

// variable returns an environment variable. Without it, the test is skipped, or fails with GINAUTH_TEST_ALL.
func variable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" && os.Getenv("GINAUTH_TEST_ALL") == "1" {
		t.Fatalf("GINAUTH_TEST_ALL is set, but %s is not", name)
	}
	if value == "" {
		t.Skipf("%s is not set", name)
	}
	return value
}

// matrix skips a test that needs GINAUTH_CI_MATRIX=1.
func matrix(t *testing.T) {
	t.Helper()
	if os.Getenv("GINAUTH_CI_MATRIX") != "1" {
		t.Skip("needs GINAUTH_CI_MATRIX=1")
	}
}

func open(t *testing.T, dialector gorm.Dialector) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if pool, err := db.DB(); err == nil {
			_ = pool.Close()
		}
	})
	return db
}

// fresh creates a database that is dropped after the test, and returns its name.
func fresh(t *testing.T, admin *gorm.DB) string {
	t.Helper()
	name := "ginauth_instances_" + strings.ToLower(rand.Text())
	if err := admin.Exec("CREATE DATABASE " + name).Error; err != nil {
		t.Fatal(err)
	}
	drop := "DROP DATABASE " + name
	if admin.Name() == "postgres" {
		drop += " WITH (FORCE)" // pgbouncer may still have connections
	}
	t.Cleanup(func() {
		if err := admin.Exec(drop).Error; err != nil {
			t.Error(err)
		}
	})
	return name
}

// onSQLite is a file that the processes share.
func onSQLite(t *testing.T) engine {
	file := filepath.Join(t.TempDir(), "test.db")
	return engine{env: []string{"DATABASE_URL=sqlite:" + file}, db: open(t, sqlite.Open("file:"+file+"?_journal_mode=WAL&_busy_timeout=10000"))}
}

// onPostgres is a new database on a server.
func onPostgres(t *testing.T, server string) engine {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = fresh(t, open(t, postgres.Open(server)))
	return engine{env: []string{"DATABASE_URL=" + u.String()}, db: open(t, postgres.Open(u.String()))}
}

// onMariaDB is a new database on the nodes of a cluster, or on one server. Each process uses its own node.
func onMariaDB(t *testing.T, nodes ...string) engine {
	t.Helper()
	var e engine
	var database string
	for i, node := range nodes {
		cfg, err := mysqldriver.ParseDSN(node)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			database = fresh(t, open(t, mysql.Open(node)))
		}
		_, parameters, _ := strings.Cut(node, "?")
		if cfg.DBName, cfg.ParseTime = database, true; i == 0 {
			e.db = open(t, mysql.Open(cfg.FormatDSN()))
		}
		user := url.UserPassword(cfg.User, cfg.Passwd)
		e.each = append(e.each, []string{fmt.Sprintf("DATABASE_URL=mysql://%s@%s/%s?%s", user, cfg.Addr, database, parameters)})
	}
	return e
}

func TestSQLite(t *testing.T) { start(t, onSQLite(t), 3).play() }

func TestPostgres(t *testing.T) {
	server, redis := variable(t, "GINAUTH_TEST_POSTGRES"), variable(t, "GINAUTH_TEST_REDIS")
	e := onPostgres(t, server)
	e.env = append(e.env, "LIMITS_URL=redis://"+redis)
	start(t, e, 3).play()
}

func TestMariaDB(t *testing.T) {
	server, redis := variable(t, "GINAUTH_TEST_MYSQL"), variable(t, "GINAUTH_TEST_REDIS")
	e := onMariaDB(t, server)
	e.env = append(e.env, "LIMITS_URL=redis://"+redis)
	start(t, e, 3).play()
}

// TestGalera: each process writes to a node of its own. .ci/galera starts the nodes.
func TestGalera(t *testing.T) {
	matrix(t)
	var nodes []string
	for n := range 3 {
		nodes = append(nodes, variable(t, fmt.Sprintf("GINAUTH_TEST_GALERA_%d", n+1)))
	}
	start(t, onMariaDB(t, nodes...), 3).play()
}
