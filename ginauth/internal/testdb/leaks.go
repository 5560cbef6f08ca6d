package testdb

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// Main runs the tests of a package and then ended, and fails if a goroutine is left. The databases of examples stay open.
func Main(m *testing.M, ended ...func()) {
	code := m.Run()
	for _, end := range ended {
		end()
	}
	open := goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener")
	leaks := goleak.Find(open) // it waits for half a second, which is not enough on a busy machine
	for end := time.Now().Add(30 * time.Second); leaks != nil && time.Now().Before(end); {
		leaks = goleak.Find(open)
	}
	if code == 0 && leaks != nil {
		fmt.Fprintln(os.Stderr, leaks)
		code = 1
	}
	os.Exit(code)
}
