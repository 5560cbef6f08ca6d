package docs_test

// Tables of the documents are compared with the code.

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
)

// TestReadmeRoutes compares the table in ginauth/README.md with the route table.
func TestReadmeRoutes(t *testing.T) {
	t.Parallel()
	var want []string
	db, err := gorm.Open(sqlite.Open(":memory:"))
	if err != nil {
		t.Fatal(err)
	}
	auth, err := ginauth.New(db, config.Config{
		Secret: "only-a-test-of-the-table-of-routes-1234",
		Login:  []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}, LoginByCode: true,
		EmailVerification: config.VerifyMandatory, Audit: config.Audit{Keep: time.Hour, ShowToUsers: true}, Export: config.Export{Enabled: true},
		Mail: config.Mail{
			Sender: config.MailerFunc(func(context.Context, config.Message) error { return nil }), From: "a@example.com", Site: "Example",
			URLs: config.MailURLs{Verify: "https://a.example/v/{key}", Reset: "https://a.example/r/{uid}/{token}", Login: "https://a.example/l/{key}", Notice: "https://a.example/n/{key}"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range auth.Routes() {
		who := "anyone"
		if r.Access.NeedsUser() {
			who = "user"
		}
		want = append(want, fmt.Sprintf("| %s | `%s` | %s | %d | %s |", r.Method, r.Path, who, r.Status, r.Doc))
	}
	row := regexp.MustCompile(`(?m)^\| (GET|PUT|POST|PATCH|DELETE) .*$`)
	got := row.FindAllString(docs.Section(t, "ginauth/README.md", "Routes"), -1)
	if !slices.Equal(got, want) {
		t.Errorf("ginauth/README.md has\n%s\nbut the routes are\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestReadmeSettings wants every field of config.Config in config/README.md, and a comment
// on it.
func TestReadmeSettings(t *testing.T) {
	t.Parallel()
	var fields []string
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == reflect.TypeFor[config.Config]().PkgPath() {
				walk(prefix+f.Name+".", f.Type)
				continue
			}
			fields = append(fields, prefix+f.Name)
		}
	}
	walk("", reflect.TypeFor[config.Config]())
	row := regexp.MustCompile("(?m)^\\| `([A-Z][A-Za-z.]+)` \\|")
	var listed []string
	for _, m := range row.FindAllStringSubmatch(docs.Section(t, "config/README.md", "Settings"), -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(fields)
	slices.Sort(listed)
	if !slices.Equal(fields, listed) {
		t.Errorf("the document lists %q\nbut the fields are %q", listed, fields)
	}
	for name, comment := range fieldComments(t, docs.Root(t)+"/config") {
		if comment == "" {
			t.Errorf("config.%s has no comment", name)
		}
	}
}

// fieldComments returns the comments of all exported struct fields of a package.
func fieldComments(t *testing.T, dir string) map[string]string {
	t.Helper()
	comments := map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				return true
			}
			if body, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range body.Fields.List {
					for _, name := range f.Names {
						comments[spec.Name.Name+"."+name.Name] = f.Doc.Text() + f.Comment.Text()
					}
				}
			}
			return true
		})
	}
	return comments
}

// TestReadmeCodes compares the table in binding/README.md with the constants of package binding.
func TestReadmeCodes(t *testing.T) {
	t.Parallel()
	parsed, err := parser.ParseFile(token.NewFileSet(), docs.Root(t)+"/binding/code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
		return true
	})
	catalogs, err := locale.Open(nil, "en", locale.Added{})
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range codes {
		if !catalogs.Has("error."+code) || code == string(binding.CodeInvalid) && !catalogs.Has("error.field_invalid") {
			t.Errorf("%s has no text", code)
		}
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| \\d+ \\|")
	var listed []string
	for _, m := range row.FindAllStringSubmatch(docs.Section(t, "binding/README.md", "Errors"), -1) {
		listed = append(listed, m[1])
	}
	if !slices.Equal(codes, listed) || !slices.Contains(codes, string(binding.CodeTaken)) {
		t.Errorf("the document lists %q\nbut the codes are %q", listed, codes)
	}
}
