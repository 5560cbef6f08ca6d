package openapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
)

// Document makes the document of an Auth, as [Serve] serves it: for files, and for tests. Call
// it after Register, which decides where the routes are.
func Document(auth *ginauth.Auth, opts ...Option) ([]byte, error) {
	return encode(auth, auth.Config(), opts)
}

func encode(auth *ginauth.Auth, cfg config.Config, opts []Option) ([]byte, error) {
	d, err := describe(auth, &cfg, opts)
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return json.Marshal(d)
}

// writer describes one route after the other.
type writer struct {
	cfg *config.Config
	doc *document
	*forms
}

func describe(auth *ginauth.Auth, cfg *config.Config, opts []Option) (*document, error) {
	o := settings{title: cfg.Mail.Site, version: "1"}
	for _, option := range opts {
		option(&o)
	}
	if o.title == "" {
		o.title = "Accounts"
	}
	base := auth.Base()
	if base == "" {
		base = "/"
	}
	routes := documented(auth)
	w := writer{cfg, &document{
		OpenAPI: "3.1.0", Info: info{Title: o.title, Version: o.version, Description: o.description},
		Servers: []server{{base}}, Components: components{SecuritySchemes: credentials(cfg)},
	}, newForms(newSchemas(cfg), routes)}
	w.reserveErrors(o.codes, auth.ErrorType())
	for i := range routes {
		w.add(&routes[i])
	}
	w.addFailures(&w.doc.Components, auth.ErrorType())
	w.doc.Components.Schemas = w.all
	return w.doc, w.err
}

// documented are the routes without this package's own.
func documented(auth *ginauth.Auth) []ginauth.Route {
	routes := auth.Routes()
	return slices.DeleteFunc(routes, func(r ginauth.Route) bool { return r.Raw && isOwn(r.Path) })
}

var parameterForm = regexp.MustCompile(`[:*](\w+)`)

func (w *writer) add(r *ginauth.Route) {
	path := "/" + parameterForm.ReplaceAllString(r.Path, "{$1}")
	op := operation{
		Tags: []string{w.tag(r)}, Summary: r.Doc, Description: w.tokenNote(r), OperationID: operationID(r),
		Parameters: parameters(r), Security: security(w.doc.Components.SecuritySchemes, r),
	}
	if input := w.inputOf(r); input != nil {
		with := *r
		with.Input = input
		s, optional := w.body(&with)
		op.RequestBody = &requestBody{Required: !optional, Content: ordered[mediaType]{
			{mediaJSON, mediaType{s}}, {"application/x-www-form-urlencoded", mediaType{s}}, {"multipart/form-data", mediaType{s}},
		}}
	}
	op.Responses = w.responses(r)
	item, _ := w.doc.Paths.find(path)
	item.set(strings.ToLower(r.Method), op)
	w.doc.Paths.set(path, item)
}

// inputOf is a route's form; logout reads one, too, though it takes none for wrong.
func (w *writer) inputOf(r *ginauth.Route) reflect.Type {
	if isLogout(r) && r.Method == http.MethodPost && uses(w.cfg, config.JSONWebToken) {
		return reflect.TypeFor[binding.RefreshToken]()
	}
	return r.Input
}

func (w *writer) responses(r *ginauth.Route) ordered[response] {
	if r.Raw {
		return ordered[response]{{"default", response{
			Description: "What the feature writes.", Content: ordered[mediaType]{{"*/*", mediaType{}}},
		}}}
	}
	done := response{Description: http.StatusText(r.Status)}
	if s := w.answer(r.Outputs); s != nil {
		done.Content = ordered[mediaType]{{mediaJSON, mediaType{s}}}
	}
	all := ordered[response]{{strconv.Itoa(r.Status), done}}
	for _, f := range failures() {
		key := strconv.Itoa(f.status)
		if f.status == 0 {
			key = "default"
		}
		if fails(r, f.status) {
			all.set(key, response{Ref: "#/components/responses/" + f.name})
		}
	}
	return all
}

// answer is the schema of one answer or another.
func (w *writer) answer(types []reflect.Type) *schema {
	var all []*schema
	for _, t := range types {
		all = append(all, w.of(t, out))
	}
	switch {
	case len(all) == 0:
		return nil
	case len(all) == 1:
		return all[0]
	case w.disjoint(all):
		return &schema{OneOf: all}
	}
	return &schema{AnyOf: all}
}

// disjoint reports whether each of the schemas requires something that no other has, so that
// exactly one fits.
func (g *schemas) disjoint(all []*schema) bool {
	for i, a := range all {
		for j, b := range all {
			a, b := g.resolve(a), g.resolve(b)
			unknown := func(field string) bool { _, found := b.Properties.find(field); return !found }
			if i != j && (b.Properties == nil || !slices.ContainsFunc(a.Required, unknown)) {
				return false
			}
		}
	}
	return true
}

func (g *schemas) resolve(s *schema) *schema {
	if s.Ref == "" {
		return s
	}
	named, _ := g.all.find(strings.TrimPrefix(s.Ref, ref("").Ref))
	return named
}
