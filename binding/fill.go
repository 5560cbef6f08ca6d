package binding

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

type decoder struct{ required []string }

// field is one struct field that a body may set.
type field struct {
	name  string // in the body
	index []int
	raw   bool // keep white space
	blank bool // may be empty
}

var fieldCache sync.Map // reflect.Type -> []field; derived from types alone

// fieldsOf lists the settable fields of a struct type, those of embedded structs
// included. A field without a json name is not for clients.
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
		in := strings.Split(f.Tag.Get("in"), ",")
		fields = append(fields, field{
			name: name, index: f.Index,
			raw: slices.Contains(in, "raw"), blank: slices.Contains(in, "blank"),
		})
	}
	fieldCache.Store(t, fields)
	return fields
}

// fill sets every field that the body has, validates, and reports all problems.
func (d *decoder) fill(into any, values map[string]value) error {
	target := reflect.ValueOf(into).Elem()
	problems := map[string][]Problem{}
	for _, f := range fieldsOf(target.Type()) {
		v, given := values[f.name]
		if !given {
			if slices.Contains(d.required, f.name) {
				problems[f.name] = []Problem{problemRequired}
			}
			continue
		}
		if p := f.set(target.FieldByIndex(f.index), v); p != nil {
			problems[f.name] = []Problem{*p}
		}
	}
	for name, p := range validateStruct(into) {
		if _, already := problems[name]; !already {
			problems[name] = []Problem{p}
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return Merge(&Error{Fields: problems})
}

var (
	problemRequired = Problem{Code: CodeRequired}
	problemNull     = Problem{Code: CodeNull}
	problemBlank    = Problem{Code: CodeBlank}
	problemText     = Problem{Code: CodeInvalidText}
	problemType     = Problem{Code: CodeInvalid}
)

// set stores one value, allocating pointers, so that nil keeps meaning "not given".
func (f field) set(target reflect.Value, v value) *Problem {
	if v.file {
		return &problemType
	}
	if v.json != nil && v.json[0] == 'n' {
		return &problemNull
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	if target.Kind() != reflect.String {
		return setOther(target, v)
	}
	text, problem := f.textOf(v)
	if problem == nil {
		target.SetString(text)
	}
	return problem
}

// textOf returns the text of a string field: strings and numbers, nothing else.
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

// setOther fills what is not a string, for the forms of applications: JSON as
// encoding/json takes it, form text by the type's own UnmarshalText or as JSON.
func setOther(target reflect.Value, v value) *Problem {
	var err error
	if v.json != nil {
		err = json.Unmarshal(v.json, target.Addr().Interface())
	} else if u, ok := target.Addr().Interface().(encoding.TextUnmarshaler); ok {
		err = u.UnmarshalText([]byte(v.text))
	} else if err = json.Unmarshal([]byte(v.text), target.Addr().Interface()); err != nil {
		err = fmt.Errorf("not a %s", target.Type())
	}
	if err != nil {
		return &problemType
	}
	return nil
}
