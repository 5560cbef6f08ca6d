package openapi

import (
	"regexp"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/config"
)

// tag is the first part of a path, which routes that belong together share.
func (w *writer) tag(r *core.RouteInfo) string {
	name, _, _ := strings.Cut(r.Path, "/")
	name, _, _ = strings.Cut(name, ".")
	for _, t := range w.doc.Tags {
		if t.Name == name {
			return name
		}
	}
	w.doc.Tags = append(w.doc.Tags, &openapi3.Tag{Name: name, Description: tagNote(name)})
	return name
}

// tagNote is a heading for the routes of a tag.
func tagNote(name string) string {
	note := map[string]string{
		"login": "Logging in", "logout": "Logging out", "user": "The user", "password": "Changing and resetting passwords",
		"registration": "Signing up", "sessions": "Where the user is logged in", "reauthenticate": "Fresh logins",
		"emails": "The user's addresses", "security": "It was not me", "tokens": "Personal tokens of programs",
		"token": "JSON Web Tokens", "jwks": "Keys that JSON Web Tokens are signed with",
	}[name]
	if note == "" {
		return "Routes at " + name
	}
	return note
}

var wordForm = regexp.MustCompile(`[A-Za-z0-9]+`)

// operationID is method and path in one word: postPasswordReset, deleteSessionsId.
func operationID(r *core.RouteInfo) string {
	id := strings.ToLower(r.Method)
	for _, word := range wordForm.FindAllString(r.Path, -1) {
		id += exported(word)
	}
	return id
}

// parameters are those in the path.
func parameters(r *core.RouteInfo) openapi3.Parameters {
	var all openapi3.Parameters
	list, _, _ := strings.Cut(r.Path, "/")
	for _, found := range parameterForm.FindAllStringSubmatch(r.Path, -1) {
		p := openapi3.NewPathParameter(found[1]).WithSchema(openapi3.NewStringSchema())
		if list == "emails" {
			p.WithSchema(openapi3.NewInt64Schema().WithMin(1))
		}
		if p.Name == "id" {
			p.Description = "As GET " + list + "/ lists it."
		}
		all = append(all, &openapi3.ParameterRef{Value: p})
	}
	return all
}

// tokenNote says what personal tokens may do, where there are any.
func (w *writer) tokenNote(r *core.RouteInfo) string {
	switch {
	case !r.User || !uses(w.cfg, config.OpaqueToken):
		return ""
	case r.Tokens:
		return "A personal token without scopes may do this, too."
	}
	return "Personal tokens may not do this."
}
