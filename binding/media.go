package binding

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/url"
	"unicode/utf8"
)

const (
	maxDepth  = 32   // nesting of a JSON body (T077)
	maxFields = 1000 // of a form, as Django's DATA_UPLOAD_MAX_NUMBER_FIELDS
)

// value is one field of a body before decoding: JSON text, or the text of a form field.
type value struct {
	json []byte   // nil for form fields
	text string   // form fields only: the first value
	more []string // further values of the name in a form
	file bool     // a multipart part with a file name
}

var (
	errNotAnObject = Invalid(NonField, Problem{Code: CodeNotAnObject})
	errRepeated    = errors.New("a field is repeated")
	errDeep        = errors.New("nested too deeply")
	errFields      = errors.New("too many fields")
)

func readJSON(body []byte) (map[string]value, error) {
	if err := checkJSON(body); err != nil {
		return nil, errParse.Because(err)
	}
	rest := bytes.TrimSpace(body)
	if rest[0] != '{' {
		return nil, errNotAnObject
	}
	values := map[string]value{}
	for rest, end := rest[1:], byte(','); end == ','; {
		var key, raw []byte
		if key, rest, end = cutJSON(rest); end != ':' { // an empty object
			break
		}
		raw, rest, end = cutJSON(rest)
		name := unquote(key)
		if _, twice := values[name]; twice {
			return nil, errParse.Because(errRepeated)
		}
		values[name] = value{json: raw}
	}
	return values, nil
}

// cutJSON splits the inside of a valid object at the first colon, comma or closing brace outside of keys and values. It
// returns the text before and after, and which character it was.
func cutJSON(text []byte) (before, after []byte, at byte) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case depth == 0 && (c == ':' || c == ',' || c == '}'):
			return bytes.TrimSpace(text[:i]), text[i+1:], c
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil, nil, 0 // the object is not valid
}

// unquote returns the text of a valid JSON string.
func unquote(raw []byte) (s string) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	_ = json.Unmarshal(raw, &s)
	return s
}

// checkJSON accepts exactly one JSON value of bounded depth. A byte-order mark is
// not JSON (RFC 8259, section 8.1).
func checkJSON(body []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '{' || c == '['):
			if depth++; depth > maxDepth {
				return errDeep
			}
		case !quoted && (c == '}' || c == ']'):
			depth--
		}
	}
	if json.Valid(body) {
		return nil
	}
	var raw json.RawMessage
	return json.Unmarshal(body, &raw)
}

func readForm(body []byte) (map[string]value, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errParse.Because(err)
	}
	values, n := make(map[string]value, len(form)), 0
	for name, all := range form {
		if n += len(all); n > maxFields {
			return nil, errParse.Because(errFields)
		}
		values[name] = value{text: all[0], more: all[1:]}
	}
	return values, nil
}

func readMultipart(body []byte, boundary string) (map[string]value, error) {
	if boundary == "" || !bytes.Contains(body, []byte("--"+boundary+"--")) {
		return nil, errParse // cut off
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	values := map[string]value{}
	for n := 0; ; n++ {
		part, err := reader.NextPart()
		if err == io.EOF { //nolint:errorlint // wrapped, it means that the body was cut off
			return values, nil
		}
		if err != nil {
			return nil, errParse.Because(err)
		}
		text, err := io.ReadAll(part) // bounded: the whole body is
		if err != nil {
			return nil, errParse.Because(err)
		}
		if n == maxFields {
			return nil, errParse.Because(errFields)
		}
		name, file := part.FormName(), part.FileName() != ""
		if first, twice := values[name]; twice {
			first.more, first.file = append(first.more, string(text)), first.file || file
			values[name] = first
		} else {
			values[name] = value{text: string(text), file: file}
		}
	}
}

// jsonText returns the text of a JSON string or number. The second result is false for lone surrogates: encoding/json
// replaces each of them with U+FFFD, so different inputs would become the same text (T081).
func jsonText(raw []byte) (string, bool) {
	if raw[0] != '"' {
		return string(raw), true
	}
	s := unquote(raw)
	replaced := bytes.Count([]byte(s), []byte(string(utf8.RuneError)))
	return s, replaced == bytes.Count(raw, []byte(string(utf8.RuneError)))+countEscapedFFFD(raw)
}

// countEscapedFFFD counts the escapes \ufffd, which mean the character U+FFFD itself.
func countEscapedFFFD(raw []byte) int {
	n := 0
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if raw[i+1] == 'u' && i+6 <= len(raw) && bytes.EqualFold(raw[i+2:i+6], []byte("fffd")) {
			n++
		}
		i++
	}
	return n
}
