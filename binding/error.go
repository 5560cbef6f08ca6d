package binding

import (
	"errors"
	"maps"
	"net/http"
	"slices"
)

// NonField is the field name for problems that do not belong to a single field. Django REST framework uses the
// same name.
const NonField = "non_field_errors"

// A Problem is one reason why a field is rejected. The json tags are for views that return
// [Error.Fields] unchanged.
type Problem struct {
	Code    Code           `json:"code"`    // for programs; never changes
	Message string         `json:"message"` // for people; must not repeat input. If empty, the client gets the text for Code
	Params  map[string]any `json:"-"`       // values for placeholders in the text: "Limit", or "Count" if its plural forms depend on the number
}

// An Error is a failure that the client sees. Return a pointer to one from a hook, a form or a backend to reject the
// request, or pass it to ginauth.Auth.Fail in middleware. [Invalid] makes an Error for one field. For an error of the
// whole request, set Status and Code:
//
//	return &binding.Error{Status: 403, Code: "unpaid", Message: "Please pay your invoice."}
//
// The library fills in empty messages when it writes the response, in the language of the user. It does not change a
// message that you set. Do not change an Error that other code may use: Because and WithHeader return copies.
// Two errors are equal for errors.Is if their codes are equal.
type Error struct {
	Status  int                  // HTTP status, 400 or more
	Code    Code                 // for programs; CodeInvalid if Fields is set
	Message string               // for people; must not reveal which accounts exist. If empty, the client gets the text for Code
	Fields  map[string][]Problem // problems by field name or NonField; nil for an error of the whole request
	Header  http.Header          // extra response headers: Allow, Retry-After, WWW-Authenticate

	cause error // for the log; clients never see it
}

// Error returns the code, the fields with the codes of their problems, and the cause. Use it for logs and
// command-line programs. Except for the cause, it contains no input of the client.
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

// Unwrap returns the cause that [Error.Because] set, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is an [*Error] with the same code. The function errors.Is calls it.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Because returns a copy with a cause. The library logs the cause of an error with status 500 or more. Clients never see it.
func (e *Error) Because(err error) *Error {
	c := *e
	c.cause = err
	return &c
}

// WithHeader returns a copy that also sets a header of the response.
func (e *Error) WithHeader(key, value string) *Error {
	c := *e
	c.Header = e.Header.Clone()
	if c.Header == nil {
		c.Header = http.Header{}
	}
	c.Header.Set(key, value)
	return &c
}

// FieldNames returns the names of the fields with problems, sorted.
func (e *Error) FieldNames() []string { return slices.Sorted(maps.Keys(e.Fields)) }

// Invalid returns an error with status 400 for one field. Use [NonField] if the problem does not belong to a single field.
func Invalid(field string, problems ...Problem) *Error {
	return &Error{
		Status: http.StatusBadRequest, Code: CodeInvalid,
		Fields: map[string][]Problem{field: problems},
	}
}

// Merge combines errors of fields, so that the client gets all problems in one response. It ignores nil errors, and
// returns nil if there are no others. If an error has no fields, is not an [*Error] or has a status other than 400,
// Merge returns the first such error unchanged.
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
