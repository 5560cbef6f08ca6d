package config

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Mistake is an invalid setting. The error of Validate and ginauth.New joins one Mistake for each invalid
// setting: errors.As finds the first one, and ginauth.Check lists all of them.
type Mistake struct {
	Setting string // its name in Config, such as "Session.Idle" or "OldSecrets[1]"
	Err     error  // what is wrong with it; it contains no secret
}

// Error returns the setting and what is wrong with it.
func (m *Mistake) Error() string { return "config: " + m.Setting + ": " + m.Err.Error() }

// Unwrap returns Err.
func (m *Mistake) Unwrap() error { return m.Err }

// report adds a mistake.
type report func(setting, format string, args ...any)

// of returns the report for one setting.
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

// at returns the name of an element of a list.
func at(setting string, i int) string { return fmt.Sprintf("%s[%d]", setting, i) }
