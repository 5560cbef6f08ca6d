package openapi

import (
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// webHooks describes the web-hooks that the application sends, in the format of Standard Webhooks.
func (w *writer) webHooks(all []core.WebHook) {
	if len(all) == 0 {
		return
	}
	const tag = "webhooks"
	w.doc.Tags = append(w.doc.Tags, &openapi3.Tag{Name: tag, Description: "Requests that this application sends to your servers"})
	w.doc.Webhooks = map[string]*openapi3.PathItem{}
	for _, h := range all {
		id := "webhook"
		for _, word := range wordForm.FindAllString(h.Type, -1) {
			id += exported(word)
		}
		w.doc.Webhooks[h.Type] = &openapi3.PathItem{Post: &openapi3.Operation{
			Tags: []string{tag}, OperationID: id, Summary: h.Type, Description: h.Doc, Parameters: hookHeaders(), Security: openapi3.NewSecurityRequirements(),
			RequestBody: &openapi3.RequestBodyRef{Value: openapi3.NewRequestBody().WithRequired(true).WithJSONSchema(hookSchema(h))},
			Responses: openapi3.NewResponses(
				openapi3.WithName("2XX", openapi3.NewResponse().WithDescription("Your server stored the web-hook.")),
				openapi3.WithName("default", openapi3.NewResponse().WithDescription("The web-hook is sent again later, but not after 410."))),
		}}
	}
}

// hookHeaders returns the headers of Standard Webhooks.
func hookHeaders() (all openapi3.Parameters) {
	for _, h := range []struct{ name, doc string }{
		{"webhook-id", "The same for each try. Ignore web-hooks that you have."},
		{"webhook-timestamp", "When it was sent, in seconds since 1970. Reject old ones."},
		{"webhook-signature", "Signatures over the exact bytes of the body (https://www.standardwebhooks.com)."},
	} {
		p := openapi3.NewHeaderParameter(h.name).WithRequired(true).WithDescription(h.doc).WithSchema(openapi3.NewStringSchema())
		all = append(all, &openapi3.ParameterRef{Value: p})
	}
	return all
}

// hookSchema returns the schema of a body. If the application changes the data, no field of it is sure to be there.
func hookSchema(h core.WebHook) *openapi3.Schema {
	data := openapi3.NewObjectSchema().WithProperty("id", openapi3.NewInt64Schema()).
		WithProperty("username", openapi3.NewStringSchema()).WithProperty("email", openapi3.NewStringSchema())
	if h.Own {
		data.WithAnyAdditionalProperties()
	} else {
		data.Required = []string{"id", "username", "email"}
	}
	for _, field := range h.Data {
		data.WithProperty(field, openapi3.NewStringSchema())
	}
	body := openapi3.NewObjectSchema().WithProperty("type", openapi3.NewStringSchema().WithEnum(h.Type)).
		WithProperty("timestamp", openapi3.NewDateTimeSchema()).WithProperty("data", data)
	body.Required = []string{"data", "timestamp", "type"}
	return body
}
