package openapi

import (
	"maps"
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

// failure is an error response that several routes share.
type failure struct {
	status      int // 0 for every other status
	name        string
	description string
	header      openapi3.Headers
}

func failures() []failure {
	header := func(name, description string, required bool, s *openapi3.Schema) openapi3.Headers {
		p := openapi3.Parameter{Description: description, Required: required, Schema: s.NewRef()}
		return openapi3.Headers{name: {Value: &openapi3.Header{Parameter: p}}}
	}
	challenge := header("WWW-Authenticate", "The schemes that the server accepts.", true, openapi3.NewStringSchema())
	retry := header("Retry-After", "Seconds to wait before the next try.", false, openapi3.NewIntegerSchema())
	limited := openapi3.Headers{}
	for _, of := range []openapi3.Headers{
		retry, header("RateLimit-Policy", "The limit with the longest wait: its name, attempts (q) and seconds (w); draft-ietf-httpapi-ratelimit-headers.", false, openapi3.NewStringSchema()),
		header("RateLimit", "The same limit: no attempts are left (r), and the next one is possible after so many seconds (t).", false, openapi3.NewStringSchema()),
	} {
		maps.Copy(limited, of)
	}
	return []failure{
		{http.StatusBadRequest, "BadRequest", "Fields are invalid, or the body does not match its media type.", nil},
		{http.StatusUnauthorized, "Unauthorized", "There are no valid credentials.", challenge},
		{http.StatusForbidden, "Forbidden", "The request comes from another site, or the user is not allowed to do this, or must log in again first.", nil},
		{http.StatusNotFound, "NotFound", "It does not exist, or it belongs to another user.", nil},
		{http.StatusRequestEntityTooLarge, "TooLarge", "The body is larger than " + strconv.Itoa(binding.MaxBody>>10) + " KiB.", nil},
		{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The body is neither JSON nor a form, or it is not UTF-8.", nil},
		{http.StatusTooManyRequests, "TooManyRequests", "There were too many attempts. Nothing was done. Try again later.", limited},
		{http.StatusInternalServerError, "Internal", "Something went wrong. The server logs the details.", nil},
		{http.StatusServiceUnavailable, "Unavailable", "The server could not do it, or does not know whether it did. Try again later.", retry},
		{0, "Other", "An error of the application, or of a server in front of it.", nil},
	}
}

// shared returns the responses of all failures, each as plain JSON and as problem+json (RFC 9457).
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

// reserveErrors adds the schemas of errors, which no Go type has.
func (g *schemas) reserveErrors(declared []binding.CodeDoc, errorView reflect.Type) {
	text := openapi3.NewStringSchema()
	uri := func() *openapi3.Schema { return openapi3.NewStringSchema().WithFormat("uri-reference") }
	g.reserve("Code", codeSchema(g.cfg, declared))
	if errorView == nil {
		g.reserve("Error", openapi3.NewObjectSchema().WithProperty("detail", text).WithPropertyRef("code", g.ref("Code")).
			WithRequired([]string{"detail", "code"}))
		all := openapi3.NewObjectSchema().WithAnyAdditionalProperties()
		all.Description = "Messages by field; those about the whole request are in " + binding.NonField + "."
		g.reserve("FieldErrors", all)
	}
	pointer := uri()
	pointer.Description = "Absent if the problem is about the whole request."
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

// nameFields adds the fields of all forms to FieldErrors, and "detail", which is a string in Error but a list here. Generated
// clients use them to distinguish the two. Additional properties have no type, because TypeScript wants them to have the
// type of all optional properties.
func (g *forms) nameFields() {
	all := g.all["FieldErrors"]
	if all == nil { // the application has its own error
		return
	}
	all.Value.WithProperty(binding.NonField, messages()).WithProperty("detail", messages())
	if g.cfg.Captcha.Verifier != nil {
		all.Value.WithProperty("captcha", messages())
	}
	for u, name := range g.names {
		if _, isForm := g.always[u.t]; isForm && u.way == in {
			for field := range g.all[name].Value.Properties {
				all.Value.WithProperty(field, messages())
			}
		}
	}
}
