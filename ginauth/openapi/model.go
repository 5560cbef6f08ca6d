package openapi

import (
	"bytes"
	"encoding/json"
)

// The types here are the objects of OpenAPI 3.1, as far as they are used.

type document struct {
	OpenAPI    string                      `json:"openapi"`
	Info       info                        `json:"info"`
	Servers    []server                    `json:"servers"`
	Tags       []tag                       `json:"tags"`
	Paths      ordered[ordered[operation]] `json:"paths"`
	Components components                  `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description,omitempty"`
}

type server struct {
	URL string `json:"url"`
}

type tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type operation struct {
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitempty"`
	OperationID string                `json:"operationId"`
	Parameters  []parameter           `json:"parameters,omitempty"`
	RequestBody *requestBody          `json:"requestBody,omitempty"`
	Responses   ordered[response]     `json:"responses"`
	Security    []map[string][]string `json:"security"` // empty: nobody need log in
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required"`
	Schema      *schema `json:"schema"`
}

type requestBody struct {
	Required bool               `json:"required"`
	Content  ordered[mediaType] `json:"content"`
}

type mediaType struct {
	Schema *schema `json:"schema,omitempty"`
}

type response struct {
	Ref         string             `json:"$ref,omitempty"`
	Description string             `json:"description,omitempty"`
	Headers     ordered[header]    `json:"headers,omitempty"`
	Content     ordered[mediaType] `json:"content,omitempty"`
}

type header struct {
	Description string  `json:"description"`
	Required    bool    `json:"required,omitempty"`
	Schema      *schema `json:"schema"`
}

type components struct {
	Schemas         ordered[*schema]        `json:"schemas"`
	Responses       ordered[response]       `json:"responses"`
	SecuritySchemes ordered[securityScheme] `json:"securitySchemes"`
}

type securityScheme struct {
	Type        string `json:"type"`
	In          string `json:"in,omitempty"`
	Name        string `json:"name,omitempty"`
	Scheme      string `json:"scheme,omitempty"`
	Description string `json:"description,omitempty"`
}

// schema is JSON Schema 2020-12.
type schema struct {
	Ref                  string           `json:"$ref,omitempty"`
	Type                 any              `json:"type,omitempty"` // a string, or several
	Description          string           `json:"description,omitempty"`
	Format               string           `json:"format,omitempty"`
	ContentEncoding      string           `json:"contentEncoding,omitempty"`
	Enum                 []any            `json:"enum,omitempty"`
	MinLength            *int             `json:"minLength,omitempty"`
	MaxLength            *int             `json:"maxLength,omitempty"`
	Minimum              json.Number      `json:"minimum,omitempty"`
	Maximum              json.Number      `json:"maximum,omitempty"`
	ExclusiveMinimum     json.Number      `json:"exclusiveMinimum,omitempty"`
	ExclusiveMaximum     json.Number      `json:"exclusiveMaximum,omitempty"`
	Items                *schema          `json:"items,omitempty"`
	MinItems             *int             `json:"minItems,omitempty"`
	MaxItems             *int             `json:"maxItems,omitempty"`
	Properties           ordered[*schema] `json:"properties,omitempty"`
	Required             []string         `json:"required,omitempty"`
	AdditionalProperties *schema          `json:"additionalProperties,omitempty"`
	MaxProperties        *int             `json:"maxProperties,omitempty"`
	AllOf                []*schema        `json:"allOf,omitempty"`
	AnyOf                []*schema        `json:"anyOf,omitempty"`
	OneOf                []*schema        `json:"oneOf,omitempty"`
	WriteOnly            bool             `json:"writeOnly,omitempty"`
}

// ordered is a JSON object whose keys keep their order: that of the struct's fields and of
// the route table, which people wrote with a thought.
type ordered[V any] []member[V]

type member[V any] struct {
	key   string
	value V
}

// find returns what is under a key.
func (o ordered[V]) find(key string) (value V, found bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return value, false
}

// set adds a key, or replaces what is under it.
func (o *ordered[V]) set(key string, value V) {
	for i := range *o {
		if (*o)[i].key == key {
			(*o)[i].value = value
			return
		}
	}
	*o = append(*o, member[V]{key, value})
}

// MarshalJSON writes an object.
func (o ordered[V]) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
