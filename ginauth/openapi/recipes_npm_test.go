package openapi_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

var (
	typeScript = regexp.MustCompile("(?sm)^```(tsx?)\n(.*?)^```")
	fileName   = regexp.MustCompile(`^// (\w+\.tsx?)\n`)
)

// The settings of a project as bundlers make it, as strict as there are.
const recipesConfig = `{"compilerOptions": {"strict": true, "skipLibCheck": true, "noUncheckedIndexedAccess": true, "noUnusedLocals": true, "noUnusedParameters": true,
"target": "es2022", "lib": ["es2022", "dom", "dom.iterable"], "module": "esnext", "moduleResolution": "bundler", "jsx": "react-jsx",
"types": [], "rootDir": ".", "outDir": "js"}, "include": ["*.ts", "*.tsx"]}`

// TestFrontEndRecipes compiles the TypeScript in every document, and uses the client of tokens.ts. A block begins with a
// comment that names its file, so that the blocks of one document can import each other,
// and the api.ts of RECIPES.md.
func TestFrontEndRecipes(t *testing.T) {
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1; it takes Node 20 and npm")
	}
	command(t, "testdata/client/install.sh")
	for _, document := range docs.Files(t, ".md") {
		blocks := typeScript.FindAllStringSubmatch(docs.Read(t, document), -1)
		if len(blocks) == 0 || document == "ginauth/openapi/README.md" || document == "example/client/README.md" { // others compile these
			continue
		}
		t.Run(document, func(t *testing.T) { // one by one: they share the folder of packages
			dir := filepath.Join("testdata/client/build", strings.ReplaceAll(document, "/", "_"))
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			for _, b := range typeScript.FindAllStringSubmatch(docs.Read(t, "ginauth/RECIPES.md"), -1) {
				if strings.HasPrefix(b[2], "// api.ts") {
					writeRecipe(t, dir, "api.ts", b[2])
				}
			}
			for _, b := range blocks {
				name := fileName.FindStringSubmatch(b[2])
				if name == nil || !strings.HasSuffix(name[1], "."+b[1]) {
					t.Fatalf("a block does not begin with the name of its %s file: %s", b[1], b[2])
				}
				writeRecipe(t, dir, name[1], b[2])
			}
			writeRecipe(t, dir, "tsconfig.json", recipesConfig)
			writeRecipe(t, dir, "package.json", `{"type": "module"}`)
			command(t, "testdata/client/node_modules/.bin/tsc", "--project", dir)
			if tokens := filepath.Join(dir, "js/tokens.js"); exists(tokens) {
				useTokens(t, tokens)
			}
		})
	}
}

// useTokens runs tokens.mjs: five requests with an expired access token refresh it once.
func useTokens(t *testing.T, file string) {
	t.Helper()
	app := memory.New(t, func(cfg *config.Config) { cfg.Login = []config.Credential{config.JSONWebToken} })
	var refreshed atomic.Int64
	var down atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/expire":
			app.Clock.Advance(time.Hour)
		case "/down", "/up":
			down.Store(r.URL.Path == "/down")
		case "/auth/token/refresh/":
			if down.Load() {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			refreshed.Add(1)
			fallthrough
		default:
			app.Router.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	if out := command(t, "node", "testdata/client/tokens.mjs", file, server.URL+"/auth/"); !strings.Contains(out, "refreshed") {
		t.Errorf("it said %q", out)
	}
	if got := refreshed.Load(); got != 3 { // each time that the token has expired, and after the logout
		t.Errorf("refreshed %d times, not 3", got)
	}
}

func writeRecipe(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// command runs a program and returns what it prints; the test ends if it fails.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
