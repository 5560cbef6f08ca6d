package core

// Routes: the route table for documentation, with the types of bodies.

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
)

// RouteInfo describes one of the library's routes as it is configured, for documentation. Fields that [Route] also
// has mean the same here. The types are those of the JSON: of the application's forms and views, if it has them.
type RouteInfo struct {
	Method string
	Path   string // below the base: "password/reset/", "emails/:id/", "jwks.json"
	Doc    string
	Tag    string // the default filled in
	Status int
	Access Access
	Fails  []int // all statuses of errors, sorted
	// Permission is the one that operators need, as package roles calls it; empty for other routes.
	Permission string

	LogsIn        bool // success can log the client in
	RefreshCookie bool
	NumericID     bool
	Undocumented  bool
	Captcha       bool // needs the header config.CaptchaHeader in each request
	CaptchaLater  bool // needs it once half of a limit is used up
	Raw           bool // the handler does not write JSON; there are no types
	Redirects     bool // the response is a redirect, also of most errors; see [AddRedirect]

	Query    []Parameter    // of the query
	Input    reflect.Type   // of the body; nil without a body
	Required []string       // fields that the configuration requires, although their tags do not
	Ignored  []string       // fields that the route ignores
	Outputs  []reflect.Type // the possible types of a successful response; empty without a body
}

// Routes implements ginauth.Auth.Routes, which has the documentation.
func (c *Core) Routes() []RouteInfo {
	var all []RouteInfo
	tags := map[string]string{} // by the first part of a path
	for i := range c.routes {
		part := firstPart(&c.routes[i])
		tags[part] = cmp.Or(tags[part], c.routes[i].Tag)
	}
	for i := range c.routes {
		r := &c.routes[i]
		out := RouteInfo{
			Method: r.Method, Path: r.Path, Doc: r.Doc, Status: r.Status, Access: r.Access, Permission: c.permission(r.Permission), Raw: r.raw != nil, Redirects: r.page != nil, Query: slices.Clone(r.Query), Undocumented: r.Undocumented,
			Captcha: r.captcha == captchaAlways, CaptchaLater: r.captcha == captchaAfterHalf, RefreshCookie: r.RefreshCookie, NumericID: r.NumericID, Required: slices.Clone(r.Required), Ignored: slices.Clone(r.Ignored), Input: inputOf(r),
			LogsIn: slices.Contains(r.out, reflect.TypeFor[binding.LoginResponse]()),
		}
		out.Tag = cmp.Or(r.Tag, tags[firstPart(r)], "Routes at "+firstPart(r))
		out.Fails = failuresOf(r, out.Input != nil)
		out.Path = shownPath(r.Path)
		for _, t := range r.out {
			if r.Status != http.StatusNoContent {
				out.Outputs = append(out.Outputs, c.responses.TypeOf(t))
			}
			if t == reflect.TypeFor[binding.LoginResponse]() && len(c.factors) > 0 {
				out.Outputs = append(out.Outputs, c.responses.TypeOf(reflect.TypeFor[binding.Challenge]()))
			}
		}
		all = append(all, out)
	}
	return all
}

// firstPart returns the first part of a row's path: "password", "jwks".
func firstPart(r *row) string {
	part, _, _ := strings.Cut(strings.ReplaceAll(r.Path, ".", "/"), "/")
	return part
}

// inputOf returns the type of a row's body; nil without a body.
func inputOf(r *row) reflect.Type {
	switch {
	case r.Form != nil:
		return r.Form.Type()
	case r.Reads != nil:
		return reflect.TypeOf(r.Reads)
	case r.in == reflect.TypeFor[binding.Empty]():
		return nil
	}
	return r.in
}

// failuresOf returns the error statuses of a route: those it declares, and those that follow from what serve does
// before its handler.
func failuresOf(r *row, body bool) []int {
	if r.page != nil {
		return slices.Sorted(slices.Values(r.Fails))
	}
	all := append([]int{http.StatusInternalServerError, http.StatusServiceUnavailable}, r.Fails...)
	if body {
		all = append(all, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if r.Access.NeedsUser() {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden)
	}
	if r.Method != http.MethodGet || r.Changes { // from a foreign origin
		all = append(all, http.StatusForbidden)
	}
	if r.captcha != captchaNever {
		all = append(all, http.StatusBadRequest)
	}
	if r.Limit != LimitNone || r.captcha == captchaAlways {
		all = append(all, http.StatusTooManyRequests)
	}
	if strings.Contains(r.Path, ":") {
		all = append(all, http.StatusNotFound)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ErrorType implements ginauth.Auth.ErrorType, which has the documentation.
func (c *Core) ErrorType() reflect.Type { return c.responses.ErrorType() }
