// Package binding holds what travels between a client and the library: request and
// response structs, their validation, and the one error type. It knows neither Gin
// nor GORM.
//
// # For applications
//
// Forms of one's own embed a request struct, as [Register]; views get a response struct, as
// [LoginResponse]. Hooks, forms and backends refuse with an [Error], most often by [Invalid]:
//
//	return binding.Invalid("company", binding.Problem{Code: "not_welcome", Message: "We know you."})
//
// Codes are stable, and for programs; messages are for people. A problem with one of the
// library's codes, as [CodeTaken], needs no message: it gets a text in the reader's language. So does
// one with a code of config.Config.Codes, if config.Config.Texts has its text.
//
// # Tags
//
// Request structs are checked by go-playground/validator through the tag `binding`,
// as Gin users know it, on a validator instance of our own. The tag `in` tells the
// decoder two more things: `in:"raw"` keeps white space (passwords), `in:"blank"`
// takes an empty string for a value, not for a field that was not given.
package binding

import (
	"errors"
	"maps"
	"net/http"
	"slices"
)

// NonField is the key of problems that belong to no single field, as Django REST
// framework names it.
const NonField = "non_field_errors"

// Problem is one thing that is wrong with one field. The tags are for views that answer
// [Error.Fields] as they are.
type Problem struct {
	Code    Code           `json:"code"`    // stable, for programs
	Message string         `json:"message"` // for people; no input is ever repeated in it. Empty: the library's text for Code
	Params  map[string]any `json:"-"`       // numbers in the library's text: "Limit", or "Count" where the grammar depends on it
}

// Error is every failure that a client may see. It is immutable once shared: the
// With methods copy. Two errors are the same to errors.Is when their codes are.
//
// The library's own texts are not in here but in catalogs, one a language; they are put in
// when the error is written, in the language of the reader. A message that is set, as by an
// application, is written as it is.
type Error struct {
	Status  int                  // HTTP status
	Code    Code                 // stable; CodeInvalid when Fields is set
	Message string               // for people; says nothing about who exists. Empty: the library's text for Code
	Fields  map[string][]Problem // problems by field name or NonField; nil for errors of the whole request
	Header  http.Header          // extra response headers: Allow, Retry-After, WWW-Authenticate

	cause error // for the log, never on the wire
}

// Error returns the code, the fields with the codes of their problems, and the cause.
// It is for logs and command lines, and never repeats input.
func (e *Error) Error() string {
	s := string(e.Code)
	for i, name := range e.FieldNames() {
		s += []string{": ", "; "}[min(i, 1)] + name
		for _, p := range e.Fields[name] {
			s += " " + string(p.Code)
		}
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause given to Because.
func (e *Error) Unwrap() error { return e.cause }

// Is compares codes.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Because returns a copy that carries the reason, for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.cause = err
	return &c
}

// WithHeader returns a copy with a response header set.
func (e *Error) WithHeader(key, value string) *Error {
	c := *e
	c.Header = e.Header.Clone()
	if c.Header == nil {
		c.Header = http.Header{}
	}
	c.Header.Set(key, value)
	return &c
}

// FieldNames returns the fields that have problems, sorted.
func (e *Error) FieldNames() []string { return slices.Sorted(maps.Keys(e.Fields)) }

// Invalid returns a 400 for one field; use NonField for the request as a whole.
func Invalid(field string, problems ...Problem) *Error {
	return &Error{
		Status: http.StatusBadRequest, Code: CodeInvalid,
		Fields: map[string][]Problem{field: problems},
	}
}

// Merge joins the field problems of several errors, so that a client hears of all at
// once. Nil errors count for nothing; it returns nil when nothing is left. An error
// that is not about fields, or has another status than 400, wins over those that are.
func Merge(errs ...error) error {
	fields := map[string][]Problem{}
	for _, err := range errs {
		var e *Error
		switch {
		case err == nil:
			continue
		case !errors.As(err, &e) || e.Fields == nil || e.Status != 0 && e.Status != http.StatusBadRequest:
			return err
		}
		for name, problems := range e.Fields {
			fields[name] = append(fields[name], problems...)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &Error{Status: http.StatusBadRequest, Code: CodeInvalid, Fields: fields}
}
