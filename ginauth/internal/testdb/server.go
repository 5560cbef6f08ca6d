package testdb

// Databases on PostgreSQL and MariaDB.

import (
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// Server makes databases on a server. Its methods are safe for concurrent use.
type Server struct {
	admin      *gorm.DB                    // for creating, comparing and dropping databases
	named      func(string) gorm.Dialector // opens a database by its name
	create     string                      // the statement before the name
	charset    string                      // the end of the statement, on MySQL
	drop, with string                      // the statement before and after the name
	removed    atomic.Int64                // the number of databases
	reused
}

// reused are the databases of a Server that tests have left.
type reused struct {
	of   *testing.T // removes them at its end
	mu   sync.Mutex
	free []*lent // the one left last is the last
	lent map[*gorm.DB]*lent
}

// lent is a database with tables.
type lent struct {
	name, features string
	shape          []string // of its tables, once kept
}

// Postgres gives each test its own schema, at an isolation level or at the server's default. The test t is that of all of them.
func Postgres(t *testing.T, isolation string) *Server {
	base := DSN(t, "GINAUTH_TEST_POSTGRES")
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) gorm.Dialector {
		schema, query := *u, u.Query()
		query.Set("synchronous_commit", "off") // no test cuts the power
		query.Set("search_path", name)
		query.Set("application_name", name)
		if isolation != "" {
			query.Set("default_transaction_isolation", isolation)
		}
		schema.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // pgx does not decode +
		return postgres.Open(schema.String())
	}
	return &Server{admin: Open(t, postgres.Open(base)), named: named, create: "CREATE SCHEMA ", drop: "DROP SCHEMA ", with: " CASCADE", reused: reused{of: t}}
}

// MySQL gives each test its own database in a character set. IDs increase in steps, as on a cluster, so that no case
// relies on consecutive IDs. The test t is that of all of them.
func MySQL(t *testing.T, variable, charset string) *Server {
	cfg, err := mysqldriver.ParseDSN(DSN(t, variable))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ParseTime, cfg.ReadTimeout = true, 30*time.Second
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["auto_increment_increment"], cfg.Params["auto_increment_offset"] = "3", "2"
	named := func(name string) gorm.Dialector {
		database := *cfg
		database.DBName = name
		return mysql.Open(database.FormatDSN())
	}
	return &Server{
		admin: Open(t, mysql.Open(cfg.FormatDSN())), named: named, create: "CREATE DATABASE ", charset: " CHARACTER SET " + charset, drop: "DROP DATABASE ",
		reused: reused{of: t},
	}
}

// Open opens an empty database and removes it after the test.
func (s *Server) Open(t testing.TB) *gorm.DB {
	t.Helper()
	name := Fresh()
	Exec(t, s.admin, s.create+name+s.charset)
	t.Cleanup(func() { s.remove(t, name) })
	return Open(t, s.named(name))
}

func (s *Server) remove(t testing.TB, name string) {
	t.Helper()
	Exec(t, s.admin, s.drop+name+s.with)
	if s.removed.Add(1)%16 == 0 {
		s.vacuum(t, "pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_depend", "pg_index", "pg_namespace", "pg_sequence", "pg_trigger", "pg_type")
	}
}

// vacuum removes deleted rows of tables on PostgreSQL, which does not do it by itself everywhere: after some hundred schemas, each
// question about a table reads hundreds of megabytes.
func (s *Server) vacuum(t testing.TB, tables ...string) {
	t.Helper()
	if s.admin.Name() == "postgres" {
		Exec(t, s.admin, "VACUUM "+strings.Join(tables, ", "))
	}
}
