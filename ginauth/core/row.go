package core

// Rows of the route table: what a route declares of itself, in one place for all who read it.

import (
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// Access says whose requests a route takes.
type Access int

// The values of [Access].
const (
	AccessOpen        Access = iota // anyone; credentials are not looked at
	AccessOptional                  // anyone; the handler looks for credentials itself
	AccessUser                      // a logged-in user, and no personal token
	AccessUserOrToken               // a logged-in user, or a personal token without scopes
)

// NeedsUser reports whether a request without credentials gets 401.
func (a Access) NeedsUser() bool { return a == AccessUser || a == AccessUserOrToken }

// Admits returns an error for the session of a credential that may not use a route: a program's token does not manage the
// account, and one with scopes is for the application's routes.
func (a Access) Admits(s *models.Session) error {
	if a == AccessUser && s.Personal || a == AccessUserOrToken && s.Scopes != "" {
		return ErrScope
	}
	return nil
}

// A Route declares one method of one path. The handlers, the responses to OPTIONS and 405, the
// OpenAPI document and the list in the README are made from it. Only Method, Path and Doc are needed.
type Route struct {
	Method string // in upper case: "POST"
	// Path is below the base and without slashes at its ends: "password/reset", "emails/:id". It is
	// served with and without a trailing slash; a path with a dot is a file, as "jwks.json", and has no
	// second form.
	Path string
	Doc  string // one line for documentation
	// Tag is the heading of the route in documentation. Default: the one that the first part of the
	// path has already, else "Routes at" and that part.
	Tag    string
	Status int    // of success; default 200
	Access Access // default AccessOpen
	// Fails has statuses that the handler may answer. Those that follow from the other fields need
	// not be named: of the body, of credentials and origins, of a parameter in the path, 500 and 503.
	Fails []int
	// Answers has a value of each type that success may answer. Default: one of the type that the
	// handler returns; a handler that returns any needs Answers.
	Answers []any
	// Reads is a value of what the handler itself decodes from the body, which may be missing, if it
	// takes a *binding.Empty. Default nil: nothing.
	Reads any
	// Required and Ignored are fields of the body that are required though their tags do not say so, and
	// fields that the route leaves out. Default: none.
	Required, Ignored []string
	Partial           bool             // the body names what it changes, as binding.Partial describes
	Form              *config.FormSpec // the application's form, in place of the body; default nil
	Changes           bool             // changes state though the method is a safe one: its origin is checked
	SetsCookies       bool             // or deletes them: the origin is checked even if no cookie came (T058)
	RefreshCookie     bool             // reads the cookie with the refresh token: browsers send it to these routes only
	NumericID         bool             // the parameter :id is a positive integer; default: a text
	Public            bool             // the response is the same for every client, so caches may keep it
	Undocumented      bool             // the OpenAPI document leaves the route out
}

// row is a Route with what answers it.
type row struct {
	Route
	raw   gin.HandlerFunc   // writes its response itself; in place of run
	first gin.HandlersChain // the application's middleware
	run   func(g *gin.Context, r *Route) (any, error)
	in    reflect.Type   // of the body; binding.Empty for none
	out   []reflect.Type // of the response, one or the other
}
