package dbtest_test

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
)

// The databases are used together, so that cases of one work while those of another wait.

func TestSQLite(t *testing.T)   { t.Parallel(); dbtest.Run(t, testdb.SQLite) }
func TestPostgres(t *testing.T) { t.Parallel(); dbtest.RunReusing(t, testdb.Postgres(t, "")) }
func TestMySQL(t *testing.T) {
	t.Parallel()
	dbtest.RunReusing(t, testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4"))
}

// The matrix: the same suite on databases with other settings. GINAUTH_CI_MATRIX=1 runs it.

func TestPostgresRepeatableRead(t *testing.T) {
	matrix(t)
	dbtest.RunReusing(t, testdb.Postgres(t, "repeatable read"))
}
func TestPostgresSerializable(t *testing.T) {
	matrix(t)
	dbtest.RunReusing(t, testdb.Postgres(t, "serializable"))
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
	dbtest.RunReusing(t, testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb3"))
}
func TestGalera(t *testing.T) {
	matrix(t)
	dbtest.RunReusing(t, testdb.MySQL(t, "GINAUTH_TEST_GALERA", "utf8mb4"))
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
	db := testdb.Open(t, postgres.Open(named.String()))
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
	wide := testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4").Open(t)
	db := testdb.Open(t, mysql.Open(wide.Dialector.(*mysql.Dialector).DSN+"&charset=utf8"))
	app := authtest.New(t, db)
	in := authtest.SignUp("ann")
	in.Username = "𠮷野"
	browsers(t, app)().Post("/auth/registration/", in).WantProblems("non_field_errors invalid_text")
	if found := fmt.Sprint(app.Auth.Check(t.Context())); !strings.Contains(found, "charset=utf8mb4") {
		t.Errorf("Check says %s", found)
	}
}

// TestMySQLReadTimeout: Check names a DSN with which a request can hang at COMMIT.
func TestMySQLReadTimeout(t *testing.T) {
	t.Parallel()
	bounded := testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4").Open(t)
	cfg, err := mysqldriver.ParseDSN(bounded.Dialector.(*mysql.Dialector).DSN)
	if err != nil {
		t.Fatal(err)
	}
	cfg.ReadTimeout = 0
	unbounded := testdb.Open(t, mysql.Open(cfg.FormatDSN()))
	for db, want := range map[*gorm.DB]bool{bounded: false, unbounded: true} {
		if found := fmt.Sprint(authtest.New(t, db).Auth.Check(t.Context())); strings.Contains(found, "readTimeout=30s") != want {
			t.Errorf("with readTimeout: %t. Check says %s", !want, found)
		}
	}
}

// TestMySQLTablesAreWidened: tables that an earlier version created in utf8mb3 accept every letter after Migrate.
func TestMySQLTablesAreWidened(t *testing.T) {
	t.Parallel()
	db := testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb3").Open(t)
	app := authtest.New(t, db)
	for _, change := range []string{
		"ALTER TABLE auth_session DEFAULT CHARACTER SET utf8mb3, MODIFY user_agent varchar(255) CHARACTER SET utf8mb3 NOT NULL",
		"ALTER TABLE auth_user MODIFY first_name varchar(150) CHARACTER SET utf8mb3 NOT NULL",
	} {
		testdb.Exec(t, db, change)
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

// openPgbouncer gives each test its own database: pgbouncer in transaction mode keeps no search_path for a client.
func openPgbouncer(t *testing.T, isolation string) func(testing.TB) *gorm.DB {
	direct, pooled := testdb.DSN(t, "GINAUTH_TEST_POSTGRES"), testdb.DSN(t, "GINAUTH_TEST_PGBOUNCER")
	return func(t testing.TB) *gorm.DB {
		u, err := url.Parse(pooled)
		if err != nil {
			t.Fatal(err)
		}
		admin, name := testdb.Open(t, postgres.Open(direct)), testdb.Fresh()
		testdb.Exec(t, admin, "CREATE DATABASE "+name)
		t.Cleanup(func() { testdb.Exec(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
		testdb.Exec(t, admin, "ALTER DATABASE "+name+" SET default_transaction_isolation = '"+isolation+"'")
		u.Path = "/" + name
		return testdb.Open(t, postgres.Open(u.String()))
	}
}
