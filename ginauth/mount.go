package ginauth

// Register, and the way of a request through a route: origin, user, body, response.

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// Register mounts the routes on a router: on an engine below Config.BasePath or, if
// that is not set, below /auth; on a group directly, or below Config.BasePath in it.
// The routes bring what they need and use the middleware the router has by then.
//
// It returns an error when called twice, or when one of the paths is taken.
func (a *Auth) Register(router gin.IRouter) (err error) {
	if a.registered.Swap(true) {
		return errors.New("ginauth: Register was called before; make a second Auth with New")
	}
	base := a.cfg.BasePath
	if located, ok := router.(interface{ BasePath() string }); base == "" && (!ok || located.BasePath() == "/") {
		base = "/auth"
	}
	defer func() {
		if p := recover(); p != nil { // Gin panics on a path that is taken
			err = fmt.Errorf("ginauth: Register: %v", p)
		}
	}()
	group := router.Group(base)
	a.base = strings.TrimRight(group.BasePath(), "/")
	a.noCORS.Store(!answersCORS(group.Handlers))
	a.mount(group)
	return nil
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

// serve answers one request of a row. The order is fixed: origin, user, body.
func (a *Auth) serve(c *gin.Context, r *route) {
	defer a.recover(c)
	defer a.bound(c)()
	if err := a.admit(c, r); err != nil {
		a.fail(c, err)
		return
	}
	out, err := r.run(c, r)
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

// Use puts middleware of the application's before a route, named by its path below the base,
// as "registration" or "password/reset"; the empty path stands for all. Call it before
// Register. It panics on a path that is none.
func (a *Auth) Use(path string, handlers ...gin.HandlerFunc) {
	known := func(r route) bool { return path == "" || r.path == strings.Trim(path, "/") }
	if a.registered.Load() {
		panic(fmt.Sprintf("ginauth: Use(%q): Register was called already; call Use before it", path))
	}
	if !slices.ContainsFunc(a.routes, known) {
		panic(fmt.Sprintf("ginauth: Use(%q): there is no such route with this configuration; Routes lists those there are", path))
	}
	for i := range a.routes {
		if known(a.routes[i]) {
			a.routes[i].first = append(a.routes[i].first, handlers...)
		}
	}
}
