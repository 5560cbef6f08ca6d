package openapitest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas compiles each schema once, when it is first needed.
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
		shut(s)
	}
	return &schemas{named: value, compiled: map[*openapi3.SchemaRef]*jsonschema.Schema{}}, nil
}

// validate holds a value against a schema whose references lead to the named ones.
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
	shut(own)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	name := "answer" + strconv.Itoa(len(s.compiled)) + ".json"
	resource := map[string]any{"answer": own, "components": map[string]any{"schemas": s.named}}
	if err := c.AddResource(name, resource); err != nil {
		return nil, err
	}
	compiled, err := c.Compile(name + "#/answer")
	if err == nil {
		s.compiled[ref] = compiled
	}
	return compiled, err
}

// shut forbids properties that a schema does not have. Clients must bear them, but a server
// that writes them has an answer that is not documented.
func shut(value any) {
	s, ok := value.(map[string]any)
	if !ok {
		return
	}
	properties, has := s["properties"].(map[string]any)
	if _, open := s["additionalProperties"]; has && !open {
		s["additionalProperties"] = false
	}
	for _, p := range properties {
		shut(p)
	}
	shut(s["items"])
	shut(s["additionalProperties"])
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		all, _ := s[keyword].([]any)
		for _, one := range all {
			shut(one)
		}
	}
}
