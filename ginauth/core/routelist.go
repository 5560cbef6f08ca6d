package core

// Routes: the route table for documentation, with the types of bodies.

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
)

// RouteInfo describes one of the library's routes as it is configured, for documentation. Types
// are those that travel: of the application's forms and views, where it has them.
type RouteInfo struct {
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

// Routes implements the method Routes of ginauth.Auth, which documents it.
func (c *Core) Routes() []RouteInfo {
	var all []RouteInfo
	for _, r := range c.routes {
		out := RouteInfo{
			Method: r.Method, Path: r.Path, Doc: r.Doc, Status: r.Status, User: r.User, Tokens: r.TokenToo, Raw: r.raw != nil,
			Required: slices.Clone(r.Required),
		}
		if !strings.Contains(r.Path, ".") { // a file has no form with a slash
			out.Path += "/"
		}
		if out.Input = r.in; r.Form != nil {
			out.Input = r.Form.Type()
		}
		if out.Input == reflect.TypeFor[binding.Empty]() {
			out.Input = nil
		}
		for _, t := range r.out {
			if r.Status != http.StatusNoContent {
				out.Outputs = append(out.Outputs, c.typeOf(t))
			}
		}
		all = append(all, out)
	}
	return all
}

// ErrorType implements the method ErrorType of ginauth.Auth, which documents it.
func (c *Core) ErrorType() reflect.Type {
	if v, found := c.viewOf(reflect.TypeFor[binding.Error]()); found {
		return v.Out()
	}
	return nil
}

// typeOf is the type that view makes of an answer's.
func (c *Core) typeOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		return reflect.SliceOf(c.typeOf(t.Elem()))
	}
	if v, found := c.viewOf(t); found {
		return v.Out()
	}
	if v, found := c.viewOf(reflect.TypeFor[binding.User]()); found && t == reflect.TypeFor[binding.LoginResponse]() {
		return loginType(v.Out())
	}
	return t
}
