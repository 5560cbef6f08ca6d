package testdb

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// Main runs the tests of a package and then ended, and fails if a goroutine of the library is left. Those of databases and clients that tests
// opened are not the library's.
func Main(m *testing.M, ended ...func()) {
	code := m.Run()
	for _, end := range ended {
		end()
	}
	left := leaked() // it waits for half a second, which is not enough on a busy machine
	for end := time.Now().Add(30 * time.Second); left != "" && time.Now().Before(end); {
		left = leaked()
	}
	if code == 0 && left != "" {
		fmt.Fprintln(os.Stderr, left)
		code = 1
	}
	os.Exit(code)
}

// leaked returns the stacks of the goroutines that are left, or "" if the library has none of them.
func leaked() string {
	err := goleak.Find(goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"), goleak.IgnoreAnyFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1"))
	if err == nil || !strings.Contains(err.Error(), "github.com/ginauth/gin-rest-auth/") {
		return ""
	}
	return err.Error()
}
