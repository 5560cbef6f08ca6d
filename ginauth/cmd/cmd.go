// Package cmd gives an application commands for its operators: create users, ban them, import them from another program, run
// migrations. Call Run in main, once the Auth is there:
//
//	if len(os.Args) > 1 {
//		os.Exit(cmd.Run(ctx, auth, os.Args[1:]))
//	}
//
// The commands use the same calls as your code, so hooks run and mails are queued, and need no running server. Events of the audit trail have
// the method "command". The README of this folder lists the commands, their output with --json and the exit codes.
package cmd

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// The exit codes.
const (
	OK        = 0 // done
	Failed    = 1 // not done; stderr says why
	Usage     = 2 // no such command, flag or argument; stderr has the usage
	NoUser    = 3 // no user, or several, have the ID, name or address
	Attention = 4 // done, but look at the result: findings of check that are errors, refused lines of import, pending migrations
)

// Program sets how commands read and write. The zero value uses the standard streams of the process.
type Program struct {
	Name string    // in usage texts; default: the name of the executable
	In   io.Reader // for passwords and imports; a password is asked for only if it is a terminal
	Out  io.Writer // for results
	Err  io.Writer // for prompts, errors and usage texts

	// Fill sets your own columns of a user that import reads. row has the fields of a line that are not the library's. Its error
	// refuses the line. Without Fill, import refuses files with fields that it does not know.
	Fill func(account models.Account, row map[string]string) error
}

// Run is [Program.Run] with the standard streams.
func Run(ctx context.Context, auth *ginauth.Auth, args []string) int {
	return Program{}.Run(ctx, auth, args)
}

// Run runs the command args[0] with the arguments after it, and returns the exit code. Without arguments it prints the usage.
// Tables must exist for all commands but migrate, check and rotate-secret. Stop it by ending ctx: what is not committed by then
// is not done.
func (p Program) Run(ctx context.Context, auth *ginauth.Auth, args []string) int {
	p = p.withDefaults()
	commands := append(builtIn(), ofFeatures(auth)...)
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		p.help(commands)
		return OK
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(p.Err, "%s: there is no command %q; %s help lists them\n", p.Name, args[0], p.Name)
		return Usage
	}
	return p.run(core.WithMethod(ctx, core.ByCommand), auth, commands[i], args[1:])
}

func (p Program) withDefaults() Program {
	if p.Name == "" {
		p.Name = filepath.Base(os.Args[0])
	}
	if p.In == nil {
		p.In = os.Stdin
	}
	if p.Out == nil {
		p.Out = os.Stdout
	}
	if p.Err == nil {
		p.Err = os.Stderr
	}
	return p
}

// command is one command. prepare declares its flags, and returns what runs it.
type command struct {
	name, args, doc string
	prepare         func(*flag.FlagSet) func(*call) (result, error)
}

// call is one run of a command.
type call struct {
	Program
	ctx  context.Context
	auth *ginauth.Auth
	core *core.Core
	args []string // without flags
}

// result is what a command has done: for people, and as JSON.
type result struct {
	text      string
	data      any
	attention bool
}

// builtIn returns the commands that need no feature.
func builtIn() []command {
	return []command{
		createUser(), setPassword(),
		{"activate", "USER", "Let a deactivated user log in again.", setActive(true)},
		{"deactivate", "USER", "Keep a user from logging in, and end their sessions and tokens.", setActive(false)},
		ban(), {"unban", "USER", "End a ban before its time.", unban},
		sessions(), export(), importUsers(),
		{"check", "", "Report what is wrong or risky before going live.", check},
		migrate(), rotateSecret(),
	}
}

// ofFeatures returns the commands of the listed features.
func ofFeatures(auth *ginauth.Auth) (all []command) {
	for _, c := range core.Of(auth).Commands() {
		all = append(all, command{c.Name, strings.TrimSpace("USER " + c.Args), c.Doc, func(*flag.FlagSet) func(*call) (result, error) {
			return func(l *call) (result, error) { return l.feature(c) }
		}})
	}
	return all
}

// feature runs the command of a feature.
func (l *call) feature(c core.Command) (result, error) {
	user, err := l.user()
	if err != nil {
		return result{}, err
	}
	args := l.args[1:]
	if (c.Args == "") != (len(args) == 0) {
		return result{}, usageError("wrong number of arguments")
	}
	done, err := c.Run(l.ctx, user.ID, args)
	return result{text: fmt.Sprintf("User %d (%s): %s", user.ID, user.Username, done), data: changed{user.ID}}, err
}
