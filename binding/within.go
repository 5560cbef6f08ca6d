package binding

import (
	"cmp"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// setWithin stores checked JSON as encoding/json does, but objects follow the rules of the body itself: only fields with a
// json name are filled, by exactly that name. A type with its own decoding uses it. setWithin reports whether the JSON
// fits the type.
func setWithin(target reflect.Value, raw []byte) bool {
	t := target.Type()
	if readsItself(t) || raw[0] == 'n' {
		return json.Unmarshal(raw, target.Addr().Interface()) == nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(t.Elem()))
		return setWithin(target.Elem(), raw)
	case reflect.Struct:
		return setObject(target, raw)
	case reflect.Map:
		return setMap(target, raw)
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 {
			return setList(target, raw)
		}
	case reflect.Array:
		return setList(target, raw)
	}
	return json.Unmarshal(raw, target.Addr().Interface()) == nil
}

// readsItself reports whether a type has its own decoding.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Kind() != reflect.Pointer && (p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()))
}

// setObject fills a struct. It rejects an object that has a field's name a second time in different letter case, because
// other software may read the other one.
func setObject(target reflect.Value, raw []byte) bool {
	var values map[string]json.RawMessage
	if json.Unmarshal(raw, &values) != nil {
		return false
	}
	for _, f := range fieldsWithin(target.Type()) {
		v, given := values[f.name]
		if !given {
			continue
		}
		for name := range values {
			if name != f.name && strings.EqualFold(name, f.name) {
				return false
			}
		}
		if f.quoted && v[0] != 'n' {
			var text string
			if json.Unmarshal(v, &text) != nil || checkJSON([]byte(text)) != nil {
				return false
			}
			v = []byte(strings.TrimSpace(text))
		}
		if field, ok := fieldAt(target, f.index); !ok || !setWithin(field, v) {
			return false
		}
	}
	return true
}

// fieldAt returns a field and allocates the embedded pointers on the way. It returns false if it cannot set one of them.
func fieldAt(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() && !v.CanSet() {
				return v, false
			}
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

func setMap(target reflect.Value, raw []byte) bool {
	t := target.Type()
	values := reflect.New(reflect.MapOf(t.Key(), reflect.TypeFor[json.RawMessage]()))
	if json.Unmarshal(raw, values.Interface()) != nil {
		return false
	}
	target.Set(reflect.MakeMap(t))
	for each := values.Elem().MapRange(); each.Next(); {
		element := reflect.New(t.Elem()).Elem()
		if !setWithin(element, each.Value().Bytes()) {
			return false
		}
		target.SetMapIndex(each.Key(), element)
	}
	return true
}

func setList(target reflect.Value, raw []byte) bool {
	var values []json.RawMessage
	if json.Unmarshal(raw, &values) != nil {
		return false
	}
	if target.Kind() == reflect.Slice {
		target.Set(reflect.MakeSlice(target.Type(), len(values), len(values)))
	}
	for i := range min(len(values), target.Len()) {
		if !setWithin(target.Index(i), values[i]) {
			return false
		}
	}
	return true
}

// fieldWithin is a field of a struct inside a field of the body.
type fieldWithin struct {
	name   string
	index  []int
	quoted bool // json:",string"
}

var withinCache sync.Map // reflect.Type -> []fieldWithin; derived from types alone

// fieldsWithin returns the fields that an object fills: those with a json name, including fields of embedded structs
// without a json name. If several fields have the same name, it returns the least nested one.
func fieldsWithin(t reflect.Type) []fieldWithin {
	if cached, ok := withinCache.Load(t); ok {
		return cached.([]fieldWithin)
	}
	var fields []fieldWithin
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && name != "" && name != "-" && !behindName(t, f.Index) {
			fields = append(fields, fieldWithin{name, f.Index, isScalar(f.Type) && slices.Contains(strings.Split(options, ","), "string")})
		}
	}
	slices.SortStableFunc(fields, func(a, b fieldWithin) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(len(a.index), len(b.index)))
	})
	fields = slices.CompactFunc(fields, func(a, b fieldWithin) bool { return a.name == b.name })
	withinCache.Store(t, fields)
	return fields
}

// isScalar reports whether encoding/json supports the option "string" for a type.
func isScalar(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64 || t.Kind() == reflect.String
}

// behindName reports whether a struct on the way to a field has a json name, or "-".
func behindName(t reflect.Type, index []int) bool {
	for i := 1; i < len(index); i++ {
		if name, _, _ := strings.Cut(t.FieldByIndex(index[:i]).Tag.Get("json"), ","); name != "" {
			return true
		}
	}
	return false
}
