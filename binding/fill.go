package binding

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

type decoder struct {
	required, ignored []string
	partial           bool
}

// field is one struct field that a body may set.
type field struct {
	name     string // in the body
	index    []int
	raw      bool // keep white space
	blank    bool // may be empty
	required bool // by its tag
	text     bool // decoded as a string, see isText
}

var fieldCache sync.Map // reflect.Type -> []field; derived from types alone

// fieldsOf returns the fields of a struct type that a body may set, including those of embedded structs. A field
// without a json name is not for clients.
func fieldsOf(t reflect.Type) []field {
	if cached, ok := fieldCache.Load(t); ok {
		return cached.([]field)
	}
	var fields []field
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "" || name == "-" {
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		in := strings.Split(f.Tag.Get("in"), ",")
		fields = append(fields, field{
			name: name, index: f.Index,
			raw: slices.Contains(in, "raw"), blank: slices.Contains(in, "blank"), required: isRequired(f), text: isText(inner),
		})
	}
	fieldCache.Store(t, fields)
	return fields
}

// isRequired reports whether the tag requires the field itself, and not only the elements after dive.
func isRequired(f reflect.StructField) bool {
	own, _, _ := strings.Cut(f.Tag.Get("binding"), "dive")
	return slices.Contains(strings.Split(own, ","), "required")
}

// fill sets the fields that the body has, validates the struct, and returns the problems of all fields.
func (d *decoder) fill(into any, values map[string]value) error {
	target := reflect.ValueOf(into).Elem()
	if repeated(target, values) {
		return errParse.Because(errRepeated)
	}
	problems := map[string][]Problem{}
	for _, f := range fieldsOf(target.Type()) {
		v, given := values[f.name]
		required := slices.Contains(d.required, f.name)
		switch {
		case !given && required:
			problems[f.name] = []Problem{problemRequired}
			continue
		case !given, slices.Contains(d.ignored, f.name), !required && !d.partial && f.isNothing(v):
			continue
		}
		if p := f.set(target.FieldByIndex(f.index), v); p != nil {
			problems[f.name] = []Problem{*p}
		}
	}
	for path, p := range validateStruct(into) {
		if _, already := problems[topOf(path)]; !already {
			problems[path] = []Problem{p}
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return Merge(&Error{Fields: problems})
}

// isNothing reports whether a value counts as missing: it is null or an empty text, and the field is optional.
func (f field) isNothing(v value) bool {
	switch {
	case f.required || v.file:
		return false
	case v.json != nil && v.json[0] == 'n':
		return true
	case !f.text || f.blank || len(v.more) > 0 || v.json != nil && v.json[0] != '"':
		return false
	}
	text := v.text
	if v.json != nil {
		text, _ = jsonText(v.json)
	}
	return text == "" || !f.raw && strings.TrimSpace(text) == ""
}

var (
	problemRequired = Problem{Code: CodeRequired}
	problemNull     = Problem{Code: CodeNull}
	problemBlank    = Problem{Code: CodeBlank}
	problemText     = Problem{Code: CodeInvalidText}
	problemType     = Problem{Code: CodeInvalid}
)

// set stores one value. It allocates pointers, so that nil means that the field is missing.
func (f field) set(target reflect.Value, v value) *Problem {
	if v.file {
		return &problemType
	}
	if v.json != nil && v.json[0] == 'n' {
		return &problemNull
	}
	inner := target.Type()
	if inner.Kind() == reflect.Pointer {
		inner = inner.Elem()
	}
	text := isText(inner)
	if !text && !(isList(inner) && readsText(inner)) && v.json == nil && len(v.more) == 0 && strings.TrimSpace(v.text) == "" {
		return nil // an empty input of an HTML form; for a list that reads itself from one text, it is the empty list
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(inner))
		target = target.Elem()
	}
	if !text {
		return setOther(target, v)
	}
	return f.setText(target, v)
}

// isText reports whether a type is decoded as text: a string type without its own decoding.
func isText(t reflect.Type) bool {
	return t.Kind() == reflect.String && t != reflect.TypeFor[json.Number]() &&
		!reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) && !readsText(t)
}

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func (f field) setText(target reflect.Value, v value) *Problem {
	text, problem := f.textOf(v)
	if problem == nil {
		target.SetString(text)
	}
	return problem
}

// textOf returns the text for a string field from a string or a number. Other JSON types are a problem.
func (f field) textOf(v value) (string, *Problem) {
	text, ok := v.text, true
	if v.json != nil {
		if strings.IndexByte("{[tf", v.json[0]) >= 0 {
			return "", &problemType
		}
		text, ok = jsonText(v.json)
	}
	if !ok || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return "", &problemText // T018, T081
	}
	if !f.raw {
		text = strings.TrimSpace(text)
	}
	if text == "" && !f.blank {
		return "", &problemBlank
	}
	return text, nil
}
