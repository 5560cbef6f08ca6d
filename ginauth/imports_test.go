package ginauth_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ginauth/gin-rest-auth/"

// TestImports checks the dependency direction of CONTRIBUTING.md: models <- binding <- config <- ginauth, nothing
// upward. An application depends on no driver that it does not import.
func TestImports(t *testing.T) {
	t.Parallel()
	forbidden := map[string][]string{
		"models":                        {module, "github.com/gin-gonic", "github.com/gin-contrib", "github.com/go-playground"},
		"binding":                       {module + "config", module + "ginauth", "github.com/gin-gonic", "github.com/gin-contrib"},
		"config/ratelimit":              {module, "github.com/gin-gonic", "gorm.io", "net/http"},
		"config":                        {module + "ginauth", "github.com/gin-gonic", "github.com/gin-contrib"},
		"ginauth":                       {"github.com/prometheus", "go.opentelemetry.io", "github.com/swaggest", "github.com/santhosh-tekuri", "github.com/getkin", module + "ginauth/openapi", module + "ginauth/authtest", module + "ginauth/dbtest", module + "example"},
		"ginauth/internal/outbox":       {"github.com/gin-gonic", "github.com/gin-contrib"},
		"ginauth/internal/paniclog":     {module, "github.com/gin-gonic", "gorm.io", "net/http"},
		"ginauth/core":                  {"github.com/prometheus", "go.opentelemetry.io", "github.com/swaggest", "github.com/santhosh-tekuri", "github.com/getkin", module + "ginauth/openapi", module + "ginauth/authtest", module + "ginauth/dbtest", module + "example"},
		"ginauth/metrics":               {module + "ginauth/openapi", module + "ginauth/tracing", module + "ginauth/authtest", "go.opentelemetry.io"},
		"ginauth/tracing":               {module + "ginauth/openapi", module + "ginauth/metrics", module + "ginauth/authtest", "go.opentelemetry.io/otel/sdk", "github.com/prometheus"},
		"ginauth/internal/store":        {module + "ginauth", module + "config", module + "binding", "github.com/gin-gonic", "net/http"},
		"ginauth/internal/limit":        {module + "ginauth", module + "models", module + "binding", "github.com/gin-gonic", "gorm.io", "net/http"},
		"ginauth/internal/passhash":     {module, "github.com/gin-gonic", "gorm.io", "net/http"},
		"ginauth/internal/secret":       {module, "github.com/gin-gonic", "gorm.io", "net/http"},
		"ginauth/internal/jwt":          {module + "config", module + "binding", module + "models", "github.com/gin-gonic", "gorm.io", "net/http"},
		"ginauth/internal/locale":       {module, "github.com/gin-gonic", "gorm.io", "net/http", "github.com/BurntSushi", "gopkg.in/yaml", "go.yaml.in"},
		"ginauth/internal/mailtext":     {module + "config", module + "binding", module + "models", "github.com/gin-gonic", "gorm.io", "net/http"},
		"ginauth/mailer":                {module + "ginauth", "github.com/gin-gonic"},
		"ginauth/internal/check":        {module + "ginauth/openapi", module + "ginauth/authtest", module + "ginauth/dbtest", module + "example"},
		"ginauth/internal/client":       {module, "github.com/gin-gonic", "gorm.io"},
		"ginauth/internal/clone":        {module + "config", module + "binding", module + "ginauth", "github.com/gin-gonic", "net/http"},
		"ginauth/internal/sessionstore": {module, "github.com/gin-gonic", "gorm.io"},
		"ginauth/internal/respond":      {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/cookies":      {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/custom":       {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/passrules":    {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/tokens":       {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/authn":        {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/upkeep":       {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/ticket":       {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/livecache":    {module + "config", module + "binding", module + "ginauth/core", "github.com/gin-gonic", "net/http"},
		"ginauth/internal/clock":        {module + "ginauth", module + "models", module + "binding", "github.com/gin-gonic", "gorm.io", "net/http"},
		"ginauth/internal/deadline":     {module, "github.com/gin-gonic", "gorm.io"},
		"ginauth/internal/grants":       {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/mount":        {module, "gorm.io"},
		"ginauth/internal/owner":        {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/mails":        {module + "ginauth/core", module + "ginauth/openapi"},
		"ginauth/internal/origin":       {module + "ginauth"},
		"ginauth/internal/cookiestore":  {module + "config", module + "binding", module + "models", "github.com/gin-gonic", "gorm.io"},
	}
	drivers := []string{"github.com/wneessen", "github.com/emersion", "gorm.io/driver", "github.com/mattn/go-sqlite3", "modernc.org", "github.com/jackc", "github.com/go-sql-driver", "github.com/gomodule"}
	for pkg, no := range forbidden {
		deps := imports(t, pkg)
		for _, dep := range deps {
			own := module + pkg
			rules := pkg == "ginauth/internal/store" && dep == module+"config/ratelimit" // what its statements compute
			match := func(prefix string) bool { return strings.HasPrefix(dep, prefix) && dep != own && !rules }
			if slices.ContainsFunc(no, match) || slices.ContainsFunc(drivers, match) && pkg != "ginauth/mailer" {
				t.Errorf("%s depends on %s", pkg, dep)
			}
		}
	}
	for _, pkg := range []string{"ginauth/authtest", "ginauth/dbtest", "ginauth/openapi", "ginauth/openapi/openapitest"} {
		for _, dep := range imports(t, pkg) {
			if slices.ContainsFunc(drivers, func(prefix string) bool { return strings.HasPrefix(dep, prefix) }) {
				t.Errorf("%s depends on %s", pkg, dep)
			}
		}
	}
	for _, dep := range imports(t, "example") {
		if strings.HasPrefix(dep, module) && !strings.Contains(dep, "/internal/") && strings.Contains(dep, "test") {
			t.Errorf("the example depends on %s", dep)
		}
	}
}

// TestModules: a program that imports ginauth builds only these modules besides those of Gin and GORM: no SQL
// driver, Redis, OpenAPI or WebAuthn. Every application has to carry each further module.
func TestModules(t *testing.T) {
	t.Parallel()
	want := []string{
		"github.com/gin-contrib/sessions", "github.com/gorilla/context", "github.com/gorilla/securecookie", "github.com/gorilla/sessions",
		"github.com/go-gormigrate/gormigrate/v2", "github.com/golang-jwt/jwt/v5", "github.com/maypok86/otter/v2", "github.com/nicksnyder/go-i18n/v2",
		"go.mau.fi/util", // package confusable only
	}
	modules := func(packages ...string) []string {
		all := list(t, append([]string{"-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}, packages...)...)
		slices.Sort(all)
		return slices.Compact(all)
	}
	present := modules("github.com/gin-gonic/gin", "gorm.io/gorm")
	got := slices.DeleteFunc(modules(module+"ginauth"), func(m string) bool {
		return m+"/" == module || slices.Contains(present, m)
	})
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("ginauth brings the modules %q, want %q", got, want)
	}
}

// TestTopLevel: the repository has only these folders, so that users find what they look for.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			folders = append(folders, e.Name())
		}
	}
	if want := []string{"binding", "config", "example", "ginauth", "models"}; !slices.Equal(folders, want) {
		t.Errorf("got %q, want %q", folders, want)
	}
}

// TestRandomness covers T106: keys come from crypto/rand.
func TestRandomness(t *testing.T) {
	t.Parallel()
	allowed := []string{module + "ginauth/internal/store", module + "ginauth/dbtest"} // the wait before a retry; tests
	for _, line := range strings.Split(strings.Join(list(t, "-f", "{{.ImportPath}},{{range .Imports}}{{.}},{{end}}", module+"..."), "\n"), "\n") {
		if pkg, rest, _ := strings.Cut(line, ","); strings.Contains(rest, "math/rand") && !slices.Contains(allowed, pkg) {
			t.Errorf("%s imports math/rand", pkg)
		}
	}
}

func imports(t *testing.T, pkg string) []string {
	t.Helper()
	return list(t, "-deps", module+pkg)
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, out)
	}
	return strings.Fields(string(out))
}

// TestModelNeedsUser: a type that does not embed models.User does not compile as a user of a model, form or view.
func TestModelNeedsUser(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp(".", "_no_user_") // inside the module, so that it finds it; ./... leaves out names with "_"
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	code := `package p

import (
	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

type (
	Member struct{ models.User }
	None   struct{ Company string }
	Named  struct{ User models.User }
	Renamed models.User
)

var (
	_ = config.Model[Member]()
	_ = config.Model[None]() // refused
	_ = config.Model[Named]() // refused
	_ = config.Model[Renamed]() // refused
	_ = config.Model[*Member]() // refused
	_ = config.Form(func(*binding.Login, *Member) error { return nil })
	_ = config.Form(func(*binding.Login, *None) error { return nil }) // refused
	_ = config.UserView(func(binding.User, *Member) int { return 0 })
	_ = config.UserView(func(binding.User, *None) int { return 0 }) // refused
)
`
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "./"+dir).CombinedOutput()
	if err == nil {
		t.Fatal("everything compiles")
	}
	number := 0
	for line := range strings.Lines(code) {
		number++
		refused := strings.Contains(string(out), fmt.Sprintf("p.go:%d:", number))
		if refused != strings.Contains(line, "// refused") {
			t.Errorf("refused is %v: %s", refused, line)
		}
	}
	if strings.Count(string(out), "missing method Base") < 5 {
		t.Errorf("built with other errors: %s", out)
	}
}
