package check

// The checker: gathers the findings of a check, also when a part of it fails.

import (
	"fmt"
	"slices"
)

// checker gathers the findings of one check.
type checker struct {
	Options
	rejected, found []Finding
}

// A row is a finding, and whether it was found.
type row struct {
	found                 bool
	severity              Severity
	setting, problem, fix string
}

// report adds the rows that were found, except of settings that New refuses anyway.
func (k *checker) report(rows ...row) {
	for _, r := range rows {
		if r.found && !slices.ContainsFunc(k.rejected, func(f Finding) bool { return isOf(f.Setting, r.setting) }) {
			k.found = append(k.found, Finding{r.severity, r.setting, r.problem, r.fix})
		}
	}
}

// look runs one check. One that fails, or panics in code of the application, is a finding and
// stops no other.
func (k *checker) look(setting, what string, check func() error) {
	defer func() {
		p := recover() // its value may be anything, and is not repeated
		k.report(row{p != nil, Warning, setting, fmt.Sprintf("a panic (%T) when %s should be looked at", p, what), "mend what panics and check again"})
	}()
	err := check()
	k.report(row{err != nil, Warning, setting, fmt.Sprintf("%s cannot be looked at: %v", what, err), "mend that and check again"})
}
