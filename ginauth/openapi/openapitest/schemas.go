package openapitest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas compiles each schema once, at its first use.
type schemas struct {
	named any // components/schemas

	mu       sync.Mutex
	compiled map[*openapi3.SchemaRef]*jsonschema.Schema
}

func newSchemas(named openapi3.Schemas) (*schemas, error) {
	text, err := json.Marshal(named)
	if err != nil {
		return nil, err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	all, _ := value.(map[string]any)
	for _, s := range all {
		forbidOthers(s)
	}
	return &schemas{named: value, compiled: map[*openapi3.SchemaRef]*jsonschema.Schema{}}, nil
}

// validate checks a value against a schema that can refer to the named schemas.
func (s *schemas) validate(ref *openapi3.SchemaRef, value any) error {
	compiled, err := s.compile(ref)
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

func (s *schemas) compile(ref *openapi3.SchemaRef) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.compiled[ref]; known != nil {
		return known, nil
	}
	text, err := json.Marshal(ref)
	if err != nil {
		return nil, err
	}
	own, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	forbidOthers(own)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	name := "response" + strconv.Itoa(len(s.compiled)) + ".json"
	resource := map[string]any{"response": own, "components": map[string]any{"schemas": s.named}}
	if err := c.AddResource(name, resource); err != nil {
		return nil, err
	}
	compiled, err := c.Compile(name + "#/response")
	if err == nil {
		s.compiled[ref] = compiled
	}
	return compiled, err
}

// forbidOthers forbids properties that a schema does not list. Clients must accept such properties, but a server that writes
// them returns something that is not documented.
func forbidOthers(value any) {
	s, ok := value.(map[string]any)
	if !ok {
		return
	}
	properties, has := s["properties"].(map[string]any)
	if _, open := s["additionalProperties"]; has && !open {
		s["additionalProperties"] = false
	}
	for _, p := range properties {
		forbidOthers(p)
	}
	forbidOthers(s["items"])
	forbidOthers(s["additionalProperties"])
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		all, _ := s[keyword].([]any)
		for _, one := range all {
			forbidOthers(one)
		}
	}
}
