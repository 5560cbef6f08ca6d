package docs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// imported are the packages that a block of code may use without an import declaration, by name.
var imported = map[string]string{
	"authtest":         "github.com/ginauth/gin-rest-auth/ginauth/authtest",
	"binding":          "github.com/ginauth/gin-rest-auth/binding",
	"config":           "github.com/ginauth/gin-rest-auth/config",
	"core":             "github.com/ginauth/gin-rest-auth/ginauth/core",
	"cors":             "github.com/gin-contrib/cors",
	"dbresolver":       "gorm.io/plugin/dbresolver",
	"gin":              "github.com/gin-gonic/gin",
	"ginauth":          "github.com/ginauth/gin-rest-auth/ginauth",
	"ginredis":         "github.com/gin-contrib/sessions/redis",
	"gorm":             "gorm.io/gorm",
	"mailer":           "github.com/ginauth/gin-rest-auth/ginauth/mailer",
	"memory":           "github.com/ginauth/gin-rest-auth/ginauth/authtest/memory",
	"mfa":              "github.com/ginauth/gin-rest-auth/ginauth/mfa",
	"passkey":          "github.com/ginauth/gin-rest-auth/ginauth/passkey",
	"metrics":          "github.com/ginauth/gin-rest-auth/ginauth/metrics",
	"models":           "github.com/ginauth/gin-rest-auth/models",
	"mysql":            "gorm.io/driver/mysql",
	"openapi":          "github.com/ginauth/gin-rest-auth/ginauth/openapi",
	"oauth2":           "golang.org/x/oauth2",
	"openapi3":         "github.com/getkin/kin-openapi/openapi3",
	"openapitest":      "github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest",
	"socialtest":       "github.com/ginauth/gin-rest-auth/ginauth/social/socialtest",
	"postgres":         "gorm.io/driver/postgres",
	"prometheus":       "github.com/prometheus/client_golang/prometheus",
	"promhttp":         "github.com/prometheus/client_golang/prometheus/promhttp",
	"redis":            "github.com/gomodule/redigo/redis",
	"roles":            "github.com/ginauth/gin-rest-auth/ginauth/roles",
	"admin":            "github.com/ginauth/gin-rest-auth/ginauth/admin",
	"cmd":              "github.com/ginauth/gin-rest-auth/ginauth/cmd",
	"impersonate":      "github.com/ginauth/gin-rest-auth/ginauth/impersonate",
	"invite":           "github.com/ginauth/gin-rest-auth/ginauth/invite",
	"sessions":         "github.com/gin-contrib/sessions",
	"social":           "github.com/ginauth/gin-rest-auth/ginauth/social",
	"sqlite":           "gorm.io/driver/sqlite",
	"tracing":          "github.com/ginauth/gin-rest-auth/ginauth/tracing",
	"dev":              "github.com/ginauth/gin-rest-auth/ginauth/social/dev",
	"embed":            "embed",
	"context":          "context",
	"errors":           "errors",
	"fmt":              "fmt",
	"http":             "net/http",
	"httptest":         "net/http/httptest",
	"json":             "encoding/json",
	"log":              "log",
	"os":               "os",
	"rsa":              "crypto/rsa",
	"ed25519":          "crypto/ed25519",
	"signal":           "os/signal",
	"slices":           "slices",
	"slog":             "log/slog",
	"sql":              "database/sql",
	"strconv":          "strconv",
	"strings":          "strings",
	"sync":             "sync",
	"syscall":          "syscall",
	"testing":          "testing",
	"time":             "time",
	"url":              "net/url",
	"x509":             "crypto/x509",
	"regexp":           "regexp",
	"io":               "io",
	"hmac":             "crypto/hmac",
	"subtle":           "crypto/subtle",
	"autocert":         "golang.org/x/crypto/acme/autocert",
	"clause":           "gorm.io/gorm/clause",
	"cmp":              "cmp",
	"hex":              "encoding/hex",
	"netip":            "net/netip",
	"rand":             "crypto/rand",
	"sha256":           "crypto/sha256",
	"standardwebhooks": "github.com/standard-webhooks/standard-webhooks/libraries/go",
	"webhook":          "github.com/ginauth/gin-rest-auth/ginauth/webhook",
	"goredis":          "github.com/redis/go-redis/v9",
	"redislimit":       "github.com/ginauth/gin-rest-auth/ginauth/redislimit",
}

