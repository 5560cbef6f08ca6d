package cmd

// Reading the lines of an import.

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// row is one line of an import. err says why it cannot be read; the lines after it can.
type row struct {
	line   int
	fields map[string]string
	err    error
}

// source has the lines of a file. next returns io.EOF at the end.
type source interface{ next() (row, error) }

// fields are those that import knows. They have the names of Django's columns.
var fields = []string{
	"username", "email", "email_verified", "password", "first_name", "last_name", "is_active", "is_staff", "is_superuser",
	"date_joined", "last_login", "locale",
}

var localeForm = regexp.MustCompile(`^[A-Za-z0-9-]{0,35}$`)

const maxLine = 1 << 20 // bytes of a JSON line

// open returns the lines of a file.
func (l *call) open(in io.Reader, name, format string) (source, error) {
	if format == "" {
		format = strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	}
	switch format {
	case "csv":
		return newCSV(in, l.Fill != nil)
	case "jsonl", "ndjson":
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, maxLine)
		return &jsonLines{in: lines, own: l.Fill != nil}, nil
	}
	return nil, usageError(fmt.Sprintf("the format of %q is not known; use --format csv or --format jsonl", name))
}

// csvLines reads CSV (RFC 4180) whose first line names the fields.
type csvLines struct {
	in     *csv.Reader
	header []string
}

func newCSV(in io.Reader, own bool) (source, error) {
	buffered := bufio.NewReader(in)
	if mark, _ := buffered.Peek(3); string(mark) == "\ufeff" { // of spreadsheets
		_, _ = buffered.Discard(3)
	}
	c := &csvLines{in: csv.NewReader(buffered)}
	header, err := c.in.Read()
	if err != nil {
		return nil, fmt.Errorf("the first line must name the fields: %w", err)
	}
	line, _ := c.in.FieldPos(0)
	seen := map[string]bool{}
	for _, name := range header {
		if err := errors.Join(known(name, own), once(seen, name)); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	c.header = header
	return c, nil
}

func (c *csvLines) next() (row, error) {
	values, err := c.in.Read()
	if mistake, ok := errors.AsType[*csv.ParseError](err); ok {
		return row{line: mistake.StartLine, err: mistake.Err}, nil
	}
	if err != nil {
		return row{}, err
	}
	line, _ := c.in.FieldPos(0)
	out := row{line: line, fields: map[string]string{}}
	for i, name := range c.header {
		out.fields[name] = values[i]
	}
	return out, nil
}

// jsonLines reads one object a line.
type jsonLines struct {
	in   *bufio.Scanner
	line int
	own  bool
}

func (j *jsonLines) next() (row, error) {
	for j.in.Scan() {
		j.line++
		if text := strings.TrimSpace(j.in.Text()); text != "" {
			fields, err := object(text, j.own)
			return row{j.line, fields, err}, nil
		}
	}
	if err := j.in.Err(); err != nil {
		return row{}, fmt.Errorf("line %d: %w", j.line+1, err)
	}
	return row{}, io.EOF
}

// object reads a JSON object of strings, numbers, booleans and nulls, and nothing after it.
func object(text string, own bool) (map[string]string, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('{') {
		return nil, errors.Join(errors.New("is not a JSON object"), err)
	}
	out, seen := map[string]string{}, map[string]bool{}
	for decoder.More() {
		var value any
		key, err := decoder.Token()
		if err == nil {
			err = decoder.Decode(&value)
		}
		if err != nil {
			return nil, fmt.Errorf("is not a JSON object: %w", err)
		}
		name, _ := key.(string)
		if err := errors.Join(known(name, own), once(seen, name)); err != nil {
			return nil, err
		}
		switch v := value.(type) {
		case nil:
		case string, bool, json.Number:
			out[name] = fmt.Sprint(v)
		default:
			return nil, fmt.Errorf("%s: must be a string, number, boolean or null", name)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("is not a JSON object: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("has more than one JSON object, or other text after it; write one object a line")
	}
	return out, nil
}

// once returns an error for a field that was there before.
func once(seen map[string]bool, name string) error {
	if seen[name] {
		return fmt.Errorf("the field %q is there twice", name)
	}
	seen[name] = true
	return nil
}

func known(name string, own bool) error {
	if own || slices.Contains(fields, name) {
		return nil
	}
	return fmt.Errorf("unknown field %q; the fields are %s", name, strings.Join(fields, ", "))
}

// fill sets the columns of a user, and reports whether the address is verified.
func (l *call) fill(account models.Account, given map[string]string) (verified bool, err error) {
	user := account.Base()
	user.Username, user.Email, user.Password = given["username"], given["email"], given["password"]
	user.FirstName, user.LastName, user.Locale = given["first_name"], given["last_name"], given["locale"]
	var errs []error
	yes := func(field string, otherwise bool) bool {
		v, err := truth(given[field], otherwise)
		errs = append(errs, in(field, err))
		return v
	}
	user.IsActive, user.IsStaff, user.IsSuperuser = yes("is_active", true), yes("is_staff", false), yes("is_superuser", false)
	verified = yes("email_verified", false)
	joined, err := moment(given["date_joined"])
	if errs = append(errs, in("date_joined", err)); joined != nil {
		user.DateJoined = *joined
	}
	user.LastLogin, err = moment(given["last_login"])
	errs = append(errs, in("last_login", err))
	if !localeForm.MatchString(user.Locale) {
		errs = append(errs, errors.New("locale: must be a language such as de or pt-BR"))
	}
	if err := errors.Join(errs...); err != nil || l.Fill == nil {
		return verified, err
	}
	own := map[string]string{}
	for name, value := range given {
		if !slices.Contains(fields, name) {
			own[name] = value
		}
	}
	return verified, l.Fill(account, own)
}

func in(field string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	return nil
}

// truth reads a boolean as JSON, Python, PostgreSQL and MySQL write it.
func truth(text string, otherwise bool) (bool, error) {
	if text == "" {
		return otherwise, nil
	}
	v, err := strconv.ParseBool(strings.ToLower(text))
	if err != nil {
		err = errors.New("must be true or false")
	}
	return v, err
}

// moment reads a time as RFC 3339, Django and databases write it; without a zone it is UTC. It returns nil for an empty text.
func moment(text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07", "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1900 && t.Year() < 10000 {
			return new(t.UTC().Truncate(time.Millisecond)), nil
		}
	}
	return nil, errors.New("must be a time such as 2024-01-31T12:00:00Z")
}
