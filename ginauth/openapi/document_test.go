package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// configurations returns the configurations that every test of the document uses.
func configurations() map[string]change {
	return map[string]change{
		"default": defaults, "everything": everything(&authtest.Mailbox{}), "cookies": cookies(&authtest.Mailbox{}),
		"customised": customised,
		"tokens":     func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} },
	}
}

// documents returns the document of each configuration, and of one with web-hooks.
func documents(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"webhooks": documentWith(t, defaults, hooking("https://crm.invalid/", nil))}
	for name, change := range configurations() {
		all[name] = documentOf(t, change)
	}
	return all
}

func documentOf(t testing.TB, change change, opts ...openapi.Option) []byte {
	t.Helper()
	return documentWith(t, change, nil, opts...)
}

func documentWith(t testing.TB, change change, features []core.Feature, opts ...openapi.Option) []byte {
	t.Helper()
	document, err := openapi.Document(authtest.With(features...).New(t, openDB(t), change).Auth, opts...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestValid checks the documents against the schema of OpenAPI 3.1, and their schemas against JSON Schema 2020-12.
func TestValid(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/openapi-3.1-schema.json") // https://spec.openapis.org/oas/3.1/schema/2022-10-07
	if err != nil {
		t.Fatal(err)
	}
	meta := compile(t, "https://spec.openapis.org/oas/3.1/schema/2022-10-07", file, "")
	for name, text := range documents(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := meta.Validate(decode(t, text)); err != nil {
				t.Error(err)
			}
			var d struct {
				Components struct{ Schemas map[string]any }
			}
			if err := json.Unmarshal(text, &d); err != nil {
				t.Fatal(err)
			}
			for name := range d.Components.Schemas {
				compile(t, "document.json", text, "#/components/schemas/"+name)
			}
		})
	}
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func compile(t *testing.T, url string, text []byte, pointer string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(url, decode(t, text)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(url + pointer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"everything", "customised"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, documentOf(t, configurations()[name]))
		})
	}
}

// golden compares JSON with a golden file. With -update it rewrites the file.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	file := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			t.Fatalf("%s:%d: %s\nis now %s\nIf that is intended, run the test with -update.", file, i+1, was[i], is[i])
		}
	}
	if len(was) != len(is) {
		t.Errorf("%s has %d lines, and would have %d; if that is intended, run the test with -update", file, len(was), len(is))
	}
}
