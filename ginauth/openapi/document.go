package openapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Document returns the document of an Auth, as [Serve] serves it. Use it to write the document to a file with json.Marshal,
// or to add it to your own document. Each call returns a new document, which the caller can change. Call it after Register,
// which decides the path of the routes. An error means that an [Edit] made the document invalid, or that JSON cannot
// represent one of your types.
func Document(auth core.Holder, opts ...Option) (*openapi3.T, error) {
	c := core.Of(auth)
	cfg := c.Config()
	return describe(c, &cfg, opts)
}

// writer describes routes, one at a time.
type writer struct {
	cfg         *config.Config
	doc         *openapi3.T
	credentials []credential
	gets        map[string]bool // paths with a GET
	*forms
}

func describe(auth *core.Core, cfg *config.Config, opts []Option) (*openapi3.T, error) {
	o := settings{title: cmp.Or(cfg.Mail.Site, "Accounts"), version: "1"}
	for _, option := range opts {
		option(&o)
	}
	routes := documented(auth)
	w := writer{cfg, &openapi3.T{
		OpenAPI: "3.1.0", Info: &openapi3.Info{Title: o.title, Version: o.version, Description: o.description},
		Servers: openapi3.Servers{{URL: cmp.Or(auth.Config().PublicPath, auth.Base(), "/")}}, Paths: openapi3.NewPaths(),
		Components: &openapi3.Components{SecuritySchemes: openapi3.SecuritySchemes{}},
	}, credentials(cfg, routes), map[string]bool{}, newForms(newSchemas(cfg), routes)}
	for _, c := range w.credentials {
		w.doc.Components.SecuritySchemes[c.name] = &openapi3.SecuritySchemeRef{Value: &c.scheme}
	}
	w.reserveErrors(auth.Codes(), auth.ErrorType())
	w.doc.Components.Responses = w.shared(auth.ErrorType())
	for _, r := range routes {
		w.gets[r.Path] = w.gets[r.Path] || r.Method == http.MethodGet
	}
	for i := range routes {
		w.add(&routes[i])
	}
	w.webHooks(auth.WebHooks())
	w.nameFields()
	w.doc.Components.Schemas = w.all
	if w.err != nil {
		return nil, fmt.Errorf("openapi: %w", w.err)
	}
	for _, edit := range o.edits {
		edit(w.doc)
	}
	if err := check(w.doc); err != nil {
		return nil, fmt.Errorf("openapi: the document is not valid OpenAPI 3.1; check your openapi.Edit: %w", err)
	}
	return w.doc, nil
}

// check validates a document, and resolves the references that an edit added.
func check(doc *openapi3.T) error {
	if err := openapi3.NewLoader().ResolveRefsIn(doc, nil); err != nil {
		return err
	}
	return doc.Validate(context.Background())
}

// documented returns the routes that the document describes.
func documented(auth *core.Core) []core.RouteInfo {
	routes := auth.Routes()
	return slices.DeleteFunc(routes, func(r core.RouteInfo) bool { return r.Undocumented })
}

var parameterForm = regexp.MustCompile(`[:*](\w+)`)

func (w *writer) add(r *core.RouteInfo) {
	op := &openapi3.Operation{
		Tags: []string{w.tag(r)}, Summary: r.Doc, Description: w.tokenNote(r), OperationID: operationID(r),
		Parameters: slices.Concat(w.parameters(r), queryParameters(r), w.credentialParameter(r), captchaParameter(r)), Responses: w.responses(r), Security: security(w.credentials, r),
	}
	if r.Input != nil && r.Method != http.MethodGet { // OpenAPI has no request body for GET
		s, optional := w.body(r)
		body := openapi3.NewRequestBody().WithRequired(!optional).WithSchemaRef(s, []string{
			mediaJSON, "application/x-www-form-urlencoded", "multipart/form-data",
		})
		op.RequestBody = &openapi3.RequestBodyRef{Value: body}
	}
	if r.Permission != "" { // for tools; the description says it to people
		op.Extensions = map[string]any{"x-permission": r.Permission}
	}
	w.doc.AddOperation("/"+parameterForm.ReplaceAllString(r.Path, "{$1}"), r.Method, op)
}

func (w *writer) responses(r *core.RouteInfo) *openapi3.Responses {
	if r.Raw {
		raw := openapi3.NewResponse().WithDescription("The response that the feature writes.").WithContent(openapi3.Content{"*/*": {}})
		return openapi3.NewResponses(openapi3.WithName("default", raw))
	}
	done := openapi3.NewResponse().WithDescription(http.StatusText(r.Status))
	if r.Redirects {
		done.WithDescription("The browser continues at another page, also after most errors, which are then the parameter `error` of the page.")
		done.Headers = openapi3.Headers{"Location": {Value: &openapi3.Header{Parameter: openapi3.Parameter{
			Description: "The page.", Required: true, Schema: openapi3.NewStringSchema().WithFormat("uri-reference").NewRef(),
		}}}}
	}
	if s := w.success(r.Outputs); s != nil {
		done.Content = openapi3.NewContentWithJSONSchemaRef(s)
	}
	all := openapi3.NewResponses(openapi3.WithStatus(r.Status, &openapi3.ResponseRef{Value: done}))
	for _, f := range failures() {
		key := strconv.Itoa(f.status)
		if f.status == 0 {
			key = "default"
		}
		if f.status == 0 || slices.Contains(r.Fails, f.status) {
			all.Set(key, &openapi3.ResponseRef{Ref: "#/components/responses/" + f.name, Value: w.doc.Components.Responses[f.name].Value})
		}
	}
	return all
}

// success returns the schema of a successful response, which can be one of several types.
func (w *writer) success(types []reflect.Type) *openapi3.SchemaRef {
	var all openapi3.SchemaRefs
	for _, t := range types {
		all = append(all, w.of(t, out))
	}
	switch {
	case len(all) == 0:
		return nil
	case len(all) == 1:
		return all[0]
	case disjoint(all):
		return oneOf(all...)
	}
	return (&openapi3.Schema{AnyOf: all}).NewRef()
}

// disjoint reports whether each schema requires a property that no other schema has, so that exactly one can match.
func disjoint(all openapi3.SchemaRefs) bool {
	for i, a := range all {
		for j, b := range all {
			properties := b.Value.Properties
			unknown := func(field string) bool { return properties[field] == nil }
			if i != j && (properties == nil || !slices.ContainsFunc(a.Value.Required, unknown)) {
				return false
			}
		}
	}
	return true
}
