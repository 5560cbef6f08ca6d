package core

// Findings of Check, as applications see them.

import (
	"fmt"
	"strings"
)

// Severity says how bad a [Finding] is.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // do not go live with it
	SeverityWarning Severity = "warning" // weakens, or does not work as it should
	SeverityNote    Severity = "note"    // right for some; read it once
)

// Finding is something that an operator should know before going live.
type Finding struct {
	Severity Severity
	Setting  string // its name in config.Config, "Database", or what is called: "auth.Sweep", "ginauth.New"
	Problem  string // what is wrong with it
	Fix      string // what to do; "" where New refuses the setting and the problem says it all
}

// String is the finding in one line.
func (f Finding) String() string {
	line := fmt.Sprintf("%s: %s: %s", f.Severity, f.Setting, f.Problem)
	if f.Fix != "" {
		line += "; " + f.Fix
	}
	return strings.Join(strings.Fields(line), " ")
}
