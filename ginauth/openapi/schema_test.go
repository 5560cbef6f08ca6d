package openapi

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// compiled compiles a schema for validation.
func compiled(t *testing.T, g *schemas, s *openapi3.SchemaRef) *jsonschema.Schema {
	t.Helper()
	if g.err != nil {
		t.Fatal(g.err)
	}
	text, err := json.Marshal(map[string]any{"it": s, "components": openapi3.Components{Schemas: g.all}})
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("it.json", value); err != nil {
		t.Fatal(err)
	}
	out, err := c.Compile("it.json#/it")
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out
}

func validate(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

type (
	color  string
	inner  struct{ Name string }
	tagged struct {
		Tagged string `json:"tagged"`
	}
	Embedded struct {
		Deep  int `json:"deep"`
		Twice int `json:"twice"` // hidden by the field of zoo
	}
	page[T any] struct {
		Items []T `json:"items"`
	}
	zoo struct {
		Embedded
		*tagged
		Twice     string             `json:"twice"`
		Untagged  int                // has its Go name
		Skipped   func()             `json:"-"`
		hidden    int                // not exported
		Text      string             `json:"text,omitempty"`
		Color     color              `json:"color"`
		Bytes     []byte             `json:"bytes"`
		List      []int              `json:"list"`
		Opt       []string           `json:"opt,omitempty"`
		Two       [2]bool            `json:"two"`
		Map       map[string]*inner  `json:"map"`
		Any       any                `json:"any"`
		Raw       json.RawMessage    `json:"raw"`
		Number    json.Number        `json:"number"`
		Quoted    int                `json:"quoted,string"`
		Time      time.Time          `json:"time"`
		Zero      time.Time          `json:"zero,omitzero"`
		Pointer   *time.Time         `json:"pointer"`
		Duration  time.Duration      `json:"duration"`
		Address   netip.Addr         `json:"address"` // a string
		Big       *big.Int           `json:"big"`     // implements json.Marshaler
		Inner     inner              `json:"inner"`
		InnerPtr  *inner             `json:"inner_ptr"`
		Self      *zoo               `json:"self,omitempty"`
		Generic   page[inner]        `json:"generic"`
		Anonymous struct{ X uint16 } `json:"anonymous"`
		Float     float32            `json:"float"`
	}
)

// TestResponsesOfAnyType: the output of encoding/json for a type matches its schema and has no other properties.
func TestResponsesOfAnyType(t *testing.T) {
	t.Parallel()
	now, cfg := time.Now(), config.Config{}.WithDefaults()
	g := newSchemas(&cfg)
	s := compiled(t, g, g.of(reflect.TypeFor[zoo](), out))
	full := zoo{
		tagged: &tagged{"x"}, hidden: 1, Text: "x", Bytes: []byte("x"), List: []int{1}, Opt: []string{"x"}, Map: map[string]*inner{"a": {}, "b": nil},
		Any: 1, Raw: json.RawMessage(`{"x":1}`), Number: "1.5", Time: now, Zero: now, Pointer: &now, Address: netip.MustParseAddr("::1"),
		Big: big.NewInt(7), InnerPtr: &inner{}, Self: &zoo{Number: "1"}, Generic: page[inner]{[]inner{{"x"}}}, Float: 1.5,
	}
	for name, value := range map[string]zoo{"zero": {Number: "0"}, "full": full} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		var properties map[string]any
		if err := json.Unmarshal(text, &properties); err != nil {
			t.Fatal(err)
		}
		own := g.ref("Zoo").Value
		for property := range properties {
			if own.Properties[property] == nil {
				t.Errorf("%s has no schema", property)
			}
		}
		if name == "full" && len(properties) != len(own.Properties) {
			t.Errorf("%d properties, and %d in the schema", len(properties), len(own.Properties))
		}
	}
	for _, name := range []string{"Zoo", "Inner", "PageInner"} {
		if g.all[name] == nil {
			t.Errorf("there is no schema %s", name)
		}
	}
	for _, wrong := range []string{`{}`, `[]`, `{"deep":"x"}`} {
		if validate(t, s, []byte(wrong)) == nil {
			t.Errorf("%s fits", wrong)
		}
	}
}

