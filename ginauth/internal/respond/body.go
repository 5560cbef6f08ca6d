package respond

// Error bodies: as application/problem+json (RFC 9457) for the clients that accept it, else in Django's shape.

import (
	"net/http"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
)

type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Code   binding.Code   `json:"code"`
	Errors []fieldProblem `json:"errors,omitempty"`
}

type fieldProblem struct {
	Field   string       `json:"field"`
	Pointer string       `json:"pointer,omitempty"` // RFC 6901; empty for the request as a whole
	Code    binding.Code `json:"code"`
	Detail  string       `json:"detail"`
}

// problemBody returns the RFC 9457 form of an error, with the codes of single fields in "errors".
func problemBody(e *binding.Error) problem {
	p := problem{
		Type: "about:blank", Title: http.StatusText(e.Status), Status: e.Status, Detail: e.Message, Code: e.Code,
	}
	for _, field := range e.FieldNames() {
		for _, f := range e.Fields[field] {
			entry := fieldProblem{Field: field, Code: f.Code, Detail: f.Message}
			if field != binding.NonField {
				entry.Pointer = pointerTo(field)
			}
			p.Errors = append(p.Errors, entry)
		}
	}
	return p
}

// djangoBody returns an error in the form of Django REST framework: lists of messages by field, or a detail. The code next
// to the detail is the library's addition.
func djangoBody(e *binding.Error) any {
	if e.Fields == nil {
		return struct {
			Detail string       `json:"detail"`
			Code   binding.Code `json:"code"`
		}{e.Message, e.Code}
	}
	body := make(map[string][]string, len(e.Fields))
	for field, problems := range e.Fields {
		for _, p := range problems {
			body[field] = append(body[field], p.Message)
		}
	}
	return body
}

// pointerTo returns the RFC 6901 pointer to a field by its path: "#/items/1/name" for "items[1].name".
func pointerTo(path string) string {
	escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(path)
	out, inKey := "#/", false
	for _, r := range escaped {
		switch {
		case r == '[' && !inKey:
			inKey, out = true, out+"/"
		case r == ']' && inKey:
			inKey = false
		case r == '.' && !inKey:
			out += "/"
		default:
			out += string(r)
		}
	}
	return out
}

func acceptsProblem(r *http.Request) bool {
	for _, accept := range r.Header.Values("Accept") {
		for entry := range strings.SplitSeq(accept, ",") {
			media, params, _ := strings.Cut(entry, ";")
			if strings.EqualFold(strings.TrimSpace(media), "application/problem+json") &&
				strings.ReplaceAll(params, " ", "") != "q=0" {
				return true
			}
		}
	}
	return false
}
