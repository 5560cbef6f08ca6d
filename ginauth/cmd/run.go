package cmd

// Running one command: its flags, its user, and the output of its result or error.

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// usageError is a mistake in the arguments.
type usageError string

func (e usageError) Error() string { return string(e) }

// errUser means that the argument does not name exactly one user.
var errUser = errors.New("no such user")

func (p Program) run(ctx context.Context, auth *ginauth.Auth, c command, args []string) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(p.Err)
	flags.Usage = func() {
		fmt.Fprintf(p.Err, "Usage: %s %s [flags] %s\n%s\n\n", p.Name, c.name, c.args, c.doc)
		flags.PrintDefaults()
	}
	asJSON := flags.Bool("json", false, "print the result as JSON")
	do := c.prepare(flags)
	given, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		return OK
	}
	if err != nil {
		return Usage // the flag package has printed it
	}
	var done result
	if want := strings.Fields(c.args); len(given) < len(want) || len(given) > len(want) && !strings.HasSuffix(c.args, "...") {
		err = usageError("wrong number of arguments")
	} else {
		done, err = do(&call{Program: p, ctx: ctx, auth: auth, core: core.Of(auth), args: given})
	}
	if err == nil {
		err = p.print(done, *asJSON)
	}
	if err != nil {
		return p.fail(c.name, err, *asJSON, flags.Usage)
	}
	if done.attention {
		return Attention
	}
	return OK
}

// parse parses flags before, between and after the arguments, and returns these. Everything after "--" is an argument.
func parse(flags *flag.FlagSet, args []string) (given []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		rest := flags.Args()
		if ended := len(args) > len(rest) && args[len(args)-len(rest)-1] == "--"; ended || len(rest) == 0 {
			return append(given, rest...), nil
		}
		given, args = append(given, rest[0]), rest[1:]
	}
}

func (p Program) print(done result, asJSON bool) error {
	if !asJSON {
		if done.text == "" {
			return nil
		}
		_, err := io.WriteString(p.Out, strings.TrimRight(done.text, "\n")+"\n")
		return err
	}
	out := json.NewEncoder(p.Out)
	out.SetEscapeHTML(false)
	return out.Encode(done.data)
}

// failure is an error with --json.
type failure struct {
	Error  string                       `json:"error"`
	Fields map[string][]binding.Problem `json:"fields,omitempty"`
}

// fail prints an error and returns the exit code.
func (p Program) fail(name string, err error, asJSON bool, usage func()) int {
	invalid, isInvalid := errors.AsType[*binding.Error](err)
	if asJSON {
		out := failure{Error: err.Error()}
		if isInvalid {
			out.Fields = invalid.Fields
		}
		_ = json.NewEncoder(p.Err).Encode(out)
	} else if isInvalid && len(invalid.Fields) > 0 {
		for _, line := range problems(invalid) {
			fmt.Fprintf(p.Err, "%s %s: %s\n", p.Name, name, line)
		}
	} else {
		fmt.Fprintf(p.Err, "%s %s: %s\n", p.Name, name, strings.TrimPrefix(err.Error(), "ginauth: "))
	}
	_, isUsage := errors.AsType[usageError](err)
	switch {
	case isUsage && !asJSON:
		usage()
		return Usage
	case isUsage:
		return Usage
	case errors.Is(err, errUser), errors.Is(err, ginauth.ErrNoSuchUser), errors.Is(err, core.ErrNoRow):
		return NoUser
	}
	return Failed
}

// problems lists the errors of fields, one a line.
func problems(e *binding.Error) (lines []string) {
	for _, field := range e.FieldNames() {
		for _, problem := range e.Fields[field] {
			lines = append(lines, fmt.Sprintf("%s: %s (%s)", field, problem.Message, problem.Code))
		}
	}
	return lines
}

func (p Program) help(commands []command) {
	fmt.Fprintf(p.Out, "Usage: %s COMMAND [flags] [arguments]\n\nUSER is an ID, a name or an address; all commands have --json and -h.\n\n", p.Name)
	for _, c := range commands {
		fmt.Fprintf(p.Out, "  %-32s %s\n", strings.TrimSpace(c.name+" "+c.args), c.doc)
	}
}

// user returns the user whom the first argument names: an ID, a name or an address. "id:7" and "name:7" say which it is.
func (l *call) user() (*models.User, error) {
	text := l.args[0]
	kind, rest, prefixed := strings.Cut(text, ":")
	if prefixed = prefixed && (kind == "id" || kind == "name"); prefixed {
		text = rest
	}
	found, err := l.core.FindUsers(l.ctx, text)
	if err != nil {
		return nil, err
	}
	var fitting []models.User
	for _, u := range found {
		named := u.UsernameKey != nil && *u.UsernameKey == models.UsernameKey(text)
		if !prefixed || kind == "name" && named || kind == "id" && fmt.Sprint(u.ID) == text {
			fitting = append(fitting, u)
		}
	}
	switch len(fitting) {
	case 0:
		return nil, fmt.Errorf("%w: no user has the ID, name or address %q", errUser, text)
	case 1:
		return &fitting[0], nil
	}
	var ids []string
	for _, u := range fitting {
		ids = append(ids, fmt.Sprintf("id:%d (%s)", u.ID, u.Username))
	}
	return nil, fmt.Errorf("%w: several users have %q; name one as %s", errUser, text, strings.Join(ids, " or "))
}

// changed is the JSON result of a command that changes a user.
type changed struct {
	ID int64 `json:"id"`
}
