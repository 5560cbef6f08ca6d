package cmd

// import: users of another program from a CSV or JSON lines file.

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	importBatch = 500 // users in one transaction
	maxRefused  = 1000
)

// imported is the JSON result of import.
type imported struct {
	DryRun   bool      `json:"dry_run"`
	Imported int       `json:"imported"` // with --dry-run: would be
	Present  int       `json:"present"`  // were stored already
	Refused  int       `json:"refused"`
	Lines    []refused `json:"lines"` // the first 1000 refused ones
	LastLine int       `json:"last_line"`
}

// refused is a line that cannot be imported.
type refused struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// importUsers is the command import.
func importUsers() command {
	return command{"import", "FILE", `Add users of another program with the hashes of their passwords. FILE is CSV or JSON lines; "-" is standard input.`,
		func(flags *flag.FlagSet) func(*call) (result, error) {
			dryRun := flags.Bool("dry-run", false, "check all lines, and change nothing")
			format := flags.String("format", "", "`csv` or jsonl; default: by the end of the name of the file")
			from := flags.Int("from-line", 0, "skip what is before this `line`, after an import that stopped")
			return func(l *call) (result, error) { return l.importFile(l.args[0], *format, *from, *dryRun) }
		}}
}

// importFile reads a file, and stores its users in batches. What was stored stays when it fails: import the same file again.
func (l *call) importFile(name, format string, from int, dryRun bool) (result, error) {
	in := l.In
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // the operator names it
		if err != nil {
			return result{}, err
		}
		defer file.Close()
		in = file
	}
	lines, err := l.open(in, name, format)
	if err != nil {
		return result{}, err
	}
	b := &batch{call: l, seen: map[models.Key]int{}, out: imported{DryRun: dryRun, Lines: []refused{}}}
	for {
		row, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && row.line >= from {
			err = b.add(row)
		}
		if err == nil && len(b.users) == importBatch {
			err = b.store()
		}
		if err != nil {
			return b.stopped(err)
		}
	}
	if err := b.store(); err != nil {
		return b.stopped(err)
	}
	verb := "imported"
	if dryRun {
		verb = "would be imported"
	}
	text := fmt.Sprintf("%d users %s, %d present already, %d lines refused.", b.out.Imported, verb, b.out.Present, b.out.Refused)
	return result{text: text, data: b.out, attention: b.out.Refused > 0}, nil
}

// batch collects users until they are stored.
type batch struct {
	*call
	users []ginauth.ImportedUser
	lines []int              // of users
	seen  map[models.Key]int // lines of names and addresses, by "name:" and "address:" and the key
	out   imported
}

// add adds the user of a line, or reports why it cannot be.
func (b *batch) add(row row) error {
	if row.err != nil {
		return b.refuse(row.line, row.err.Error())
	}
	account := b.auth.Config().NewUser()
	verified, err := b.fill(account, row.fields)
	if err != nil {
		return b.refuse(row.line, err.Error())
	}
	user := account.Base()
	for _, key := range []models.Key{"name:" + models.UsernameKey(user.Username), "address:" + models.EmailKey(user.Email)} {
		kind, value, _ := strings.Cut(string(key), ":")
		if earlier, twice := b.seen[key]; twice && value != "" {
			return b.refuse(row.line, fmt.Sprintf("line %d has the same %s", earlier, kind))
		}
		b.seen[key] = row.line
	}
	b.users, b.lines = append(b.users, ginauth.ImportedUser{Account: account, EmailVerified: verified}), append(b.lines, row.line)
	return nil
}

// store stores the users of the batch.
func (b *batch) store() error {
	if len(b.users) == 0 {
		return nil
	}
	results, err := b.auth.ImportUsers(b.ctx, b.users, b.out.DryRun)
	if err != nil {
		return err
	}
	for i, err := range results {
		invalid, isInvalid := errors.AsType[*binding.Error](err)
		switch {
		case err == nil:
			b.out.Imported++
		case errors.Is(err, ginauth.ErrAlreadyImported):
			b.out.Present++
		case isInvalid:
			err = b.refuse(b.lines[i], strings.Join(problems(invalid), "; "))
		}
		if err != nil && !isInvalid && !errors.Is(err, ginauth.ErrAlreadyImported) {
			return err
		}
	}
	b.out.LastLine = b.lines[len(b.lines)-1]
	b.users, b.lines = nil, nil
	return nil
}

// refuse reports a line.
func (b *batch) refuse(line int, reason string) error {
	reason = strings.ReplaceAll(reason, "\n", "; ")
	if b.out.Refused++; b.out.Refused <= maxRefused {
		b.out.Lines = append(b.out.Lines, refused{line, reason})
	}
	_, err := fmt.Fprintf(b.Err, "line %d: %s\n", line, reason)
	return err
}

// stopped says how to go on.
func (b *batch) stopped(err error) (result, error) {
	return result{}, fmt.Errorf("stopped after line %d: %w; what was imported stays, so fix the cause and import the same file again", b.out.LastLine, err)
}
