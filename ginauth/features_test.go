package ginauth_test

import (
	"errors"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/jwtroutes"
	"github.com/ginauth/gin-rest-auth/ginauth/logincode"
	"github.com/ginauth/gin-rest-auth/ginauth/token"
)

// builtIn are the features that the configuration enables. An application lists all others.
var builtIn = []string{"jwtroutes", "logincode", "token"}

// features returns the packages of features: all folders of ginauth except those listed here.
func features(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		others := []string{"core", "internal", "authtest", "cmd", "dbtest", "mailer", "redislimit"}
		if e.IsDir() && !slices.Contains(others, e.Name()) && !strings.Contains(e.Name(), "_") { // other tests make folders with a _
			found = append(found, e.Name())
		}
	}
	for _, name := range append([]string{"openapi"}, builtIn...) {
		if !slices.Contains(found, name) {
			t.Errorf("there is no feature %q", name)
		}
	}
	return found
}

// TestFeatureImports: a feature has no privilege over a feature of an application. It imports core, and not
// ginauth, another feature or an internal package. An application compiles only the features that it lists, and
// those that the configuration enables.
func TestFeatureImports(t *testing.T) {
	t.Parallel()
	all := features(t)
	for _, feature := range all {
		deps := imports(t, "ginauth/"+feature)
		if !slices.Contains(deps, module+"ginauth/core") {
			t.Errorf("feature %s does not import core", feature)
		}
		for _, dep := range deps {
			name, inside := strings.CutPrefix(dep, module+"ginauth/")
			other := inside && slices.Contains(all, strings.Split(name, "/")[0]) && !strings.HasPrefix(name+"/", feature+"/")
			if dep == module+"ginauth" || other {
				t.Errorf("feature %s depends on %s", feature, dep)
			}
		}
		for _, dep := range list(t, "-f", `{{join .Imports "\n"}}`, module+"ginauth/"+feature) {
			if strings.HasPrefix(dep, module+"ginauth/internal/") {
				t.Errorf("feature %s imports %s, which a feature of an application cannot", feature, dep)
			}
		}
	}
	for _, pkg := range []string{"ginauth/core", "ginauth"} {
		for _, dep := range imports(t, pkg) {
			name, inside := strings.CutPrefix(dep, module+"ginauth/")
			listed := pkg == "ginauth" && slices.Contains(builtIn, name)
			if dep == module+"ginauth" && pkg != "ginauth" || inside && slices.Contains(all, strings.Split(name, "/")[0]) && !listed {
				t.Errorf("%s depends on %s", pkg, dep)
			}
		}
	}
}

// TestFlowsUseCore: the library's own flows access the tables as features do, through core.
func TestFlowsUseCore(t *testing.T) {
	t.Parallel()
	if slices.Contains(list(t, "-f", `{{join .Imports "\n"}}`, module+"ginauth"), module+"ginauth/internal/store") {
		t.Error("package ginauth imports the store")
	}
}

// TestCoreNamesNoFeature: core has no constant and no path that belongs to a feature: a path, a kind of mail or
// ticket, or a method.
func TestCoreNamesNoFeature(t *testing.T) {
	t.Parallel()
	consts, paths := map[string]string{}, map[string]string{}
	for _, feature := range features(t) {
		for _, s := range stringsIn(t, feature) {
			switch {
			case s.path && s.text != "/": // between the name of a provider and the rest
				paths[s.text] = feature
			case s.constant:
				consts[s.text] = feature
			}
		}
	}
	if paths["login/code"] == "" || consts["login_code"] == "" {
		t.Fatalf("found only %v and %v", paths, consts)
	}
	for _, s := range stringsIn(t, "core") {
		if feature := consts[s.text]; feature != "" && s.constant {
			t.Errorf("%s: core has the constant %q of feature %s", s.at, s.text, feature)
		}
		for path, feature := range paths {
			if strings.Trim(s.text, "/") == path || strings.Contains(path, "/") && strings.Contains(s.text, path) {
				t.Errorf("%s: core names the path %q of feature %s", s.at, path, feature)
			}
		}
	}
}

// text is a string in the source: of a constant, the Path of a route, or other code.
type text struct {
	text           string
	constant, path bool
	at             gotoken.Position
}

// stringsIn returns the strings in the sources of a package, without its tests.
func stringsIn(t *testing.T, dir string) (found []text) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is a valid one
	fset := gotoken.NewFileSet()
	for _, file := range slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") }) {
		parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		kind := text{}
		visit := func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
				kind.text, _ = strconv.Unquote(lit.Value)
				kind.at = fset.Position(lit.Pos())
				found = append(found, kind)
			}
			return true
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.GenDecl:
				if n.Tok == gotoken.CONST {
					kind = text{constant: true}
					ast.Inspect(n, visit)
					kind = text{}
					return false
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Path" {
					kind = text{path: true}
					ast.Inspect(n.Value, visit)
					kind = text{}
					return false
				}
			case *ast.BasicLit:
				return visit(n)
			}
			return true
		})
	}
	return found
}

// TestBuiltInFeaturesNeedSettings: an application that lists a built-in feature gets an error that names the
// missing setting.
func TestBuiltInFeaturesNeedSettings(t *testing.T) {
	t.Parallel()
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, setting string
		feature       core.Feature
	}{
		{"logincode", "Mail.Sender", logincode.Feature()}, {"token", "Login", token.Feature()}, {"jwtroutes", "Login", jwtroutes.Feature()},
	} {
		_, err := ginauth.New(db, config.Config{Secret: "0123456789abcdef0123456789abcdef"}, c.feature)
		if m, ok := errors.AsType[*config.Mistake](err); !ok || m.Setting != c.setting || !strings.Contains(err.Error(), c.name+": ") {
			t.Errorf("want a mistake of %s in %s, got %v", c.name, c.setting, err)
		}
	}
}
