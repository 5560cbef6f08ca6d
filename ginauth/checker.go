package ginauth

// The checker: gathers the findings of a Check, also when a part of it fails.

import (
	"fmt"
	"slices"
)

// checker gathers the findings of one Check.
type checker struct {
	*Auth          // without what New refused
	refused, found []Finding
}

func (k *checker) add(severity Severity, setting, fix, problem string, args ...any) {
	if !slices.ContainsFunc(k.refused, func(f Finding) bool { return isOf(f.Setting, setting) }) {
		k.found = append(k.found, Finding{severity, setting, fmt.Sprintf(problem, args...), fix})
	}
}

// look runs one check. One that fails, or panics in code of the application, is a finding and
// stops no other.
func (k *checker) look(setting, what string, check func() error) {
	defer func() {
		if p := recover(); p != nil { // its value may be anything, and is not repeated
			k.add(SeverityWarning, setting, "mend what panics and check again", "a panic (%T) when %s should be looked at", p, what)
		}
	}()
	if err := check(); err != nil {
		k.add(SeverityWarning, setting, "mend that and check again", "%s cannot be looked at: %v", what, err)
	}
}
