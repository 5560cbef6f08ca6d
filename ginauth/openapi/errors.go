package openapi

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
)

const (
	mediaJSON    = "application/json"
	mediaProblem = "application/problem+json"
)

// failure is an answer that several routes share.
type failure struct {
	status      int // 0 for all that have none of their own
	name        string
	description string
	header      openapi3.Headers
}

func failures() []failure {
	header := func(name, description string, required bool, s *openapi3.Schema) openapi3.Headers {
		p := openapi3.Parameter{Description: description, Required: required, Schema: s.NewRef()}
		return openapi3.Headers{name: {Value: &openapi3.Header{Parameter: p}}}
	}
	challenge := header("WWW-Authenticate", "The schemes to log in with.", true, openapi3.NewStringSchema())
	retry := header("Retry-After", "Seconds to wait.", false, openapi3.NewIntegerSchema())
	return []failure{
		{http.StatusBadRequest, "BadRequest", "Fields are not right, or the body is not what its media type says.", nil},
		{http.StatusUnauthorized, "Unauthorized", "No credentials, or none that are good.", challenge},
		{http.StatusForbidden, "Forbidden", "The request comes from another site, or its user may not do this, or not now.", nil},
		{http.StatusNotFound, "NotFound", "No such thing, or not yours.", nil},
		{http.StatusRequestEntityTooLarge, "TooLarge", "The body is larger than " + strconv.Itoa(binding.MaxBody>>10) + " KiB.", nil},
		{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The body is neither JSON nor a form, or not in UTF-8.", nil},
		{http.StatusInternalServerError, "Internal", "Something went wrong. It is logged.", nil},
		{http.StatusServiceUnavailable, "Unavailable", "Nothing was done, or what was done is not known. Try again later.", retry},
		{0, "Other", "What the application, or something before it, refuses with.", nil},
	}
}

// shared makes the answers of all failures, each as JSON and as RFC 9457 has it.
func (g *schemas) shared(errorView reflect.Type) openapi3.ResponseBodies {
	var body, fields *openapi3.SchemaRef
	if errorView != nil {
		body = g.of(errorView, out)
		fields = body
	} else {
		body = g.ref("Error")
		fields = oneOf(g.ref("FieldErrors"), body)
	}
	all := openapi3.ResponseBodies{}
	for _, f := range failures() {
		s := body
		if f.status == http.StatusBadRequest || f.status == 0 {
			s = fields
		}
		r := openapi3.NewResponse().WithDescription(f.description)
		r.Headers = f.header
		r.Content = openapi3.Content{mediaJSON: {Schema: s}, mediaProblem: {Schema: g.ref("Problem")}}
		all[f.name] = &openapi3.ResponseRef{Value: r}
	}
	return all
}

func oneOf(all ...*openapi3.SchemaRef) *openapi3.SchemaRef {
	return (&openapi3.Schema{OneOf: all}).NewRef()
}

// reserveErrors makes the schemas that no Go type has.
func (g *schemas) reserveErrors(declared []binding.CodeDoc, errorView reflect.Type) {
	text := openapi3.NewStringSchema()
	uri := func() *openapi3.Schema { return openapi3.NewStringSchema().WithFormat("uri-reference") }
	g.reserve("Code", codeSchema(g.cfg, declared))
	if errorView == nil {
		g.reserve("Error", openapi3.NewObjectSchema().WithProperty("detail", text).WithPropertyRef("code", g.ref("Code")).
			WithRequired([]string{"detail", "code"}))
		all := openapi3.NewObjectSchema().WithAnyAdditionalProperties()
		all.Description = "Messages by field; " + binding.NonField + " has those of the request as a whole."
		g.reserve("FieldErrors", all)
	}
	pointer := uri()
	pointer.Description = "None for the request as a whole."
	g.reserve("FieldProblem", openapi3.NewObjectSchema().
		WithProperty("field", text).WithPropertyRef("code", g.ref("Code")).WithProperty("detail", text).WithProperty("pointer", pointer).
		WithRequired([]string{"field", "code", "detail"}))
	problems := openapi3.NewArraySchema()
	problems.Items = g.ref("FieldProblem")
	g.reserve("Problem", openapi3.NewObjectSchema().
		WithProperty("type", uri()).WithProperty("title", text).WithProperty("status", openapi3.NewIntegerSchema()).
		WithProperty("detail", text).WithPropertyRef("code", g.ref("Code")).WithProperty("errors", problems).
		WithRequired([]string{"type", "title", "status", "detail", "code"}))
}

func messages() *openapi3.Schema {
	return openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())
}

// nameFields lists the fields of all forms in FieldErrors, and "detail", which is a text in Error
// and would be a list here. A generated client tells the two apart by them. What else may be there
// has no type: TypeScript wants optional properties to be of the type of all others.
func (g *forms) nameFields() {
	all := g.all["FieldErrors"]
	if all == nil { // the application has an error of its own
		return
	}
	all.Value.WithProperty(binding.NonField, messages()).WithProperty("detail", messages())
	for u, name := range g.names {
		if _, isForm := g.always[u.t]; isForm && u.way == in {
			for field := range g.all[name].Value.Properties {
				all.Value.WithProperty(field, messages())
			}
		}
	}
}
