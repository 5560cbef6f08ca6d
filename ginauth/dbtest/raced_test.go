//go:build race

package dbtest_test

// raced reports whether the race detector is on.
const raced = true
