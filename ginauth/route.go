package ginauth

// Typed handlers: handle makes the action of a route from a handler and its check.

import (
	"errors"
	"reflect"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
)

// A handler answers one route. Its input is decoded and valid.
type handler[In, Out any] func(a *Auth, c *gin.Context, in *In) (Out, error)

// A check looks at single fields where that takes the database or the configuration.
// It is also called when other fields failed, so that all problems are reported at
// once; good tells which fields may be looked at.
type check[In any] func(a *Auth, c *gin.Context, in *In, good func(field string) bool) error

// handle joins a typed handler to the table: decode, check, handle. A handler that has more
// than one answer says which.
func handle[In, Out any](h handler[In, Out], check check[In], answers ...any) action {
	out := []reflect.Type{reflect.TypeFor[Out]()}
	if len(answers) > 0 {
		out = nil
	}
	for _, answer := range answers {
		out = append(out, reflect.TypeOf(answer))
	}
	return action{in: reflect.TypeFor[In](), out: out, run: func(a *Auth, c *gin.Context, r *route) (any, error) {
		in := new(In)
		var invalid error
		if _, bodyless := any(in).(*binding.Empty); !bodyless {
			in, invalid = decode[In](c, r)
			defer a.bound(c)()
		}
		if check != nil {
			failed, ok := fieldsOf(invalid)
			if !ok {
				return nil, invalid
			}
			good := func(field string) bool { return !slices.Contains(failed, field) }
			invalid = binding.Merge(invalid, check(a, c, in, good))
		}
		if invalid != nil {
			return nil, invalid
		}
		return h(a, c, in)
	}}
}

// loginIf is the answer of what logs in, or only says what was done.
func loginIf(login bool) any {
	if login {
		return binding.LoginResponse{}
	}
	return binding.Detail{}
}

// bothIf are the answers of a link, which logs in here and does not there.
func bothIf(login bool) []any {
	if login {
		return []any{binding.Detail{}, binding.LoginResponse{}}
	}
	return []any{binding.Detail{}}
}

// fieldsOf returns the fields that an error names; false if it is not about fields.
func fieldsOf(err error) ([]string, bool) {
	if err == nil {
		return nil, true
	}
	e, ok := errors.AsType[*binding.Error](err)
	if !ok || e.Fields == nil || e.Fields[binding.NonField] != nil {
		return nil, false
	}
	return e.FieldNames(), true
}
