package openapi_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The generators for Go. They run with `go run` in a separate directory, so that the library does not depend on them.
const (
	ogen        = "github.com/ogen-go/ogen/cmd/ogen@v1.25.0"
	oapiCodegen = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2"
)

// generatedModule is the go.mod of the code that they generate.
const generatedModule = `module generated

go 1.26.0

require (
	github.com/oapi-codegen/runtime v1.9.0
	github.com/ogen-go/ogen v1.25.0
)
`

// TestFrontEndGenerators runs five generators on the document of every configuration and compiles their output:
// openapi-typescript, orval and hey-api for TypeScript, ogen and oapi-codegen for Go (D12). openapi-generator needs Java and is
// not tested.
func TestFrontEndGenerators(t *testing.T) {
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1; the test needs Node 20, npm and a Go module proxy")
	}
	module := t.TempDir()
	run := func(t *testing.T, dir, name string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod -trimpath") // without paths, the next run has it in the cache
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s %v: %v\n%s", name, args, err, out)
		}
	}
	write := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(module, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", []byte(generatedModule))
	for name, text := range documents(t) {
		if name != "everything" && name != "webhooks" && os.Getenv("GINAUTH_CI_MATRIX") != "1" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			document := name + ".json"
			write(document, text)
			for _, generator := range []string{"ogen", "oapi"} {
				if err := os.MkdirAll(filepath.Join(module, name, generator), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			run(t, module, "go", "run", ogen, "--target", name+"/ogen", "--package", "ogen", document)
			run(t, module, "go", "run", oapiCodegen, "-generate", "types,client", "-package", "oapi", "-o", name+"/oapi/api.go", document)
			run(t, "testdata/client", "./generate.sh", filepath.Join(module, document), name)
		})
	}
	run(t, module, "go", "mod", "tidy")
	run(t, module, "go", "build", "./...")
}