const module = "github.com/ginauth/gin-rest-auth/"

// A block is a block of Go code in a document.
type block struct {
	file string // of the document
	line int
	code string            // of a Go file: the block with a package clause, imports, and the declarations it uses
	main bool              // whether it is a whole program
	own  map[string]string // what it declares itself, if it is not a whole program
}

var fence = regexp.MustCompile("(?sm)^```([a-z]+)\n(.*?)^```")

// goBlocks returns the blocks of a document. A block that is not a whole file gets the imports it needs, and the
// declarations of other blocks of the same document that it uses.
func goBlocks(t *testing.T, file string) []block {
	t.Helper()
	text := docs.Read(t, file)
	var blocks []block
	declarations := map[string]string{} // of types and functions, by name
	for _, at := range fence.FindAllStringSubmatchIndex(text, -1) {
		if text[at[2]:at[3]] != "go" {
			continue
		}
		b := block{file: file, line: strings.Count(text[:at[0]], "\n") + 1, code: text[at[4]:at[5]]}
		b.main = strings.HasPrefix(b.code, "package ")
		if !b.main {
			b.code = "package snippet\n\n" + b.code
			b.own = declared(t, b)
			for name, declaration := range b.own {
				if _, found := declarations[name]; !found {
					declarations[name] = declaration
				}
			}
		}
		blocks = append(blocks, b)
	}
	for i, b := range blocks {
		if !b.main {
			blocks[i].code = complete(t, b, declarations)
		}
	}
	return blocks
}

func parse(t *testing.T, b block) (*token.FileSet, *ast.File) {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "block.go", b.code, parser.ParseComments)
	if err != nil {
		t.Fatalf("%s:%d: %v", b.file, b.line, err)
	}
	return files, parsed
}

// declared returns the source of the types and functions that a block declares.
func declared(t *testing.T, b block) map[string]string {
	t.Helper()
	files, parsed := parse(t, b)
	found := map[string]string{}
	source := func(n ast.Node) string {
		return b.code[files.Position(n.Pos()).Offset:files.Position(n.End()).Offset]
	}
	for _, declaration := range parsed.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				found[d.Name.Name] = source(d)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.TypeSpec); ok {
					found[s.Name.Name] = "type " + source(s)
				}
			}
		}
	}
	return found
}

// complete adds declarations until the block uses no name that another block declares, and then the imports.
func complete(t *testing.T, b block, declarations map[string]string) string {
	t.Helper()
	for added := true; added; {
		added = false
		_, parsed := parse(t, b)
		for _, name := range parsed.Unresolved {
			if declaration, found := declarations[name.Name]; found {
				if _, has := declared(t, b)[name.Name]; !has {
					b.code += "\n" + declaration + "\n"
					added = true
				}
			}
		}
	}
	_, parsed := parse(t, b)
	names := map[string]bool{}
	for _, name := range parsed.Unresolved {
		names[name.Name] = imported[name.Name] != ""
	}
	if strings.Contains(b.code, "//go:embed") {
		names["embed"] = true
	}
	var imports strings.Builder
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if names[name] {
			fmt.Fprintf(&imports, "import %s %q\n", name, imported[name])
		}
	}
	return strings.Replace(b.code, "package snippet\n", "package snippet\n\n"+imports.String(), 1)
}

// documents returns the documents whose Go is compiled here. The blocks of the guide to features are those of
// example/pin, see TestGuide there.
func documents(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(docs.Files(t, ".md"), func(file string) bool { return file == "ginauth/core/README.md" })
}

