//go:build cgo

package dbtest_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// TestPluginsUseTheConnection: a GORM plugin writes a comment into each statement and asks the handle for its pool, as
// tracing plugins do. It works on SQLite, and its statements are not prepared.
func TestPluginsUseTheConnection(t *testing.T) {
	t.Parallel()
	driver := &countingDriver{dsn: "file:" + filepath.Join(t.TempDir(), "test.db") + "?_journal_mode=WAL&_txlock=immediate"}
	db := testdb.Open(t, sqlite.Dialector{Conn: sql.OpenDB(driver)})
	var statements atomic.Int64
	comment := func(tx *gorm.DB) {
		if _, err := tx.DB(); err != nil {
			t.Errorf("%q: %v", tx.Statement.SQL.String(), err)
		}
		fmt.Fprintf(&tx.Statement.SQL, " /* trace %d */", statements.Add(1))
	}
	app := authtest.New(t, db)
	browser := browsers(t, app)()
	browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if err := db.Callback().Row().Before("gorm:row").Register("comment", comment); err != nil {
		t.Fatal(err)
	}
	before := driver.prepared.Load()
	for range 20 {
		browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
		browser.Get("/auth/user/").Want(200)
	}
	if kept := driver.prepared.Load() - before; kept > 5 || statements.Load() < 40 {
		t.Errorf("%d of %d statements were kept", kept, statements.Load())
	}
}

// countingDriver counts the statements that database/sql prepares.
type countingDriver struct {
	sqlite3.SQLiteDriver
	dsn      string
	prepared atomic.Int64
}

func (d *countingDriver) Connect(context.Context) (driver.Conn, error) {
	conn, err := d.Open(d.dsn)
	if err != nil {
		return nil, err
	}
	return countingConn{conn.(*sqlite3.SQLiteConn), &d.prepared}, nil
}

func (d *countingDriver) Driver() driver.Driver { return d }

type countingConn struct {
	*sqlite3.SQLiteConn
	prepared *atomic.Int64
}

func (c countingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.prepared.Add(1)
	return c.SQLiteConn.PrepareContext(ctx, query)
}
