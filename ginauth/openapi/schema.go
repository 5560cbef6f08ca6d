package openapi

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// A way is the direction of a type: request or response. A field that is optional in a request can always be present in a
// response, so one type can have two schemas.
type way string

const (
	in  way = "Input"
	out way = "Output"
)

// schemas creates the schemas of Go types and keeps those with a name.
type schemas struct {
	cfg   *config.Config
	names map[use]string
	taken map[string]use
	held  map[string]reflect.Type // by the name of a response of the library that has a view: the only type that can have this name
	all   openapi3.Schemas
	err   error // about the first type that JSON cannot represent
}

type use struct {
	t   reflect.Type
	way way
}

func newSchemas(cfg *config.Config) *schemas {
	g := &schemas{cfg: cfg, names: map[use]string{}, taken: map[string]use{}, held: map[string]reflect.Type{}, all: openapi3.Schemas{}}
	for _, view := range cfg.Views {
		g.held[nameOf(view.In())] = view.Out()
	}
	return g
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	numberType = reflect.TypeFor[json.Number]()
	scopesType = reflect.TypeFor[binding.Scopes]()
	codeType   = reflect.TypeFor[binding.Code]()
	emptyType  = reflect.TypeFor[binding.Empty]()
	jsonOut    = reflect.TypeFor[json.Marshaler]()
	jsonIn     = reflect.TypeFor[json.Unmarshaler]()
	textOut    = reflect.TypeFor[encoding.TextMarshaler]()
	textIn     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// of returns the schema of a type as encoding/json writes or reads it: a reference if the type has a name.
func (g *schemas) of(t reflect.Type, w way) *openapi3.SchemaRef {
	switch {
	case t.Kind() == reflect.Pointer:
		return g.of(t.Elem(), w)
	case t == codeType && w == out:
		return g.ref("Code")
	}
	if s := g.special(t, w); s != nil {
		return s.NewRef()
	}
	if t.Kind() == reflect.Struct {
		return g.ofStruct(t, w)
	}
	return g.ofKind(t, w).NewRef()
}

// special returns the schema of a type with its own encoding, or nil.
func (g *schemas) special(t reflect.Type, w way) *openapi3.Schema {
	switch {
	case t == timeType:
		return openapi3.NewDateTimeSchema()
	case t == numberType:
		return openapi3.NewFloat64Schema()
	case t == scopesType:
		return g.scopes()
	case w == out && has(t, jsonOut), w == in && has(t, jsonIn):
		return openapi3.NewSchema()
	case w == out && has(t, textOut), w == in && has(t, textIn):
		return openapi3.NewStringSchema()
	}
	return nil
}

// has also counts methods with a pointer receiver: encoding/json finds them if the value is addressable.
func has(t, method reflect.Type) bool {
	return t.Kind() != reflect.Interface && (t.Implements(method) || reflect.PointerTo(t).Implements(method))
}

func (g *schemas) ofKind(t reflect.Type, w way) *openapi3.Schema {
	switch t.Kind() {
	case reflect.Bool:
		return openapi3.NewBoolSchema()
	case reflect.String:
		return openapi3.NewStringSchema()
	case reflect.Float32, reflect.Float64:
		return openapi3.NewFloat64Schema()
	case reflect.Int64:
		return openapi3.NewInt64Schema()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		return openapi3.NewIntegerSchema()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return openapi3.NewIntegerSchema().WithMin(0)
	case reflect.Interface:
		return openapi3.NewSchema()
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &openapi3.Schema{Type: &openapi3.Types{"string"}, ContentEncoding: "base64"}
		}
		return g.list(t, w)
	case reflect.Array:
		return g.list(t, w).WithMinItems(int64(t.Len())).WithMaxItems(int64(t.Len()))
	case reflect.Map:
		s := openapi3.NewObjectSchema()
		s.AdditionalProperties.Schema = g.element(t, w)
		return s
	}
	if g.err == nil {
		g.err = fmt.Errorf("JSON cannot represent %s", t)
	}
	return openapi3.NewSchema()
}

