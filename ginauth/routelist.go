package ginauth

// Routes: the route table for documentation, with the types of bodies.

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
)

// Route describes one of the library's routes as it is configured, for documentation. Types
// are those that travel: of the application's forms and views, where it has them.
type Route struct {
	Method string
	Path   string // below the base, as it is written: "password/reset/", "emails/:id/", "jwks.json"
	Doc    string // one line
	Status int    // of success
	User   bool   // needs a logged-in user
	Tokens bool   // and takes a personal token without scopes
	Raw    bool   // of a feature, which writes something else than JSON; has no types

	Input    reflect.Type   // of the body; nil for none
	Required []string       // fields that are required by configuration, though not by their tags
	Outputs  []reflect.Type // of a successful answer, one or the other; none where there is no body
}

// Routes lists the routes in the order of the README.
func (a *Auth) Routes() []Route {
	var all []Route
	for _, r := range a.routes {
		out := Route{
			Method: r.method, Path: r.path, Doc: r.doc, Status: r.status, User: r.user, Tokens: r.tokenToo, Raw: r.raw != nil,
			Required: slices.Clone(r.required),
		}
		if !strings.Contains(r.path, ".") { // a file has no form with a slash
			out.Path += "/"
		}
		if out.Input = r.in; r.form != nil {
			out.Input = r.form.Type()
		}
		if out.Input == reflect.TypeFor[binding.Empty]() {
			out.Input = nil
		}
		for _, t := range r.out {
			if r.status != http.StatusNoContent {
				out.Outputs = append(out.Outputs, a.typeOf(t))
			}
		}
		all = append(all, out)
	}
	return all
}

// ErrorType is the type of the error body where a view replaces it, else nil: the shapes of
// Django REST framework.
func (a *Auth) ErrorType() reflect.Type {
	if v, found := a.viewOf(reflect.TypeFor[binding.Error]()); found {
		return v.Out()
	}
	return nil
}

// typeOf is the type that view makes of an answer's.
func (a *Auth) typeOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		return reflect.SliceOf(a.typeOf(t.Elem()))
	}
	if v, found := a.viewOf(t); found {
		return v.Out()
	}
	if v, found := a.viewOf(reflect.TypeFor[binding.User]()); found && t == reflect.TypeFor[binding.LoginResponse]() {
		return loginType(v.Out())
	}
	return t
}
