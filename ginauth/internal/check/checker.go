package check

// The checker collects the findings of a check, even if a part of it fails.

import (
	"fmt"
	"slices"
)

// checker collects the findings of one check.
type checker struct {
	Options
	rejected, found []Finding
}

// A row is a possible finding, and whether it applies.
type row struct {
	found                 bool
	severity              Severity
	setting, problem, fix string
}

// report adds the rows that apply, except for settings that New rejects.
func (k *checker) report(rows ...row) {
	for _, r := range rows {
		if r.found && !slices.ContainsFunc(k.rejected, func(f Finding) bool { return isOf(f.Setting, r.setting) }) {
			k.found = append(k.found, Finding{r.severity, r.setting, r.problem, r.fix})
		}
	}
}

// look runs one check. If it fails, or panics in application code, that is a finding, and the other checks still run.
func (k *checker) look(setting, what string, check func() error) {
	defer func() {
		p := recover() // its value may contain secrets, so it is not printed
		k.report(row{p != nil, Warning, setting, fmt.Sprintf("checking %[2]s panicked (%[1]T)", p, what), "fix the panic and check again"})
	}()
	err := check()
	k.report(row{err != nil, Warning, setting, fmt.Sprintf("%s cannot be checked: %v", what, err), "fix that and check again"})
}
