package core

// Commands of features, which package cmd runs.

import (
	"fmt"
	"regexp"
	"slices"
)

var commandForm = regexp.MustCompile(`^[a-z][a-z0-9]{1,31}$`)

// Command adds a command to package cmd: "app NAME USER". A name that is taken or invalid, and a command without Doc or Run, are
// errors of New.
func (s *Setup) Command(command Command) {
	taken := slices.ContainsFunc(s.declaring().core.commands, func(c Command) bool { return c.Name == command.Name })
	if taken || !commandForm.MatchString(command.Name) || command.Doc == "" || command.Run == nil {
		s.fail(fmt.Errorf("the command %q is taken, or needs a name of 2 to 32 lower-case letters and digits, a Doc and a Run", command.Name))
		return
	}
	s.core.commands = append(s.core.commands, command)
}

// Commands returns the commands of all features, in the order of the features.
func (c *Core) Commands() []Command { return slices.Clone(c.commands) }
