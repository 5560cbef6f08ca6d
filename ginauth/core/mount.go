package core

// Register, and the steps of a request: gates, origin, user, body, response.

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/mount"
)

// Register implements ginauth.Auth.Register, which has the documentation.
func (c *Core) Register(router gin.IRouter) (err error) {
	if c.registered.Swap(true) {
		return errors.New("ginauth: Register was called before; make a second Auth with New")
	}
	defer func() {
		if p := recover(); p != nil { // Gin panics on a path that is taken
			err = fmt.Errorf("ginauth: Register: %v", p)
		}
	}()
	group := router.Group(mount.Base(router, c.cfg.BasePath))
	c.responses.Base = strings.TrimRight(group.BasePath(), "/")
	c.origins.LookForCORS(group.Handlers)
	c.mount(group)
	c.mountWellKnown(router)
	return nil
}

// mount adds the route table to a router. A GET that changes nothing also answers HEAD.
func (c *Core) mount(group *gin.RouterGroup) {
	var all []mount.Route
	for i := range c.routes {
		r := &c.routes[i]
		serve := func(g *gin.Context) { c.serve(g, r) }
		if r.raw != nil {
			serve = func(g *gin.Context) { c.serveRaw(g, r) }
		}
		all = append(all, mount.Route{
			Method: r.Method, Path: r.Path, Doc: r.Doc, Head: r.Method == http.MethodGet && !r.Changes && r.page == nil, First: r.first, Serve: serve,
		})
	}
	mount.All(group, all, mount.Rest{Options: c.describe, Others: func(g *gin.Context, allow string) {
		c.Fail(g, errMethod.WithHeader("Allow", allow))
	}})
}

// Gate adds a function that runs before each request of the library's routes, before the user is looked up and the
// body is read. Use it for rate limits, maintenance and captchas. An error is the response; see [Core.Fail]. A nil
// function is an error of New.
func (s *Setup) Gate(gate func(g *gin.Context, r *Route) error) {
	if gate == nil {
		s.fail(errors.New("Gate needs a function, got nil"))
		return
	}
	s.declaring().core.gates = append(s.core.gates, gate)
}

// serveRaw handles a request of a row that writes its response itself.
func (c *Core) serveRaw(g *gin.Context, r *row) {
	end, panicked := c.watch(g, &r.Route), true
	defer func() { end(panicked) }()
	r.raw(g)
	panicked = false
}

// serve handles a request of a row. The order is fixed: gates, origin, user, captcha, limits, body.
func (c *Core) serve(g *gin.Context, r *row) {
	defer c.watch(g, &r.Route)(false)
	defer c.responses.Recover(g, func(g *gin.Context, err error) { c.refuse(g, r, err) })
	if r.Method != http.MethodGet || r.page != nil {
		defer c.queue(g)()
	}
	defer c.Bound(g)()
	if err := c.admit(g, &r.Route); err != nil {
		c.refuse(g, r, err)
		return
	}
	if err := c.startCaptcha(g, r); err != nil {
		c.refuse(g, r, err)
		return
	}
	settle, err := c.enterLimit(g, r.Limit)
	if err != nil {
		c.refuse(g, r, err)
		return
	}
	out, err := r.run(g, &r.Route)
	settle(err)
	if err != nil {
		c.refuse(g, r, err)
		return
	}
	c.Posted(g)
	if at, redirects := out.(string); redirects && r.page != nil {
		c.responses.Redirect(g, at)
		return
	}
	if r.Public {
		c.responses.Public(g, out)
		return
	}
	c.origins.WarnOfDroppedCookies(g)
	c.responses.OK(g, r.Status, out)
}

func (c *Core) admit(g *gin.Context, r *Route) error {
	for _, gate := range c.gates {
		if err := gate(g, r); err != nil {
			return err
		}
	}
	switch {
	case r.Access.NeedsUser():
		return c.requireFor(g, r)
	case r.AllowCrossSite:
		return nil
	case (r.SetsCookies || !slices.Contains([]Limit{LimitNone, LimitRefresh, LimitVerify}, r.Limit)) && c.UsesCookies(), c.cookies.Came(g), c.jwt.HasCookie(g.Request):
		return c.origins.Check(g.Request, r.Changes)
	}
	return nil
}

// requireFor is Require for a route. Identify checks the origin only for unsafe methods, so requireFor checks it
// for a GET that changes something.
func (c *Core) requireFor(g *gin.Context, r *Route) error {
	g.Set(beforeSetupKey{}, r.BeforeSetup)
	if err := c.Require(g, false, r.admits); err != nil {
		return err
	}
	c.Proven(g.Request.Context(), fmt.Sprint("user ", User(g).ID))
	if r.Changes && !identityOf(g).ByHeader {
		if err := c.origins.Check(g.Request, true); err != nil {
			return err
		}
	}
	if r.Permission == "" {
		return nil
	}
	return c.admitOperator(g, r)
}

// description is the response to OPTIONS.
type description struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Renders     []string `json:"renders"`
	Parses      []string `json:"parses"`
}

// describe answers OPTIONS without credentials, because a CORS preflight has none.
func (c *Core) describe(g *gin.Context, path, doc, allow string) {
	g.Header("Allow", allow)
	c.origins.WarnOfPreflight(g)
	c.responses.OK(g, http.StatusOK, description{
		Name: path, Description: doc, Renders: []string{"application/json", "application/problem+json"},
		Parses: []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data"},
	})
}

// Use implements ginauth.Auth.Use, which has the documentation.
func (c *Core) Use(path string, handlers ...gin.HandlerFunc) {
	known := func(r row) bool { return path == "" || r.Path == strings.Trim(path, "/") }
	if c.registered.Load() {
		panic(fmt.Sprintf("ginauth: Use(%q): Register was called already; call Use before it", path))
	}
	if !slices.ContainsFunc(c.routes, known) {
		panic(fmt.Sprintf("ginauth: Use(%q): there is no such route with this configuration; call Routes for a list", path))
	}
	for i := range c.routes {
		if known(c.routes[i]) {
			c.routes[i].first = append(c.routes[i].first, handlers...)
		}
	}
}

// CheckOrigin returns an error, and logs it, if a page of another site made a browser send the request. Safe
// methods always pass.
func (c *Core) CheckOrigin(r *http.Request) error { return c.origins.Check(r, false) }