func (g *schemas) list(t reflect.Type, w way) *openapi3.Schema {
	s := openapi3.NewArraySchema()
	s.Items = g.element(t, w)
	return s
}

// element returns the schema of the elements of a list or map.
func (g *schemas) element(t reflect.Type, w way) *openapi3.SchemaRef {
	if canBeNull(t.Elem(), t, w) {
		return nullable(g.of(t.Elem(), w))
	}
	return g.of(t.Elem(), w)
}

// canBeNull reports whether encoding/json can write null for a type within another. The library's own lists are never nil.
// In forms, null is not described.
func canBeNull(t, within reflect.Type, w way) bool {
	switch {
	case w == in:
		return false
	case t.Kind() == reflect.Pointer:
		return true
	case t.Kind() != reflect.Slice && t.Kind() != reflect.Map, has(t, textOut):
		return false
	}
	return !fromLibrary(within)
}

// fromLibrary reports whether a type is a request or response type of the library.
func fromLibrary(t reflect.Type) bool {
	own, inner := strings.TrimSuffix(reflect.TypeFor[core.Core]().PkgPath(), "/core"), "/internal/"
	path := t.PkgPath()
	return path == own || path == own+"/core" || path == reflect.TypeFor[binding.User]().PkgPath() || strings.HasPrefix(path, own+inner)
}

// nullable returns the schema with null as an additional value.
func nullable(s *openapi3.SchemaRef) *openapi3.SchemaRef {
	if s.Ref != "" {
		return oneOf(s, openapi3.NewSchema().WithTypes("null").NewRef())
	}
	if types := s.Value.Type; types != nil {
		s.Value.WithTypes(append(types.Slice(), "null")...)
	}
	return s
}

// scopes returns the schema of scopes, which are those of the configuration.
func (g *schemas) scopes() *openapi3.Schema {
	item := openapi3.NewStringSchema()
	for _, scope := range g.cfg.Token.Scopes {
		item.Enum = append(item.Enum, scope)
	}
	return openapi3.NewArraySchema().WithItems(item).WithMinItems(1)
}

// ofStruct returns a reference to the schema of a struct, or the schema itself if the struct has no name.
func (g *schemas) ofStruct(t reflect.Type, w way) *openapi3.SchemaRef {
	if t == emptyType {
		return openapi3.NewObjectSchema().WithMaxProperties(0).NewRef()
	}
	s := openapi3.NewObjectSchema()
	if nameOf(t) == "" {
		g.addFields(s, t, w)
		return s.NewRef()
	}
	name, known := g.names[use{t, w}]
	if !known {
		name = g.name(use{t, w})
		g.all[name] = s.NewRef() // before its fields, because a field can have the same type
		g.addFields(s, t, w)
	}
	return g.ref(name)
}

// ref returns a reference to a schema with a name.
func (g *schemas) ref(name string) *openapi3.SchemaRef {
	return openapi3.NewSchemaRef("#/components/schemas/"+name, g.all[name].Value)
}

func (g *schemas) addFields(s *openapi3.Schema, t reflect.Type, w way) {
	for _, f := range jsonFields(t) {
		if w == in && !f.tagged {
			continue // requests cannot set it
		}
		p := g.of(f.Type, w)
		if f.quoted {
			p = openapi3.NewStringSchema().NewRef()
		}
		required := !f.optional
		if w == in {
			required = applyTags(p, f.Type, f.Tag)
		} else if required && canBeNull(f.Type, t, w) {
			p = nullable(p)
		}
		s.WithPropertyRef(f.name, p)
		if required {
			s.Required = append(s.Required, f.name)
		}
	}
	if w == out {
		g.adjustLogin(t, s)
		if t == reflect.TypeFor[binding.User]() && !g.cfg.ShowHasPassword {
			delete(s.Properties, "has_password")
		}
	}
}
