package main

// The benchmark's databases. Each is dropped at the end.

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// A database has one kind: sqlite, postgres or mysql. dsn is for its GORM driver.
type database struct{ kind, dsn string }

// create makes an empty database. drop deletes it.
func create(ctx context.Context, kind, dir string) (d database, drop func(), err error) {
	name := "ginauth_bench_" + strings.ToLower(rand.Text()[:8])
	switch kind {
	case "sqlite":
		folder, err := os.MkdirTemp(dir, name)
		return database{kind, sqliteDSN(filepath.Join(folder, "app.db"))}, func() { _ = os.RemoveAll(folder) }, err
	case "postgres":
		u, err := url.Parse(os.Getenv("GINAUTH_TEST_POSTGRES"))
		if err != nil || u.Host == "" {
			return d, nil, fmt.Errorf("GINAUTH_TEST_POSTGRES is not postgres://...: %w", cmp.Or(err, os.ErrInvalid))
		}
		admin := database{kind, u.String()}
		u.Path = "/" + name
		drop, err := admin.createNamed(ctx, name, "CREATE DATABASE "+name, "DROP DATABASE "+name+" WITH (FORCE)")
		return database{kind, u.String()}, drop, err
	case "mysql":
		cfg, err := mysqldriver.ParseDSN(os.Getenv("GINAUTH_TEST_MYSQL"))
		if err != nil || cfg.DBName == "" {
			return d, nil, fmt.Errorf("GINAUTH_TEST_MYSQL is not user:password@tcp(host:port)/name: %w", cmp.Or(err, os.ErrInvalid))
		}
		admin := database{kind, cfg.FormatDSN()}
		cfg.DBName, cfg.ParseTime, cfg.Params = name, true, map[string]string{"charset": "utf8mb4"}
		drop, err := admin.createNamed(ctx, name, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4", "DROP DATABASE "+name)
		return database{kind, cfg.FormatDSN()}, drop, err
	}
	return d, nil, fmt.Errorf("there is no database %q; use sqlite, postgres or mysql", kind)
}

// sqliteDSN is the DSN of the README's program.
func sqliteDSN(file string) string {
	return file + "?_journal_mode=WAL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=1"
}

func (d database) createNamed(ctx context.Context, name, create, drop string) (func(), error) {
	db, pool, err := d.open()
	if err != nil {
		return nil, err
	}
	if err := db.WithContext(ctx).Exec(create).Error; err != nil {
		_ = pool.Close()
		return nil, err
	}
	return func() {
		if err := db.Exec(drop).Error; err != nil { // also when ctx has ended
			fmt.Fprintf(os.Stderr, "bench: cannot drop %s: %v\n", name, err)
		}
		_ = pool.Close()
	}, nil
}

// open connects with the pool of the example.
func (d database) open() (*gorm.DB, *sql.DB, error) {
	dialectors := map[string]func(string) gorm.Dialector{"sqlite": sqlite.Open, "postgres": postgres.Open, "mysql": mysql.Open}
	db, err := gorm.Open(dialectors[d.kind](d.dsn), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		return nil, nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, nil, err
	}
	pool.SetMaxOpenConns(25)
	pool.SetMaxIdleConns(25)
	return db, pool, nil
}
