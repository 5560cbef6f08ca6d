package config

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Mistake is a setting that is wrong. What Validate and ginauth.New return joins one for each
// mistake; errors.As finds the first, ginauth.Check lists them all.
type Mistake struct {
	Setting string // its name in Config, as "Session.Idle" or "OldSecrets[1]"
	Err     error  // what is wrong with it; has no secret in it
}

// Error is the mistake in words.
func (m *Mistake) Error() string { return "config: " + m.Setting + ": " + m.Err.Error() }

// Unwrap returns Err.
func (m *Mistake) Unwrap() error { return m.Err }

// report takes down a mistake.
type report func(setting, format string, args ...any)

// of is the report of one setting.
func (r report) of(setting string) complaint {
	return func(format string, args ...any) { r(setting, format, args...) }
}

// complaint says what is wrong with a setting.
type complaint func(format string, args ...any)

// sorted ranges over a map in the order of its keys, so that mistakes always come in the same order.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// at is the setting of an element.
func at(setting string, i int) string { return fmt.Sprintf("%s[%d]", setting, i) }
