package main

import (
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/plugin/dbresolver"
)

// openDatabase opens the database of DATABASE_URL and, unless it is empty, that of DATABASE_REPLICA_URL for reads of the application.
func openDatabase(rawURL, replicaURL string) (*gorm.DB, error) {
	dialector, err := dialectorOf("DATABASE_URL", rawURL)
	if err != nil {
		return nil, err
	}
	db, err := gorm.Open(dialector, &gorm.Config{
		Logger: logger.New(log.New(os.Stderr, "", log.LstdFlags), logger.Config{
			SlowThreshold: time.Second, LogLevel: logger.Warn,
			IgnoreRecordNotFoundError: true, ParameterizedQueries: true,
		}),
	})
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxConnections)
	pool.SetConnMaxIdleTime(maxIdle)
	return db, readFrom(db, replicaURL)
}

const (
	maxConnections = 25 // without a limit, every concurrent request can open a connection
	maxIdle        = 5 * time.Minute
)

// readFrom makes the application's reads outside of transactions go to a replica. They can be some milliseconds old. The library reads
// from the source. The first read connects to the replica, so that processes start and users log in while it is down.
func readFrom(db *gorm.DB, replicaURL string) error {
	if replicaURL == "" {
		return nil
	}
	replica, err := dialectorOf("DATABASE_REPLICA_URL", replicaURL)
	if err != nil {
		return err
	}
	db.DisableAutomaticPing = true // the plugin opens the replica with the settings of db
	if d, ok := replica.(*mysql.Dialector); ok {
		d.SkipInitializeWithVersion = true // asking for the version would connect; the statements are those of db
	}
	plugin := dbresolver.Register(dbresolver.Config{Replicas: []gorm.Dialector{replica}}).
		SetMaxOpenConns(maxConnections).SetMaxIdleConns(maxConnections).SetConnMaxIdleTime(maxIdle)
	if err := db.Use(plugin); err != nil {
		return fmt.Errorf("DATABASE_REPLICA_URL: %w", err)
	}
	return nil
}

// dialectorOf returns the database of a URL, which is the value of a variable.
func dialectorOf(variable, rawURL string) (gorm.Dialector, error) {
	scheme, rest, _ := strings.Cut(rawURL, ":")
	switch scheme {
	case "sqlite":
		if rest == "" {
			return nil, errors.New(variable + ": sqlite: needs a path, such as sqlite:example.db")
		}
		if err := touch(rest); err != nil {
			return nil, fmt.Errorf("%s: %w", variable, err)
		}
		return sqliteDialector(rest), nil
	case "postgres", "postgresql":
		return postgres.Open(rawURL), nil
	case "mysql":
		dsn, err := mysqlDSN(rawURL)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", variable, err)
		}
		return mysql.Open(dsn), nil
	}
	return nil, errors.New(variable + ": the part before the colon must be sqlite, postgres or mysql") // the value can contain a password, so the message does not repeat it
}

// mysqlDSN converts mysql://USER:PASS@HOST:PORT/DB to the driver's format, with times in UTC. Parameters after ? are those of the driver.
func mysqlDSN(rawURL string) (string, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" || len(u.Path) < 2 {
		return "", errors.New("needs a host and a database: mysql://USER:PASS@HOST:PORT/DB")
	}
	cfg := mysqldriver.NewConfig()
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", u.Host, u.Path[1:]
	if u.Port() == "" {
		cfg.Addr += ":3306"
	}
	cfg.ParseTime, cfg.Loc = true, time.UTC
	cfg.ReadTimeout = 30 * time.Second // COMMIT has no other bound
	cfg.Params = map[string]string{"charset": "utf8mb4"}
	dsn := cfg.FormatDSN()
	if u.RawQuery != "" {
		dsn += "&" + u.RawQuery
		parsed, err := mysqldriver.ParseDSN(dsn)
		if err != nil {
			return "", fmt.Errorf("the parameters after ?: %w", err)
		}
		if !parsed.ParseTime || parsed.Loc != time.UTC {
			return "", errors.New("the parameters after ?: leave out parseTime and loc, because times must be in UTC")
		}
	}
	return dsn, nil
}

// touch creates a file if it does not exist.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the path comes from the operator
	if err != nil {
		return err
	}
	return file.Close()
}

// sqliteFile returns a file: URI for a path and its settings. With mode=rw, SQLite does not create the file: if it was
// deleted, new connections fail instead of working on an empty database.
func sqliteFile(path string, query string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=rw&" + query
}
