// Package memory runs tests of an application on SQLite in memory. There is nothing to install or clean up. Package authtest
// describes what you can do with the App.
//
//	app := memory.New(t)
//	ann := app.User(t, "ann")
//	app.Login(t, ann).Get("/auth/user/").Want(200)
//
// Each call creates a new database, so tests can run in parallel, and one test can send concurrent requests. To create the
// tables of your application, use the handle of [Open].
//
// The database behaves like SQLite: one transaction writes at a time, and differences of PostgreSQL or MySQL do not show. With
// cgo it is the C library; without cgo it is modernc.org/sqlite, which is written in Go.
package memory

import (
	"context"
	"crypto/rand"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// New returns an App on a new database, which is removed when the test ends. Password hashing is fast and insecure, and the
// clock does not move by itself. Each change can modify the configuration. See [authtest.New].
func New(t testing.TB, change ...func(*config.Config)) *authtest.App {
	t.Helper()
	return authtest.New(t, Open(t), change...)
}

// Open returns a new, empty database, which is removed when the test ends. Use it with authtest.New, authtest.Prepare or
// authtest.Wrap.
func Open(t testing.TB) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(Dialector(), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	held, err := pool.Conn(context.Background()) // the database exists while it has a connection
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = held.Close()
		_ = pool.Close()
	})
	return db
}

// Dialector returns a GORM dialector for a new, empty database in memory, for programs that are not tests, such as an Example. All
// connections of one handle see the same data; other handles do not see it. The database is removed with its last connection,
// so do not set the maximum number of idle connections to 0.
func Dialector() gorm.Dialector {
	// The VFS "memdb" shares databases whose names begin with a slash within the process. Unlike a shared cache, it waits for
	// locks as files do. Unlike a single connection, it does not deadlock if code within a transaction uses
	// another handle.
	return dialector("file:/ginauth-" + rand.Text() + "?vfs=memdb")
}
