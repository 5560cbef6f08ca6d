package openapi

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth"
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
	header      ordered[header]
}

func failures() []failure {
	text := func(description string, required bool) header {
		return header{Description: description, Required: required, Schema: &schema{Type: "string"}}
	}
	retry := ordered[header]{{"Retry-After", header{Description: "Seconds to wait.", Schema: &schema{Type: "integer"}}}}
	return []failure{
		{http.StatusBadRequest, "BadRequest", "Fields are not right, or the body is not what its media type says.", nil},
		{http.StatusUnauthorized, "Unauthorized", "No credentials, or none that are good.",
			ordered[header]{{"WWW-Authenticate", text("The schemes to log in with.", true)}}},
		{http.StatusForbidden, "Forbidden", "The request comes from another site, or its user may not do this, or not now.", nil},
		{http.StatusNotFound, "NotFound", "No such thing, or not yours.", nil},
		{http.StatusRequestEntityTooLarge, "TooLarge", "The body is larger than " + strconv.Itoa(binding.MaxBody>>10) + " KiB.", nil},
		{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The body is neither JSON nor a form, or not in UTF-8.", nil},
		{http.StatusInternalServerError, "Internal", "Something went wrong. It is logged.", nil},
		{http.StatusServiceUnavailable, "Unavailable", "Nothing was done, or what was done is not known. Try again later.", retry},
		{0, "Other", "What the application, or something before it, refuses with.", nil},
	}
}

// addFailures makes the shared answers, each as JSON and as RFC 9457 has it.
func (g *schemas) addFailures(c *components, errorView reflect.Type) {
	body, fields := ref("Error"), &schema{OneOf: []*schema{ref("FieldErrors"), ref("Error")}}
	if errorView != nil {
		body = g.of(errorView, out)
		fields = body
	}
	for _, f := range failures() {
		r := response{Description: f.description, Headers: f.header}
		s := body
		if f.status == http.StatusBadRequest || f.status == 0 {
			s = fields
		}
		r.Content = ordered[mediaType]{{mediaJSON, mediaType{s}}, {mediaProblem, mediaType{ref("Problem")}}}
		c.Responses.set(f.name, r)
	}
}

// reserveErrors keeps the names of the schemas that no Go type has.
func (g *schemas) reserveErrors(own []binding.Code, errorView reflect.Type) {
	text := &schema{Type: "string"}
	g.reserve("Code", codeSchema(g.cfg, own))
	if errorView == nil {
		g.reserve("Error", object(fields{"detail": text, "code": ref("Code")}, "detail", "code"))
		g.reserve("FieldErrors", &schema{
			Type: "object", Description: "Messages by field; " + binding.NonField + " has those of the request as a whole.",
			AdditionalProperties: &schema{Type: "array", Items: text},
		})
	}
	g.reserve("Problem", object(fields{
		"type": {Type: "string", Format: "uri-reference"}, "title": text, "status": {Type: "integer"}, "detail": text,
		"code": ref("Code"), "errors": {Type: "array", Items: ref("FieldProblem")},
	}, "type", "title", "status", "detail", "code"))
	g.reserve("FieldProblem", object(fields{
		"field": text, "pointer": {Type: "string", Format: "uri-reference", Description: "None for the request as a whole."},
		"code": ref("Code"), "detail": text,
	}, "field", "code", "detail"))
}

type fields map[string]*schema

// object has these properties, the required ones first.
func object(properties fields, required ...string) *schema {
	s := &schema{Type: "object", Required: required}
	for _, name := range required {
		s.Properties.set(name, properties[name])
	}
	for _, name := range []string{"pointer", "errors"} {
		if p := properties[name]; p != nil {
			s.Properties.set(name, p)
		}
	}
	return s
}

// verifyPath confirms an address that was added to an account for its logged-in user only, and
// answers a bad key with 404, as dj-rest-auth does.
const verifyPath = "registration/verify-email/"

// fails reports whether a route can answer a status.
func fails(r *ginauth.Route, status int) bool {
	switch status {
	case http.StatusBadRequest:
		return r.Input != nil || r.Path == "emails/:id/resend/"
	case http.StatusUnauthorized:
		return r.User || strings.HasPrefix(r.Path, "token/") || r.Path == verifyPath
	case http.StatusForbidden: // a foreign origin, a personal token, a login that is not fresh, or the application's no
		return r.Method != http.MethodGet || r.User || isLogout(r)
	case http.StatusNotFound:
		return strings.Contains(r.Path, ":") || r.Path == verifyPath || r.Path == "security/revoke/"
	case http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return r.Input != nil
	}
	return true
}
