package binding

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// MaxBody is the largest body that Decode reads, in bytes (T076).
const MaxBody = 64 << 10

// An Option changes how Decode reads one request.
type Option func(*decoder)

// Require makes fields required that the struct's tags leave optional.
func Require(fields ...string) Option {
	return func(d *decoder) { d.required = append(d.required, fields...) }
}

// Ignore leaves fields alone, whatever the body has in them.
func Ignore(fields ...string) Option {
	return func(d *decoder) { d.ignored = append(d.ignored, fields...) }
}

// Partial is for a body that changes what it names and nothing else, as that of a PATCH. There,
// an empty or null field is a change, and refused where the field cannot be that.
func Partial() Option { return func(d *decoder) { d.partial = true } }

// Decode reads a request body into the struct that into points to and validates it.
//
// It takes application/json, application/x-www-form-urlencoded and
// multipart/form-data, in UTF-8 and not compressed; the query string is never read
// (T072). Keys must match exactly; unknown ones are ignored, repeated ones refused (T075), but
// for a list in a form, which may have one for each element. Objects within fields are read by the
// same rules. A field that is not required counts as not given when it is null or empty, unless
// the field is tagged `in:"blank"`, which takes an empty text as one. In a string field a JSON number becomes its digits, as in Django REST
// framework, and anything else is refused. White space around a string is cut unless
// the field is tagged `in:"raw"`.
//
// The error is always an *Error: 400 with every field's problems at once, 400
// CodeParseError, 413 or 415.
func Decode(w http.ResponseWriter, r *http.Request, into any, options ...Option) error {
	d := &decoder{}
	for _, option := range options {
		option(d)
	}
	values, err := read(w, r)
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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
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

// isUTF8 reports whether a label names UTF-8, as browsers and clients spell it (WHATWG Encoding,
// section 4.2), or is missing.
func isUTF8(charset string) bool {
	switch strings.ToLower(strings.TrimSpace(charset)) {
	case "", "utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8":
		return true
	}
	return false
}
