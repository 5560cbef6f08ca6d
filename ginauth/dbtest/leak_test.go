package dbtest_test

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
)

// TestMain fails if a goroutine is left after all tests.
func TestMain(m *testing.M) { testdb.Main(m) }