// TestCode compiles every block of Go in every document, and runs the tests in them. A block that declares a function
// NAME for which there is testdata/NAME_test.go is also tested with that file. All tests are in one binary, since each
// takes seconds to link.
func TestCode(t *testing.T) {
	t.Parallel()
	root := scratch(t, "_block_code")
	tests, places := testFiles(t), map[string]string{}
	var imports, calls strings.Builder
	for _, file := range documents(t) {
		for _, b := range goBlocks(t, file) {
			name := fmt.Sprintf("%s_%d", strings.NewReplacer("/", "_", ".md", "").Replace(file), b.line)
			dir := filepath.Join(root, name)
			places[name] = fmt.Sprintf("%s:%d", b.file, b.line)
			write(t, dir, "block.go", b.code)
			if strings.Contains(b.code, "//go:embed mail locales") || strings.Contains(b.code, `os.DirFS(".")`) {
				write(t, filepath.Join(dir, "mail"), "verify.html", "")
				write(t, filepath.Join(dir, "locales"), "it.json", `{"mail.verify.button": "Conferma"}`)
			}
			code := b.code
			for function := range b.own {
				if test, found := tests[function]; found {
					write(t, dir, function+".go", test)
					delete(tests, function)
					code += test
				}
			}
			functions := regexp.MustCompile(`(?m)^func (Test\w+)\(\w+ \*testing\.T\)`).FindAllStringSubmatch(code, -1)
			if len(functions) > 0 {
				fmt.Fprintf(&imports, "\t%s %q\n", name, module+"ginauth/internal/docs/"+filepath.ToSlash(dir))
			}
			for _, f := range functions {
				fmt.Fprintf(&calls, "\tt.Run(%q, func(t *testing.T) { t.Chdir(%q); %s.%s(t) })\n", places[name]+" "+f[1], name, name, f[1])
			}
		}
	}
	for name := range tests {
		t.Errorf("testdata/%s_test.go tests a function that no document declares", name)
	}
	write(t, root, "all_test.go", fmt.Sprintf("package docs\n\nimport (\n\t\"testing\"\n\n%s)\n\nfunc TestBlocks(t *testing.T) {\n%s}\n", &imports, &calls))
	vet := []string{"vet", "./" + root}
	for name := range places {
		vet = append(vet, "./"+root+"/"+name)
	}
	run(t, places, vet...)
	run(t, places, "test", "-count=1", "-vet=off", "-ldflags=-s -w", "./"+root) // vetted above
}

// testFiles returns the tests of blocks, by the name of the function they test.
func testFiles(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, path := range paths {
		found[strings.TrimSuffix(filepath.Base(path), "_test.go")] = readFile(t, path)
	}
	return found
}

// scratch returns a folder for packages within the module, so that they find it. ./... leaves out names with "_". The name is always the
// same, so that Go compiles what has not changed only once.
func scratch(t *testing.T, name string) string {
	t.Helper()
	if err := errors.Join(os.RemoveAll(name), os.Mkdir(name, 0o700)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(name) })
	return name
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// run calls the go command and names the document's line where it names the block's directory.
func run(t *testing.T, places map[string]string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	if err == nil {
		return
	}
	text := regexp.MustCompile(`\S*block_\d+/([\w.]+)`).ReplaceAllStringFunc(string(out), func(path string) string {
		return places[filepath.Base(path)] + " "
	})
	t.Errorf("go %s: %v\n%s", args[0], err, text)
}

// TestCodeIsFormatted wants the Go in the documents as gofmt writes it.
func TestCodeIsFormatted(t *testing.T) {
	t.Parallel()
	for _, file := range documents(t) {
		for _, b := range fence.FindAllStringSubmatch(docs.Read(t, file), -1) {
			if b[1] != "go" {
				continue
			}
			if formatted, err := format.Source([]byte(b[2])); err != nil || string(formatted) != b[2] {
				t.Errorf("%s: not formatted (%v):\n%s", file, err, b[2])
			}
		}
	}
}

// TestOtherCode parses the blocks in JSON and shell.
func TestOtherCode(t *testing.T) {
	t.Parallel()
	for _, file := range docs.Files(t, ".md") {
		for _, b := range fence.FindAllStringSubmatch(docs.Read(t, file), -1) {
			switch b[1] {
			case "json":
				if !json.Valid([]byte(b[2])) {
					t.Errorf("%s: not JSON:\n%s", file, b[2])
				}
			case "sh":
				check := exec.CommandContext(t.Context(), "sh", "-n")
				check.Stdin = strings.NewReader(b[2])
				if out, err := check.CombinedOutput(); err != nil {
					t.Errorf("%s: %s\n%s", file, out, b[2])
				}
			}
		}
	}
}
