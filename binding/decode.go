package binding

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// MaxBody is the largest body that [Decode] reads, in bytes.
const MaxBody = 64 << 10

// An Option changes how [Decode] reads a body.
type Option func(*decoder)

// Require makes fields required, in addition to those with the tag binding:"required".
func Require(fields ...string) Option {
	return func(d *decoder) { d.required = append(d.required, fields...) }
}

// Ignore skips fields, even if the body has invalid values for them.
func Ignore(fields ...string) Option {
	return func(d *decoder) { d.ignored = append(d.ignored, fields...) }
}

// Partial is for bodies that change only the fields they contain, such as the body of a PATCH. A null field is then
// [CodeNull], and an empty string [CodeBlank] unless the field has the tag in:"blank".
func Partial() Option { return func(d *decoder) { d.partial = true } }

// Decode reads a request body into the struct that into points to and validates it.
//
// The body is JSON, a URL-encoded form or multipart form data, in UTF-8 and not compressed. Decode never reads the
// query string. It fills only exported fields with a json tag.
//
//   - Keys must match the name in the tag exactly. Unknown keys are ignored. A key that comes twice is an error, except
//     in a form if the field is a list: then each value is one element. Objects inside fields follow the same rules.
//   - An optional field that is null or empty counts as missing. With the tag in:"blank" an empty string is a value.
//   - White space around strings is removed, unless the field has the tag in:"raw".
//   - A string field accepts a JSON number and stores its digits. It rejects other types.
//
// The README of this package has all rules. The error is always an [*Error]: 400 with the problems of all fields, 400
// with [CodeParseError], 413 or 415.
func Decode(w http.ResponseWriter, r *http.Request, into any, options ...Option) error {
	d := &decoder{}
	for _, option := range options {
		option(d)
	}
	values, err := read(w, r) // T072: never the query string
	if err != nil {
		return err
	}
	return d.fill(into, values)
}

var (
	errParse = &Error{Status: http.StatusBadRequest, Code: CodeParseError}
	errMedia = &Error{Status: http.StatusUnsupportedMediaType, Code: CodeUnsupportedMediaType}
	errLarge = &Error{Status: http.StatusRequestEntityTooLarge, Code: CodeTooLarge}
)

// read returns the fields of a body by name.
func read(w http.ResponseWriter, r *http.Request) (map[string]value, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody)) // T076
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, errLarge
		}
		return nil, errParse.Because(err)
	}
	if len(body) == 0 {
		return nil, nil
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, errMedia // T080
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return nil, errMedia
	}
	if !isUTF8(params["charset"]) {
		return nil, errMedia // T078
	}
	if !utf8.Valid(body) {
		return nil, errParse // T081
	}
	switch media {
	case "application/json":
		return readJSON(body)
	case "application/x-www-form-urlencoded":
		return readForm(body)
	case "multipart/form-data":
		return readMultipart(body, params["boundary"])
	}
	return nil, errMedia
}

// isUTF8 reports whether a charset label is missing or one of the names of UTF-8 (WHATWG Encoding,
// section 4.2).
func isUTF8(charset string) bool {
	switch strings.ToLower(strings.TrimSpace(charset)) {
	case "", "utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8":
		return true
	}
	return false
}
