package dbtest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a goroutine is left after all tests, also after those with faults.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
