package dbtest_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
)

// TestGaleraAnyNode: connections go to the three nodes in turn, as behind a load balancer. A node notices only at COMMIT
// that another node was faster (D5). So limits that are counted under a lock can fail only here:
// email/AddressesPerUserAreBounded and token/PersonalTokensPerUserAreBounded (decision 91).
func TestGaleraAnyNode(t *testing.T) {
	matrix(t)
	nodes := galera(t)
	dbtest.Run(t, func(t testing.TB) *gorm.DB { return openAnyNode(t, nodes, func(*mysqldriver.Config) {}) })
}

// TestGaleraWithoutItsSettings: Check names the settings that the DSN lacks.
func TestGaleraWithoutItsSettings(t *testing.T) {
	matrix(t)
	nodes := galera(t)
	without := func(change func(*mysqldriver.Config)) string {
		return fmt.Sprint(authtest.Unmigrated(t, openAnyNode(t, nodes, change)).Auth.Check(t.Context()))
	}
	const prepared, stale = "interpolateParams=true", "wsrep_sync_wait=15"
	if text := without(func(cfg *mysqldriver.Config) { cfg.InterpolateParams = false }); !strings.Contains(text, prepared) || strings.Contains(text, stale) {
		t.Errorf("Check says %s", text)
	}
	if text := without(func(cfg *mysqldriver.Config) { cfg.Params = nil }); !strings.Contains(text, stale) || strings.Contains(text, prepared) {
		t.Errorf("Check says %s", text)
	}
	if text := without(func(*mysqldriver.Config) {}); strings.Contains(text, "Galera") {
		t.Errorf("Check says %s", text)
	}
}

// TestGaleraWithoutQuorum: a node that loses the other nodes in the middle of a transaction refuses COMMIT and ROLLBACK.
// The transaction's writes are not committed later either.
func TestGaleraWithoutQuorum(t *testing.T) {
	matrix(t)
	node := galera(t)[2]
	admin := testdb.Open(t, mysql.Open(node+"&wsrep_sync_wait=0"))
	isolate := func(on int, variable, want string) {
		testdb.Exec(t, admin, fmt.Sprintf("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=%d'", on))
		var status struct{ Value string }
		for status.Value != want && !t.Failed() {
			if err := admin.Raw("SHOW GLOBAL STATUS LIKE '" + variable + "'").Scan(&status).Error; err != nil {
				t.Error(err)
			}
		}
	}
	db := openAnyNode(t, []string{node}, func(*mysqldriver.Config) {})
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	app := authtest.New(t, db, func(cfg *config.Config) { cfg.Timeout = time.Minute })
	browser := browsers(t, app)
	cut := false
	if err := db.Callback().Create().After("gorm:create").Register("cut", func(db *gorm.DB) {
		if cut && db.Statement.Table == "auth_user" {
			isolate(1, "wsrep_cluster_status", "non-Primary")
		}
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { isolate(0, "wsrep_local_state_comment", "Synced") })
	cut = true
	browser().Post("/auth/registration/", authtest.SignUp("ann")).Want(503)
	cut = false
	isolate(0, "wsrep_local_state_comment", "Synced")
	browser().Post("/auth/registration/", authtest.SignUp("bob")).Want(201)
	browser().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
}

// TestGaleraTakesAttemptsInATransaction: a node runs a statement outside of a transaction again if another node was faster, although it
// has sent the rows of the first run. The driver then reads rows of both, or waits for rows that never come.
func TestGaleraTakesAttemptsInATransaction(t *testing.T) {
	matrix(t)
	node := galera(t)[0]
	admin := testdb.Open(t, mysql.Open(node))
	app := authtest.New(t, openAnyNode(t, []string{node}, func(*mysqldriver.Config) {}), func(cfg *config.Config) { cfg.Limits = config.Limits{} })
	browser := browsers(t, app)()
	browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	t.Cleanup(func() { testdb.Exec(t, admin, "SET GLOBAL general_log = OFF") })
	for _, statement := range []string{"SET GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log", "SET GLOBAL general_log = ON"} {
		testdb.Exec(t, admin, statement)
	}
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	var statements []struct {
		ThreadID int64
		Argument string
	}
	if err := admin.Raw("SELECT thread_id, argument FROM mysql.general_log WHERE command_type = 'Query' ORDER BY event_time").Scan(&statements).Error; err != nil {
		t.Fatal(err)
	}
	open, taken := map[int64]bool{}, 0
	for _, s := range statements {
		switch text := s.Argument; {
		case strings.HasPrefix(text, "START TRANSACTION"):
			open[s.ThreadID] = true
		case text == "COMMIT" || text == "ROLLBACK":
			open[s.ThreadID] = false
		case strings.Contains(text, " RETURNING "):
			if taken++; !open[s.ThreadID] {
				t.Errorf("outside of a transaction: %s", text)
			}
		}
	}
	if taken == 0 {
		t.Errorf("no statement returned rows: %v", statements)
	}
}

// galera returns the addresses of the nodes.
func galera(t testing.TB) (nodes []string) {
	t.Helper()
	for n := range 3 {
		nodes = append(nodes, testdb.DSN(t, fmt.Sprintf("GINAUTH_TEST_GALERA_%d", n+1)))
	}
	return nodes
}

// openAnyNode gives each test its own database on all nodes.
func openAnyNode(t testing.TB, nodes []string, change func(*mysqldriver.Config)) *gorm.DB {
	t.Helper()
	admin, name := testdb.Open(t, mysql.Open(nodes[0])), testdb.Fresh()
	testdb.Exec(t, admin, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
	t.Cleanup(func() { testdb.Exec(t, admin, "DROP DATABASE "+name) })
	all := &turns{}
	for _, node := range nodes {
		cfg, err := mysqldriver.ParseDSN(node)
		if err != nil {
			t.Fatal(err)
		}
		testdb.Exec(t, testdb.Open(t, mysql.Open(node)), "SELECT 1") // waits until the database exists; connecting does not
		cfg.DBName, cfg.ParseTime = name, true
		change(cfg)
		connector, err := mysqldriver.NewConnector(cfg)
		if err != nil {
			t.Fatal(err)
		}
		all.nodes = append(all.nodes, connector)
	}
	return testdb.Open(t, mysql.New(mysql.Config{Conn: sql.OpenDB(all)}))
}

// turns connects to the nodes in turn.
type turns struct {
	nodes []driver.Connector
	next  atomic.Uint64
}

func (n *turns) Connect(ctx context.Context) (driver.Conn, error) {
	return n.nodes[n.next.Add(1)%uint64(len(n.nodes))].Connect(ctx)
}

func (n *turns) Driver() driver.Driver { return n.nodes[0].Driver() }
