package core

// Route: what a route declares about itself, for the handlers, the OpenAPI document and the tests.

import (
	"reflect"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// Access says which requests a route accepts.
type Access int

// The values of [Access].
const (
	AccessOpen        Access = iota // anyone; credentials are ignored
	AccessOptional                  // anyone; the handler looks for credentials itself
	AccessUser                      // a logged-in user, but no personal token, and no operator in the place of the user
	AccessUserOrToken               // a logged-in user, or a personal token without scopes
)

// NeedsUser reports whether a request without credentials gets 401.
func (a Access) NeedsUser() bool { return a == AccessUser || a == AccessUserOrToken }

// Admits returns [ErrScope] for a session that cannot use a route with this access: a personal token cannot change
// the account, and one with scopes is only for the application's routes. AccessUser returns [ErrImpersonated] for a session in which
// an operator acts.
func (a Access) Admits(s *models.Session) error {
	switch {
	case a == AccessUser && s.Personal || a == AccessUserOrToken && s.Scopes != "":
		return ErrScope
	case a == AccessUser && s.ActorID != 0:
		return ErrImpersonated
	}
	return nil
}

// AdmitsSelf is AccessUserOrToken.Admits for what an operator must not do in the place of the user.
func AdmitsSelf(s *models.Session) error {
	if s.ActorID != 0 {
		return ErrImpersonated
	}
	return AccessUserOrToken.Admits(s)
}

// admits is Access.Admits for a session of any kind.
func (r *Route) admits(s *models.Session) error {
	switch {
	case s.ActorID == 0:
		return r.Access.Admits(s)
	case r.WhileImpersonated:
		return nil
	}
	return ErrImpersonated
}

// Limit names the rate limit of a route; config.Limits has the figures.
type Limit int

// The values of [Limit].
const (
	LimitNone    Limit = iota
	LimitGuess         // the handler calls GuessLogin or GuessPassword before it compares a password
	LimitFailure       // failures of one network, such as invalid links and codes: errors of the handler, not of the body's validation and check
	LimitRefresh       // failed refreshes of one network
	LimitVerify        // failed verifications of tokens, of one network; the figures are those of LimitRefresh
	LimitSignUp        // successes of one network: new accounts
	LimitMail          // successes of one network: mails
	LimitStart         // logins that one network starts at another site, such as an identity provider
)

// A Route declares one method of one path. The handlers, the responses to OPTIONS and 405, and the OpenAPI document
// are made from it. Only Method, Path and Doc are required.
type Route struct {
	Method string // in upper case: "POST"
	// Path is below the base, without slashes at its ends: "password/reset", "emails/:id". It is served
	// with and without a trailing slash. A path with a dot is a file, such as "jwks.json", and is only
	// served without one.
	Path string
	Doc  string // one line for documentation
	// Tag is the heading of the route in documentation. Default: the tag of other routes with the same
	// first part of the path, else "Routes at" and that part.
	Tag    string
	Status int    // of success; default 200
	Access Access // default AccessOpen
	// Permission admits operators alone: superusers, and staff with this permission, such as "auth.change_user". It needs AccessUser. The
	// session must have proven the operator's second factor, and a method that changes something needs a recent login. See Core.Operate.
	Permission string
	// Fails lists error statuses of the handler. Leave out those that follow from the other fields: of the
	// body, of credentials and origins, of a parameter in the path, 500 and 503.
	Fails []int
	// Answers lists one value of each type that a successful response can have. Default: the type that the
	// handler returns. A handler that returns any needs it.
	Answers []any
	// Reads is a value of the type that a handler which takes a *binding.Empty decodes from the body itself.
	// The body is then optional. Default nil: the handler reads no body.
	Reads any
	// Required lists fields of the body that are required although their tags do not say so. Ignored lists
	// fields that the route ignores. Default: none.
	Required, Ignored []string
	Query             []Parameter      // the parameters of the query, for documentation
	Partial           bool             // the body only has the fields to change; see binding.Partial
	Form              *config.FormSpec // the application's form, which replaces the body; default nil
	SignUpForm        bool             // the body also has the own fields of config.Forms.SignUp, which Core.ApplyForm takes over
	Changes           bool             // changes state although the method is safe: the origin is checked
	SetsCookies       bool             // sets or deletes cookies: the origin is checked even without a cookie in the request
	Limit             Limit            // the rate limit; default LimitNone. All but LimitRefresh and LimitVerify: the origin is checked as with SetsCookies
	RefreshCookie     bool             // reads the cookie with the refresh token, which browsers send to these routes only (to the part of a path before a parameter)
	// AllowCrossSite skips the check of the origin, for routes that other sites send browsers to. The handler must reject
	// requests that the browser's user did not begin here, with a random state that is bound to the browser.
	AllowCrossSite bool
	NumericID      bool // the parameter :id is a positive integer; default: text
	Public         bool // the response is the same for every client, so caches can keep it
	BeforeSetup    bool // users whom a policy requires to set up a second factor first can use it; see Setup.RequireFactor
	// WhileImpersonated lets operators use the route in the place of a user. Without it, a route with AccessUser or
	// AccessUserOrToken answers them with ErrImpersonated. Only routes that show nothing secret and change nothing should have it.
	WhileImpersonated bool
	Undocumented      bool // the OpenAPI document leaves the route out
}

// A Parameter describes a parameter of a query.
type Parameter struct{ Name, Doc string }

// captchaUse says when a route asks for a captcha.
type captchaUse int

const (
	captchaNever captchaUse = iota
	captchaAfterHalf
	captchaAlways
)

// shownPath returns a path as documents show it: with a slash at its end, unless it is a file.
func shownPath(path string) string {
	if strings.Contains(path, ".") {
		return path
	}
	return path + "/"
}

// row is a Route with its handler.
type row struct {
	Route
	raw     gin.HandlerFunc   // writes its response itself; replaces run
	first   gin.HandlersChain // the application's middleware
	run     func(g *gin.Context, r *Route) (any, error)
	page    func(*gin.Context, *binding.Error) string // of AddRedirect: where an error leads
	in      reflect.Type                              // of the body; binding.Empty without a body
	out     []reflect.Type                            // the possible types of the response
	captcha captchaUse
}
