package openapi

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
)

// A way is the direction in which a type travels: a field that is optional in a form may be
// there always in an answer, so one type can have two schemas.
type way string

const (
	in  way = "Input"
	out way = "Output"
)

// schemas makes the schemas of Go types and keeps those that have a name.
type schemas struct {
	cfg   *config.Config
	names map[use]string
	taken map[string]use
	all   ordered[*schema]
	err   error // the first type that JSON cannot have
}

type use struct {
	t   reflect.Type
	way way
}

func newSchemas(cfg *config.Config) *schemas {
	return &schemas{cfg: cfg, names: map[use]string{}, taken: map[string]use{}}
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

// of is the schema of a type as encoding/json writes or reads it: a reference where the type
// has a name of its own.
func (g *schemas) of(t reflect.Type, w way) *schema {
	switch {
	case t.Kind() == reflect.Pointer:
		return g.of(t.Elem(), w)
	case t == timeType:
		return &schema{Type: "string", Format: "date-time"}
	case t == numberType:
		return &schema{Type: "number"}
	case t == codeType && w == out:
		return ref("Code")
	case t == scopesType:
		return g.scopes()
	case w == out && has(t, jsonOut), w == in && has(t, jsonIn):
		return &schema{}
	case w == out && has(t, textOut), w == in && has(t, textIn):
		return &schema{Type: "string"}
	}
	return g.ofKind(t, w)
}

// has also counts methods with a pointer receiver: whether encoding/json finds those depends
// on where the value is.
func has(t, method reflect.Type) bool {
	return t.Kind() != reflect.Interface && (t.Implements(method) || reflect.PointerTo(t).Implements(method))
}

func (g *schemas) ofKind(t reflect.Type, w way) *schema {
	switch t.Kind() {
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Float32, reflect.Float64:
		return &schema{Type: "number"}
	case reflect.Int64:
		return &schema{Type: "integer", Format: "int64"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		return &schema{Type: "integer"}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &schema{Type: "integer", Minimum: "0"}
	case reflect.Interface:
		return &schema{}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &schema{Type: "string", ContentEncoding: "base64"}
		}
		return &schema{Type: "array", Items: g.element(t, w)}
	case reflect.Array:
		return &schema{Type: "array", Items: g.element(t, w), MinItems: new(t.Len()), MaxItems: new(t.Len())}
	case reflect.Map:
		return &schema{Type: "object", AdditionalProperties: g.element(t, w)}
	case reflect.Struct:
		return g.ofStruct(t, w)
	}
	if g.err == nil {
		g.err = fmt.Errorf("%s has no form in JSON", t)
	}
	return &schema{}
}

// element is the schema of what is in a list or map.
func (g *schemas) element(t reflect.Type, w way) *schema {
	if canBeNull(t.Elem(), t, w) {
		return nullable(g.of(t.Elem(), w))
	}
	return g.of(t.Elem(), w)
}

// canBeNull reports whether encoding/json may write null for a type within another. The
// library's own lists are never nil. Forms take null for nothing.
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

// fromLibrary reports whether a type is one of ours that travels.
func fromLibrary(t reflect.Type) bool {
	own, inner := reflect.TypeFor[ginauth.Auth]().PkgPath(), "/internal/"
	path := t.PkgPath()
	return path == own || path == reflect.TypeFor[binding.User]().PkgPath() || strings.HasPrefix(path, own+inner)
}

func nullable(s *schema) *schema {
	switch kind := s.Type.(type) {
	case string:
		s.Type = []string{kind, "null"}
	default:
		if s.Ref != "" {
			return &schema{AnyOf: []*schema{s, {Type: "null"}}}
		}
	}
	return s
}

// scopes are those of the configuration.
func (g *schemas) scopes() *schema {
	item := &schema{Type: "string"}
	for _, scope := range g.cfg.Token.Scopes {
		item.Enum = append(item.Enum, scope)
	}
	return &schema{Type: "array", Items: item, MinItems: new(1)}
}

// ofStruct is a reference to the schema of a struct or, where it has no name, that itself.
func (g *schemas) ofStruct(t reflect.Type, w way) *schema {
	if t == emptyType {
		return &schema{Type: "object", MaxProperties: new(0)}
	}
	if nameOf(t) == "" {
		return g.fields(t, w)
	}
	name, known := g.names[use{t, w}]
	if !known {
		name = g.name(use{t, w})
		i := len(g.all)
		g.all = append(g.all, member[*schema]{key: name}) // before what is in it, and so that it may have itself in it
		g.all[i].value = g.fields(t, w)
	}
	return ref(name)
}

func ref(name string) *schema { return &schema{Ref: "#/components/schemas/" + name} }

// fields is the schema of a struct's fields.
func (g *schemas) fields(t reflect.Type, w way) *schema {
	s := &schema{Type: "object"}
	for _, f := range jsonFields(t) {
		p := g.of(f.Type, w)
		if f.quoted {
			p = &schema{Type: "string"}
		}
		required := !f.optional
		if w == in {
			required = applyTags(p, f.Type, f.Tag)
		} else if required && canBeNull(f.Type, t, w) {
			p = nullable(p)
		}
		s.Properties.set(f.name, p)
		if required {
			s.Required = append(s.Required, f.name)
		}
	}
	if w == out {
		g.adjustLogin(t, s)
	}
	return s
}
