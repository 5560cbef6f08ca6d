package ginauth

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// A Feature is an optional part of the library, a package of its own below ginauth, which an
// application lists in [New]: nobody compiles what he does not use. It is called once, when
// the configuration is checked and the core has its routes.
type Feature func(*Setup) error

// Setup is what a [Feature] may add to.
type Setup struct{ auth *Auth }

// Auth is the Auth that is being made. Its routes are complete when requests come in.
func (s *Setup) Auth() *Auth { return s.auth }

// Config is the completed and checked configuration.
func (s *Setup) Config() config.Config { return s.auth.Config() }

// Handle adds a route that writes its answer itself, below the base, with and without its
// trailing slash: path is "docs", or "openapi.json". A path that is taken is an error.
func (s *Setup) Handle(method, path, doc string, h gin.HandlerFunc) error {
	for _, r := range s.auth.routes {
		if r.path == path && r.method == method {
			return fmt.Errorf("%s %s is taken", method, path)
		}
	}
	s.auth.routes = append(s.auth.routes, route{method: method, path: path, doc: doc, status: http.StatusOK, raw: h})
	return nil
}

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

// Config returns the completed and checked configuration, secrets among it. Changing it changes
// nothing.
func (a *Auth) Config() config.Config { return a.cfg.WithDefaults() }

// Base is the path of the routes, as "/auth"; empty before Register.
func (a *Auth) Base() string { return a.base }

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
