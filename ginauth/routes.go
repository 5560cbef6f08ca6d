package ginauth

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// A route is one row of the table that everything else is made from: the handlers,
// the OPTIONS and 405 answers, and the list in the README.
type route struct {
	method, path, doc string
	status            int
	user              bool              // needs a logged-in user
	tokenToo          bool              // and takes a personal token without scopes for one
	setsCookies       bool              // or deletes them, so that its origin is checked even where no cookie came (T058)
	changes           bool              // changes state though the method is a safe one
	public            bool              // the same answer for every client: caches may keep it
	required, ignored []string          // fields that the configuration makes required, or leaves out
	partial           bool              // the body names what it changes; see binding.Partial
	raw               gin.HandlerFunc   // writes its answer itself; in place of action
	first             gin.HandlersChain // the application's middleware
	form              *config.FormSpec  // the application's, in place of the body; nil for ours
	action
}

// An action is the typed part of a row, as handle makes it.
type action struct {
	run func(a *Auth, c *gin.Context, r *route) (any, error)
	in  reflect.Type   // of the body; binding.Empty for none
	out []reflect.Type // of the answer, one or the other
}

// A handler answers one route. Its input is decoded and valid.
type handler[In, Out any] func(a *Auth, c *gin.Context, in *In) (Out, error)

// A check looks at single fields where that takes the database or the configuration.
// It is also called when other fields failed, so that all problems are reported at
// once; good tells which fields may be looked at.
type check[In any] func(a *Auth, c *gin.Context, in *In, good func(field string) bool) error

// coreRoutes is the table.
func coreRoutes(cfg *config.Config) []route {
	table := []route{
		{
			method: http.MethodPost, path: "login", status: http.StatusOK, setsCookies: true,
			doc: "Log in with a name or address and a password.", form: cfg.Forms.Login, action: handle((*Auth).login, nil),
		},
		{
			method: http.MethodPost, path: "logout", status: http.StatusOK, setsCookies: true,
			doc: "End the session of this request, if there is one.", action: handle((*Auth).logout, nil),
		},
		{
			method: http.MethodGet, path: "user", status: http.StatusOK, user: true, tokenToo: true,
			doc: "The logged-in user.", action: handle((*Auth).userDetails, nil),
		},
		{
			method: http.MethodPut, path: "user", status: http.StatusOK, user: true,
			doc: "Change name, first and last name, and language.", form: cfg.Forms.Profile, required: requiredInPut(cfg),
			partial: true, action: handle((*Auth).updateUser, (*Auth).checkUpdateUser),
		},
		{
			method: http.MethodPatch, path: "user", status: http.StatusOK, user: true, partial: true,
			doc: "Change those of name, first and last name, and language that are given.", form: cfg.Forms.Profile,
			action: handle((*Auth).updateUser, (*Auth).checkUpdateUser),
		},
		{
			method: http.MethodPost, path: "password/change", status: http.StatusOK, user: true,
			doc: "Set a new password; ends the other sessions.", form: cfg.Forms.PasswordChange, required: requiredInChange(cfg),
			action: handle((*Auth).changePassword, (*Auth).checkChangePassword),
		},
		{
			method: http.MethodPost, path: "registration", status: http.StatusCreated, setsCookies: true,
			doc: "Create an account and log in.", form: cfg.Forms.SignUp, required: requiredInRegistration(cfg), ignored: ignoredInRegistration(cfg),
			action: handle((*Auth).register, (*Auth).checkRegister, loginIf(logsInAtSignUp(cfg))),
		},
		{
			method: http.MethodGet, path: "sessions", status: http.StatusOK, user: true,
			doc: "List the user's sessions, the latest first.", action: handle((*Auth).listSessions, nil),
		},
		{
			method: http.MethodDelete, path: "sessions", status: http.StatusNoContent, user: true,
			doc: "End all sessions but this one.", action: handle((*Auth).endOtherSessions, nil),
		},
		{
			method: http.MethodDelete, path: "sessions/:id", status: http.StatusNoContent, user: true,
			doc: "End one session.", action: handle((*Auth).endSession, nil),
		},
	}
	if cfg.AllowLogoutOnGet {
		logout := table[1]
		logout.method, logout.changes = http.MethodGet, true
		table = append(table, logout)
	}
	table = append(table, slices.Concat(deleteRoutes(), reauthenticateRoutes())...)
	if cfg.Mail.Sender != nil {
		table = append(table, mailRoutes(cfg)...)
	}
	if slices.Contains(cfg.Login, config.OpaqueToken) {
		table = append(table, tokenRoutes()...)
	}
	if slices.Contains(cfg.Login, config.JSONWebToken) {
		table = append(table, jwtRoutes()...)
	}
	return table
}

