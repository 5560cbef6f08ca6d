package core

// Typed routes: Add, AddChecked and AddRaw add a row to the route table.

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mount"
)

// Add adds a route. The library decodes and validates the body before it calls h, and writes what h returns. If h
// takes a *binding.Empty, the route has no body. A mistake in the route is an error of New.
func Add[In, Out any](s *Setup, r Route, h func(*gin.Context, *In) (Out, error)) {
	add(s, r, nil, h)
}

// AddChecked is [Add] for a body whose validation needs the database or the configuration. check looks at single
// fields. It is also called if other fields are invalid, so that the response has all problems at once; good
// reports whether a field is valid so far.
func AddChecked[In, Out any](s *Setup, r Route, check func(g *gin.Context, in *In, good func(field string) bool) error,
	h func(*gin.Context, *In) (Out, error),
) {
	if check == nil {
		s.refuse(&r, errors.New("has no check"))
	}
	add(s, r, check, h)
}

// AddRaw adds a route whose handler writes the response itself. The library does nothing before it: it checks
// neither origin nor user.
func AddRaw(s *Setup, r Route, h gin.HandlerFunc) {
	s.add(row{Route: r, raw: h}, h == nil)
}

func add[In, Out any](s *Setup, r Route, check func(*gin.Context, *In, func(string) bool) error, h func(*gin.Context, *In) (Out, error)) {
	made := row{Route: r, in: reflect.TypeFor[In](), out: []reflect.Type{reflect.TypeFor[Out]()}}
	if form := s.core.cfg.Forms.SignUp; r.SignUpForm && form != nil {
		joined, err := custom.Join(made.in, form)
		if err != nil {
			s.Refuse("Forms.SignUp", err)
			return
		}
		made.in = joined
	}
	if r.Answers != nil {
		made.out = nil
		for _, answer := range r.Answers {
			made.out = append(made.out, reflect.TypeOf(answer))
		}
	}
	made.run = func(g *gin.Context, r *Route) (any, error) {
		in := new(In)
		var invalid error
		if _, bodyless := any(in).(*binding.Empty); !bodyless {
			in, invalid = decode[In](s.core, g, r, made.in)
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
		g.Set(comparedKey{}, true)
		return h(g, in)
	}
	s.add(made, h == nil)
}

func (s *Setup) add(r row, noHandler bool) {
	s.declaring()
	r.Status = cmp.Or(r.Status, http.StatusOK)
	problem := mistakeIn(&r)
	switch {
	case noHandler:
		problem = errors.New("has no handler")
	case slices.ContainsFunc(s.core.routes, func(o row) bool { return o.Path == r.Path && o.Method == r.Method }):
		problem = errors.New("is taken")
	}
	if problem != nil {
		s.refuse(&r.Route, problem)
		return
	}
	s.core.routes = append(s.core.routes, r)
}

// refuse makes a mistake in a row an error of New.
func (s *Setup) refuse(r *Route, problem error) {
	s.fail(fmt.Errorf("%s %s %w", r.Method, r.Path, problem))
}

// mistakeIn returns the mistake in a row, if it has one.
func mistakeIn(r *row) error {
	unknown := func(t reflect.Type) bool { return t == nil || t.Kind() == reflect.Interface }
	switch {
	case !slices.Contains(mount.Methods, r.Method):
		return fmt.Errorf("has no such method; the methods are %s", strings.Join(mount.Methods, ", "))
	case r.Path == "" || strings.Trim(r.Path, "/") != r.Path:
		return errors.New(`has a path that is empty or has a slash at an end; write it as "password/reset"`)
	case r.page == nil && (r.Status < 200 || r.Status > 299):
		return fmt.Errorf("has the status %d; it must be between 200 and 299", r.Status)
	case r.Public && r.Access != AccessOpen:
		return errors.New("is Public, so caches keep its response, but the response depends on the user")
	case r.Permission != "" && r.Access != AccessUser:
		return errors.New("has a Permission, and needs AccessUser")
	case r.Permission != "" && r.WhileImpersonated:
		return errors.New("has a Permission and WhileImpersonated: an operator in the place of a user would have the rights of two")
	case r.Reads != nil && (r.raw != nil || r.in != reflect.TypeFor[binding.Empty]()):
		return errors.New("has Reads, which is for handlers that take a *binding.Empty")
	case !r.SetsCookies && slices.Contains(r.out, reflect.TypeFor[binding.LoginResponse]()):
		return errors.New("answers with a login and lacks SetsCookies: pages of other sites could log their visitors in to any account")
	case r.Status != http.StatusNoContent && r.page == nil && slices.ContainsFunc(r.out, unknown):
		return errors.New("answers a type that is not known; list all types in Route.Answers, as values and not nil")
	}
	return nil
}

// fieldsOf returns the fields that an error is about, or false if it is not about fields.
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
