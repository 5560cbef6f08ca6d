// Package memory tests applications on a SQLite in memory: one line, and nothing to install
// or to clean up. See package authtest for what an App can do.
//
//	app := memory.New(t)
//	ann := app.User(t, "ann")
//	app.Login(t, ann).Get("/auth/user/").Want(200)
//
// Each call makes a database of its own, so tests may run in parallel; within one test requests
// may come at once. What your application needs beside the library's tables, make with the
// handle of [Open].
//
// It is SQLite in all it does: one transaction writes while others wait for it, and what
// PostgreSQL or MySQL do differently does not show. With cgo it is the C library, without it
// modernc.org/sqlite, which is written in Go.
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

// New is [authtest.New] on a database of its own, which goes when the test ends. Hashes are
// cheap, and the clock stands still; each of change may alter the configuration.
func New(t testing.TB, change ...func(*config.Config)) *authtest.App {
	t.Helper()
	return authtest.New(t, Open(t), change...)
}

// Open returns an empty database, which goes when the test ends: for authtest.Prepare, and for
// applications that make their Auth themselves.
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
	held, err := pool.Conn(context.Background()) // the database lives while it has a connection
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = held.Close()
		_ = pool.Close()
	})
	return db
}

// Dialector opens an empty database in memory, for a program without a test: a demonstration,
// an Example. All connections of one handle see the same data, and other handles see none of
// it. It is gone when the last connection is, so leave database/sql its idle ones.
func Dialector() gorm.Dialector {
	// The VFS "memdb" shares what begins with a slash within the process. Unlike a shared
	// cache it waits for locks as files do, and unlike a single connection it does not hang
	// when somebody asks the database from within a transaction.
	return dialector("file:/ginauth-" + rand.Text() + "?vfs=memdb")
}
