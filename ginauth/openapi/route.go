package openapi

import (
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// tag returns the name of a route's tag: the first part of the path that the first route with it has,
// or the tag itself if another tag has that name.
func (w *writer) tag(r *core.RouteInfo) string {
	name := wordForm.FindString(r.Path)
	for _, t := range w.doc.Tags {
		if t.Description == r.Tag {
			return t.Name
		}
		if t.Name == name {
			name = r.Tag
		}
	}
	w.doc.Tags = append(w.doc.Tags, &openapi3.Tag{Name: name, Description: r.Tag})
	return name
}

var wordForm = regexp.MustCompile(`[A-Za-z0-9]+`)

// operationID joins method and path to one word: postPasswordReset, deleteSessionsId.
func operationID(r *core.RouteInfo) string {
	id := strings.ToLower(r.Method)
	for _, word := range wordForm.FindAllString(r.Path, -1) {
		id += exported(word)
	}
	return id
}

// parameters returns the parameters of the path. Clients get an id from the list at the path before it, if there is one.
func (w *writer) parameters(r *core.RouteInfo) openapi3.Parameters {
	var all openapi3.Parameters
	list, _, _ := strings.Cut(r.Path, ":id")
	for _, found := range parameterForm.FindAllStringSubmatch(r.Path, -1) {
		p := openapi3.NewPathParameter(found[1]).WithSchema(openapi3.NewStringSchema())
		if r.NumericID && found[1] == "id" {
			p.WithSchema(openapi3.NewInt64Schema().WithMin(1))
		}
		if p.Name == "id" && w.gets[list] {
			p.Description = "An id from GET " + list + "."
		}
		all = append(all, &openapi3.ParameterRef{Value: p})
	}
	return all
}

// queryParameters returns the parameters of the query.
func queryParameters(r *core.RouteInfo) (all openapi3.Parameters) {
	for _, q := range r.Query {
		p := openapi3.NewQueryParameter(q.Name).WithDescription(q.Doc).WithSchema(openapi3.NewStringSchema())
		all = append(all, &openapi3.ParameterRef{Value: p})
	}
	return all
}

// tokenNote says whether the route accepts personal tokens, if there are any.
func (w *writer) tokenNote(r *core.RouteInfo) string {
	switch {
	case r.Permission != "":
		return "Needs a superuser, or staff with the permission `" + r.Permission + "`. Personal tokens cannot use this route."
	case !r.Access.NeedsUser() || !uses(w.cfg, config.OpaqueToken):
		return ""
	case r.Access == core.AccessUserOrToken:
		return "Personal tokens without scopes can use this route."
	}
	return "Personal tokens cannot use this route."
}
