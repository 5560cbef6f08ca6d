package clone

import (
	"database/sql/driver"
	"reflect"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// Shared returns the first field of an application's user that a copy by [Account] could share with the original: a field
// that is not exported and refers to memory, a lock, a function. Otherwise it returns "". Column values never count, even if
// they contain a pointer, nor do interface values, whose types are unknown.
func Shared(account models.Account) string {
	return sharing{}.in(reflect.TypeOf(account).Elem(), "")
}

// sharing is the set of visited types: an application's user may refer to itself.
type sharing map[reflect.Type]bool

func (s sharing) in(t reflect.Type, path string) string {
	if s[t] || isValue(t) {
		return ""
	}
	s[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			name := path + "." + f.Name
			if !f.IsExported() && !(f.Anonymous && f.Type.Kind() == reflect.Struct) {
				if refers(f.Type) {
					return name
				}
			} else if found := s.in(f.Type, name); found != "" {
				return found
			}
		}
	case reflect.Pointer:
		if isOpaque(t.Elem()) {
			return path
		}
		return s.in(t.Elem(), path)
	case reflect.Slice, reflect.Array, reflect.Map:
		return s.in(t.Elem(), path)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return path
	}
	return ""
}

// refers reports whether a copy of a value shares memory with it that could be changed.
func refers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if !isValue(t) && refers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Array:
		return refers(t.Elem())
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	}
	return false
}

// isOpaque reports whether a type's values must not be copied: a struct with private fields, unless
// it is the value of a column.
func isOpaque(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || isValue(t) {
		return false
	}
	for i := range t.NumField() {
		if f := t.Field(i); !f.IsExported() && !f.Anonymous {
			return true
		}
	}
	return false
}

// isValue reports whether a struct is the value of a column, which is never changed in place.
func isValue(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t.Kind() == reflect.Struct && reflect.PointerTo(t).Implements(reflect.TypeFor[driver.Valuer]())
}
