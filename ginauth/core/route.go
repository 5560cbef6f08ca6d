package core

// Typed routes: add puts a row into the route table, with its handler and check.

import (
	"errors"
	"reflect"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
)

// Add puts a row into the route table: its body is decoded and valid when h is called, which
// answers it. also may hold a check and, if h has more than one answer, a value of each:
//
//	add(s, route{...}, a.register, a.checkRegister, binding.Detail{}, binding.LoginResponse{})
//
// A check looks at single fields where that takes the database or the configuration. It is also
// called when other fields failed, so that all problems are reported at once; its last argument
// tells which fields may be looked at.
func Add[In, Out any](s *Setup, r Route, h func(*gin.Context, *In) (Out, error), also ...any) {
	var check func(g *gin.Context, in *In, good func(field string) bool) error
	for _, more := range also {
		if checks, ok := more.(func(*gin.Context, *In, func(string) bool) error); ok {
			check = checks
		} else {
			r.out = append(r.out, reflect.TypeOf(more))
		}
	}
	if r.out == nil {
		r.out = []reflect.Type{reflect.TypeFor[Out]()}
	}
	r.in = reflect.TypeFor[In]()
	r.run = func(g *gin.Context, r *Route) (any, error) {
		in := new(In)
		var invalid error
		if _, bodyless := any(in).(*binding.Empty); !bodyless {
			in, invalid = decode[In](g, r)
			defer s.core.Bound(g)()
		}
		if check != nil {
			failed, ok := fieldsOf(invalid)
			if !ok {
				return nil, invalid
			}
			good := func(field string) bool { return !slices.Contains(failed, field) }
			invalid = binding.Merge(invalid, check(g, in, good))
		}
		if invalid != nil {
			return nil, invalid
		}
		return h(g, in)
	}
	s.add(r)
}

// LoginIf is the answer of what logs in, or only says what was done.
func LoginIf(login bool) any {
	if login {
		return binding.LoginResponse{}
	}
	return binding.Detail{}
}

// BothIf are the answers of a link, which logs in here and does not there.
func BothIf(login bool) []any {
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
