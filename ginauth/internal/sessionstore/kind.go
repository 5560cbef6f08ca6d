package sessionstore

// The kind of a session store, as far as its type and fields show it.

import (
	"reflect"
	"runtime"
	"strings"

	"github.com/gorilla/sessions"
)

// InCookie reports whether a session store keeps everything in the cookie: it is gorilla's cookie store, or embeds it, as
// gin-contrib's does.
func InCookie(store any) bool { return isCookieStore(reflect.ValueOf(store)) }

func isCookieStore(store reflect.Value) bool {
	for store.Kind() == reflect.Pointer || store.Kind() == reflect.Interface {
		if store.Type() == reflect.TypeFor[*sessions.CookieStore]() {
			return true
		}
		store = store.Elem()
	}
	if store.Kind() != reflect.Struct {
		return false
	}
	for i := range store.NumField() {
		if store.Type().Field(i).Anonymous && isCookieStore(store.Field(i)) {
			return true
		}
	}
	return false
}

// DialsWithoutTimeout reports whether a session store is gin-contrib's redis store with the pool that redistore creates: its
// connections have no timeout, and none can be set.
func DialsWithoutTimeout(store any) bool {
	v := reflect.Indirect(reflect.ValueOf(store))
	for _, field := range []string{"RediStore", "Pool"} {
		if v.Kind() != reflect.Struct {
			return false
		}
		v = reflect.Indirect(v.FieldByName(field))
	}
	if v.Kind() != reflect.Struct {
		return false
	}
	dial := v.FieldByName("Dial")
	return dial.Kind() == reflect.Func && !dial.IsNil() && strings.Contains(runtime.FuncForPC(dial.Pointer()).Name(), "/redistore.")
}