// TestTypesWithoutJSON: types that JSON cannot represent are errors.
func TestTypesWithoutJSON(t *testing.T) {
	t.Parallel()
	g := newSchemas(&config.Config{})
	g.of(reflect.TypeFor[struct{ C chan int }](), out)
	if g.err == nil || !strings.Contains(g.err.Error(), "chan int") {
		t.Errorf("got %v", g.err)
	}
}

type signUp struct {
	binding.Register
	Company string   `json:"company" binding:"required,max=5"`
	Seats   int      `json:"seats" binding:"omitempty,min=1,max=100"`
	Plan    string   `json:"plan" binding:"omitempty,oneof=free 'very big'"`
	Tags    []string `json:"tags" binding:"max=2,dive,max=3"`
	Code    *string  `json:"code" binding:"omitnil,len=4"`
	Motto   string   `json:"motto" in:"raw,blank"`
	Rate    float64  `json:"rate" binding:"omitempty,gt=0,lt=1"`
	Site    string   `json:"site" binding:"omitempty,url"`
	Office  struct {
		City string `json:"city" binding:"required"`
	} `json:"office"`
	Ignored string
}

// TestFormsAgree: the schema of a form and binding.Decode accept the same bodies.
func TestFormsAgree(t *testing.T) {
	t.Parallel()
	cfg := config.Config{}.WithDefaults()
	route := core.RouteInfo{Input: reflect.TypeFor[signUp](), Required: []string{"username"}}
	g := newForms(newSchemas(&cfg), []core.RouteInfo{route})
	body, optional := g.body(&route)
	s := compiled(t, g.schemas, body)
	if optional {
		t.Error("the body may be left out")
	}
	const good = `{"username":"ann","password1":"x","password2":"x","company":"Acme","office":{"city":"Rome"}}`
	for _, c := range []struct {
		field, value string
		fits         bool
	}{
		{"unknown", `1`, true},
		{"Ignored", `1`, true},
		{"username", ``, false},
		{"username", `"` + strings.Repeat("x", 150) + `"`, true},
		{"username", `"` + strings.Repeat("x", 151) + `"`, false},
		{"username", `""`, false},
		{"username", `null`, false},
		{"username", `["ann"]`, false},
		{"email", `"ann@example.com"`, true},
		{"email", `"ann"`, false},
		{"password1", ``, false},
		{"password1", `"` + strings.Repeat("x", 1025) + `"`, false},
		{"company", ``, false},
		{"company", `"Acme & Sons"`, false},
		{"seats", `1`, true},
		{"seats", `101`, false},
		{"seats", `1.5`, false},
		{"seats", `"1"`, false},
		{"plan", `"very big"`, true},
		{"plan", `"small"`, false},
		{"tags", `["a","b"]`, true},
		{"tags", `["a","b","c"]`, false},
		{"tags", `["abcd"]`, false},
		{"code", `"1234"`, true},
		{"code", `"123"`, false},
		{"motto", `""`, true},
		{"rate", `0.5`, true},
		{"rate", `1`, false},
		{"site", `"https://example.com/"`, true},
		{"site", `"x"`, false},
		{"office", `{}`, false},
	} {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(good), &fields); err != nil {
			t.Fatal(err)
		}
		if fields[c.field] = json.RawMessage(c.value); c.value == "" {
			delete(fields, c.field)
		}
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest("POST", "/", bytes.NewReader(text))
		request.Header.Set("Content-Type", "application/json")
		decoded := binding.Decode(httptest.NewRecorder(), request, &signUp{}, binding.Require("username"))
		documented := validate(t, s, text)
		if (decoded == nil) != c.fits || (documented == nil) != c.fits {
			t.Errorf("%s %s: Decode says %v, the schema %v", c.field, c.value, decoded, documented)
		}
	}
}