// mailRoutes are there where mails are sent.
func mailRoutes(cfg *config.Config) []route {
	table := slices.Concat(verifyRoutes(cfg), resetRoutes(cfg), emailRoutes())
	if cfg.EmailVerification == config.VerifyMandatory {
		table = append(table, correctRoutes()...)
	}
	if cfg.LoginByCode {
		table = append(table, loginCodeRoutes()...)
	}
	if !cfg.Mail.AllowSilentChanges {
		table = append(table, noticeRoutes()...)
	}
	return table
}

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

// everyMethod is what Gin can route; those a path has no row for are answered 405,
// whatever the engine's HandleMethodNotAllowed says.
var everyMethod = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace,
}

// mount registers every path with and without its trailing slash, so that neither is
// a redirect that would lose the body or turn into a GET.
func (a *Auth) mount(group *gin.RouterGroup) {
	var paths []string
	rows := map[string][]*route{}
	for i := range a.routes {
		r := &a.routes[i]
		if rows[r.path] == nil {
			paths = append(paths, r.path)
		}
		rows[r.path] = append(rows[r.path], r)
	}
	for _, path := range paths {
		for _, method := range everyMethod {
			chain := append(slices.Clone(rows[path][0].first), a.handlerFor(method, rows[path]))
			group.Handle(method, "/"+path, chain...)
			if !strings.Contains(path, ".") { // a file has no form with a slash
				group.Handle(method, "/"+path+"/", chain...)
			}
		}
	}
}

// handlerFor returns what answers a method on a path with these rows. HEAD is
// answered as a GET that changes nothing; net/http drops the body.
func (a *Auth) handlerFor(method string, rows []*route) gin.HandlerFunc {
	allow := allowed(rows)
	for _, r := range rows {
		if r.method == method || r.answersHead() && method == http.MethodHead {
			if r.raw != nil {
				return r.raw
			}
			return func(c *gin.Context) { a.serve(c, r) }
		}
	}
	if method == http.MethodOptions {
		return func(c *gin.Context) { a.describe(c, rows, allow) }
	}
	return func(c *gin.Context) {
		a.fail(c, errMethod.WithHeader("Allow", allow))
	}
}

// allowed lists the methods of a path for the Allow header.
func allowed(rows []*route) string {
	var methods []string
	for _, r := range rows {
		methods = append(methods, r.method)
		if r.answersHead() {
			methods = append(methods, http.MethodHead)
		}
	}
	return strings.Join(append(methods, http.MethodOptions), ", ")
}

func (r *route) answersHead() bool { return r.method == http.MethodGet && !r.changes }

// description answers OPTIONS.
type description struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Renders     []string `json:"renders"`
	Parses      []string `json:"parses"`
}

// describe answers OPTIONS to everybody: a CORS preflight carries no credentials.
func (a *Auth) describe(c *gin.Context, rows []*route, allow string) {
	c.Header("Allow", allow)
	a.warnOfPreflight(c)
	a.ok(c, http.StatusOK, description{
		Name: rows[0].path, Description: rows[0].doc, Renders: []string{"application/json", "application/problem+json"},
		Parses: []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data"},
	})
}

// serve answers one request of a row. The order is fixed: origin, user, body.
func (a *Auth) serve(c *gin.Context, r *route) {
	defer a.recover(c)
	defer a.bound(c)()
	if err := a.admit(c, r); err != nil {
		a.fail(c, err)
		return
	}
	out, err := r.run(a, c, r)
	if err != nil {
		a.fail(c, err)
		return
	}
	a.posted(c)
	if r.public {
		a.okPublic(c, out)
		return
	}
	a.warnOfDroppedCookies(c)
	a.ok(c, r.status, out)
}

func (a *Auth) admit(c *gin.Context, r *route) error {
	switch {
	case r.tokenToo:
		return a.requireUser(c, false, unlimited)
	case r.user:
		return a.requireUser(c, false, notPersonal)
	case r.setsCookies && a.ambient(), a.hasCookie(c), a.hasTokenCookie(c):
		return a.checkOrigin(c.Request, r.changes)
	}
	return nil
}
