// Package clone copies an application's user with everything that it refers to, so that changing the copy never changes the
// original.
package clone

import (
	"reflect"

	"github.com/ginauth/gin-rest-auth/models"
)

// Account returns a deep copy of an application's user. Values that have private fields, such as a lock, are shared.
func Account(account models.Account) models.Account {
	other := reflect.New(reflect.TypeOf(account).Elem())
	other.Elem().Set(reflect.ValueOf(account).Elem())
	detacher{}.detach(other.Elem())
	return other.Interface().(models.Account)
}

// Into sets account to a copy of from, which has the same type.
func Into(account, from models.Account) {
	reflect.ValueOf(account).Elem().Set(reflect.ValueOf(Account(from)).Elem())
}

// detacher maps pointers to the copies made so far: an application's user may refer to itself.
type detacher map[any]reflect.Value

// detach replaces everything that a value refers to with copies.
func (d detacher) detach(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct {
				d.detach(v.Field(i))
			}
		}
	case reflect.Array:
		d.detachAll(v)
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		if !v.IsNil() {
			v.Set(d.copied(v))
		}
	}
}

// detachAll detaches elements, unless they are numbers or text and refer to nothing.
func (d detacher) detachAll(v reflect.Value) {
	if kind := v.Type().Elem().Kind(); kind <= reflect.Complex128 || kind == reflect.String {
		return
	}
	for i := range v.Len() {
		d.detach(v.Index(i))
	}
}

// copied returns a copy of a value that is not nil.
func (d detacher) copied(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Slice:
		other := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(other, v)
		d.detachAll(other)
		return other
	case reflect.Map:
		other := reflect.MakeMapWithSize(v.Type(), v.Len())
		for each := v.MapRange(); each.Next(); {
			other.SetMapIndex(each.Key(), d.element(each.Value()))
		}
		return other
	case reflect.Interface:
		return d.element(v.Elem())
	default:
		return d.pointer(v)
	}
}

// element returns a copy of a value that cannot be changed in place, such as one in a map.
func (d detacher) element(v reflect.Value) reflect.Value {
	other := reflect.New(v.Type()).Elem()
	other.Set(v)
	d.detach(other)
	return other
}

// pointer returns a pointer to a copy, the same one for the same pointer.
func (d detacher) pointer(v reflect.Value) reflect.Value {
	if isOpaque(v.Type().Elem()) {
		return v
	}
	if other, found := d[v.Interface()]; found {
		return other
	}
	other := reflect.New(v.Type().Elem()).Convert(v.Type())
	d[v.Interface()] = other
	other.Elem().Set(v.Elem())
	d.detach(other.Elem())
	return other
}
