package config_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

func TestWithDefaultsCopies(t *testing.T) {
	t.Parallel()
	methods := []config.LoginMethod{config.LoginByUsername}
	given := config.Config{Secret: secret, LoginMethods: methods}
	done := given.WithDefaults()
	done.LoginMethods[0] = config.LoginByEmail
	if methods[0] != config.LoginByUsername || given.Hash.Algorithm != "" || given.Now != nil {
		t.Errorf("the caller's value changed: %+v", given)
	}
	if s := (config.Config{Session: config.Session{Idle: time.Minute}}).WithDefaults().Session; s.Touch != 6*time.Second {
		t.Errorf("Touch: is %v", s.Touch)
	}
	if f := (config.Config{LoginMethods: []config.LoginMethod{config.LoginByEmail}}).WithDefaults().SignUpFields; f.Email != config.FieldRequired ||
		f.Username != config.FieldOptional {
		t.Errorf("sign-up fields are %+v", f)
	}
}

// TestWithDefaultsSharesNoList: every list of the configuration is copied, including lists that are added later.
func TestWithDefaultsSharesNoList(t *testing.T) {
	t.Parallel()
	var given config.Config
	lists(reflect.ValueOf(&given).Elem(), "", func(_ string, list reflect.Value) { list.Set(reflect.MakeSlice(list.Type(), 1, 1)) })
	done, shared := given.WithDefaults(), map[string]uintptr{}
	lists(reflect.ValueOf(&given).Elem(), "", func(name string, list reflect.Value) { shared[name] = list.Pointer() })
	if len(shared) < 10 {
		t.Errorf("found only %v", shared)
	}
	lists(reflect.ValueOf(&done).Elem(), "", func(name string, list reflect.Value) {
		if list.Pointer() == shared[name] {
			t.Errorf("the caller's %s is shared", name)
		}
	})
}

// lists calls visit for each slice in a struct, and in those within it.
func lists(v reflect.Value, at string, visit func(name string, list reflect.Value)) {
	for i := range v.NumField() {
		switch f, name := v.Field(i), at+v.Type().Field(i).Name; f.Kind() {
		case reflect.Slice:
			visit(name, f)
		case reflect.Struct:
			if v.Type().Field(i).IsExported() {
				lists(f, name+".", visit)
			}
		}
	}
}
