package ginauth

// Copies of an application's user, so that a transaction that runs again starts from the same user.

import (
	"database/sql/driver"
	"reflect"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// again is the work of a transaction that changes an account. Each run begins with the account
// as it is now, and one that fails leaves it so: what a GORM hook of the application's does to
// it must not be done twice.
func again(account models.Account, work func(*store.Tx) error) func(*store.Tx) error {
	kept := copyOf(account)
	restore := func() { reflect.ValueOf(account).Elem().Set(reflect.ValueOf(copyOf(kept)).Elem()) }
	return func(tx *store.Tx) error {
		restore()
		err := work(tx)
		if err != nil {
			restore()
		}
		return err
	}
}

// copyOf is a copy of an application's user that can be changed in place, too, without
// changing the other.
func copyOf(account models.Account) models.Account {
	other := reflect.New(reflect.TypeOf(account).Elem())
	other.Elem().Set(reflect.ValueOf(account).Elem())
	detacher{}.detach(other.Elem())
	return other.Interface().(models.Account)
}

// detacher has the copies made so far, by the pointers to the originals: what an application
// hangs on its user may go round in circles.
type detacher map[any]reflect.Value

// detach replaces what a value refers to by copies.
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

// copied is a copy of something that is not nil.
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

// element is a copy of what cannot be changed where it is.
func (d detacher) element(v reflect.Value) reflect.Value {
	other := reflect.New(v.Type()).Elem()
	other.Set(v)
	d.detach(other)
	return other
}

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

// isOpaque reports whether a type's values may not be copied: a struct with something inside
// that is its own business, unless it is the value of a column.
func isOpaque(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() || reflect.PointerTo(t).Implements(reflect.TypeFor[driver.Valuer]()) {
		return false
	}
	for i := range t.NumField() {
		if f := t.Field(i); !f.IsExported() && !f.Anonymous {
			return true
		}
	}
	return false
}
