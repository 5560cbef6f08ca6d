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

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
)

func TestSQLite(t *testing.T)   { dbtest.Run(t, openSQLite) }
func TestPostgres(t *testing.T) { dbtest.Run(t, openPostgres(t, "")) }
func TestMySQL(t *testing.T)    { dbtest.Run(t, openMySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4")) }

// The matrix: the same suite on databases with other settings. GINAUTH_CI_MATRIX=1 runs it.

func TestPostgresRepeatableRead(t *testing.T) {
	matrix(t)
	dbtest.Run(t, openPostgres(t, "repeatable read"))
}
func TestPostgresSerializable(t *testing.T) {
	matrix(t)
	dbtest.Run(t, openPostgres(t, "serializable"))
}
func TestPgbouncer(t *testing.T) { matrix(t); dbtest.Run(t, openPgbouncer(t, "read committed")) }
func TestPgbouncerRepeatableRead(t *testing.T) {
	matrix(t)
	dbtest.Run(t, openPgbouncer(t, "repeatable read"))
}
func TestPgbouncerSerializable(t *testing.T) {
	matrix(t)
	dbtest.Run(t, openPgbouncer(t, "serializable"))
}
func TestMariaDBUtf8mb3(t *testing.T) {
	matrix(t)
	dbtest.Run(t, openMySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb3"))
}
func TestGalera(t *testing.T) {
	matrix(t)
	dbtest.Run(t, openMySQL(t, "GINAUTH_TEST_GALERA", "utf8mb4"))
}

// TestPgbouncerWithNamedStatements: the default mode of pgx does not work behind pgbouncer. Migrate and Check report it
// and name the fix.
func TestPgbouncerWithNamedStatements(t *testing.T) {
	matrix(t)
	pooled := openPgbouncer(t, "read committed")(t)
	named, err := url.Parse(pooled.Dialector.(*postgres.Dialector).DSN)
	if err != nil {
		t.Fatal(err)
	}
	named.RawQuery = "sslmode=disable"
	db := open(t, postgres.Open(named.String()))
	auth := authtest.Unmigrated(t, db).Auth
	for what, text := range map[string]string{"Migrate": fmt.Sprint(auth.Migrate(t.Context())), "Check": fmt.Sprint(auth.Check(t.Context()))} {
		if !strings.Contains(text, "default_query_exec_mode=cache_describe") {
			t.Errorf("%s says %s", what, text)
		}
	}
	if err := authtest.Unmigrated(t, pooled).Auth.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestMySQLCharsetOfTheDSN: text that the DSN cannot send is refused, and Check names the DSN.
func TestMySQLCharsetOfTheDSN(t *testing.T) {
	t.Parallel()
	wide := openMySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4")(t)
	db := open(t, mysql.Open(wide.Dialector.(*mysql.Dialector).DSN+"&charset=utf8"))
	app := authtest.New(t, db)
	in := authtest.SignUp("ann")
	in.Username = "𠮷野"
	browsers(t, app)().Post("/auth/registration/", in).WantProblems("non_field_errors invalid_text")
	if found := fmt.Sprint(app.Auth.Check(t.Context())); !strings.Contains(found, "charset=utf8mb4") {
		t.Errorf("Check says %s", found)
	}
}

// TestMySQLTablesAreWidened: tables that an earlier version created in utf8mb3 accept every letter after Migrate.
func TestMySQLTablesAreWidened(t *testing.T) {
	t.Parallel()
	db := openMySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb3")(t)
	app := authtest.New(t, db)
	for _, change := range []string{
		"ALTER TABLE auth_session DEFAULT CHARACTER SET utf8mb3, MODIFY user_agent varchar(255) CHARACTER SET utf8mb3 NOT NULL",
		"ALTER TABLE auth_user MODIFY first_name varchar(150) CHARACTER SET utf8mb3 NOT NULL",
	} {
		exec(t, db, change)
	}
	if err := app.Auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ann := browsers(t, app)()
	ann.Header.Set("User-Agent", "phone 📱")
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	ann.Patch("/auth/user/", map[string]any{"first_name": "📱"}).WantProblems("non_field_errors invalid_text")
	if found := fmt.Sprint(app.Auth.Check(t.Context())); !strings.Contains(found, "cannot be stored: auth_user;") {
		t.Errorf("Check says %s", found)
	}
}

// matrix skips a test that only the whole matrix needs.
func matrix(t *testing.T) {
	if os.Getenv("GINAUTH_CI_MATRIX") != "1" {
		t.Skip("GINAUTH_CI_MATRIX is not 1")
	}
}

// dsn returns the address of a test database. If it is not set, the test is skipped, or fails with GINAUTH_TEST_ALL.
func dsn(t testing.TB, variable string) string {
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

func openSQLite(t testing.TB) *gorm.DB {
	file := filepath.Join(t.TempDir(), "test.db")
	return open(t, sqlite.Open("file:"+file+"?_journal_mode=WAL&_txlock=immediate&_busy_timeout=10000&_foreign_keys=1&_synchronous=OFF"))
}

// openPostgres gives each test its own schema, at an isolation level or at the server's default.
func openPostgres(t *testing.T, isolation string) func(testing.TB) *gorm.DB {
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
		if isolation != "" {
			query.Set("default_transaction_isolation", isolation)
		}
		u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // pgx does not decode +
		return open(t, postgres.Open(u.String()))
	}
}

// openPgbouncer gives each test its own database: pgbouncer in transaction mode keeps no search_path for a client.
func openPgbouncer(t *testing.T, isolation string) func(testing.TB) *gorm.DB {
	direct, pooled := dsn(t, "GINAUTH_TEST_POSTGRES"), dsn(t, "GINAUTH_TEST_PGBOUNCER")
	return func(t testing.TB) *gorm.DB {
		u, err := url.Parse(pooled)
		if err != nil {
			t.Fatal(err)
		}
		admin, name := open(t, postgres.Open(direct)), fresh()
		exec(t, admin, "CREATE DATABASE "+name)
		t.Cleanup(func() { exec(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
		exec(t, admin, "ALTER DATABASE "+name+" SET default_transaction_isolation = '"+isolation+"'")
		u.Path = "/" + name
		return open(t, postgres.Open(u.String()))
	}
}

// openMySQL gives each test its own database in a character set. IDs increase in steps, as on a cluster, so that no case
// relies on consecutive IDs.
func openMySQL(t *testing.T, variable, charset string) func(testing.TB) *gorm.DB {
	base := dsn(t, variable)
	return func(t testing.TB) *gorm.DB {
		cfg, err := mysqldriver.ParseDSN(base)
		if err != nil {
			t.Fatal(err)
		}
		cfg.ParseTime = true
		if cfg.Params == nil {
			cfg.Params = map[string]string{}
		}
		cfg.Params["auto_increment_increment"], cfg.Params["auto_increment_offset"] = "3", "2"
		admin, name := open(t, mysql.Open(cfg.FormatDSN())), fresh()
		exec(t, admin, "CREATE DATABASE "+name+" CHARACTER SET "+charset)
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

// open opens a database as an application does, and closes it after the test.
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
