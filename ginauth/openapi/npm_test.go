package openapi_test

import (
	"bufio"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

// TestFrontEnd does what a TypeScript front end does with the document: it lints it, generates types and calls the server
// with them. It does so for the default configuration, a customised one, and the example. It needs Node and downloads packages,
// so it runs only with GINAUTH_TEST_NPM=1.
func TestFrontEnd(t *testing.T) {
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1; the test needs Node 20, npm and curl")
	}
	for _, c := range []struct {
		name, client string
		base         func(*testing.T) string
	}{
		{"defaults", "client.ts", inProcess(defaults, engine)},
		{"customised", "custom.ts", inProcess(customised, func(r *gin.Engine) gin.IRouter { return r.Group("/api/auth") })},
		{"example", "client.ts", example},
	} {
		t.Run(c.name, func(t *testing.T) { // not in parallel: they share the directory of packages
			out, err := exec.CommandContext(t.Context(), "testdata/client/check.sh", c.base(t), c.client).CombinedOutput()
			t.Logf("%s", out)
			if err != nil || !strings.Contains(string(out), c.client+": ann-") {
				t.Errorf("%s: %v", c.client, err)
			}
		})
	}
}

// inProcess serves an application in this process and returns the URL of its routes.
func inProcess(change change, group func(*gin.Engine) gin.IRouter) func(*testing.T) string {
	return func(t *testing.T) string {
		auth, router := served(t, change, group, openapi.Title("Acme accounts"))
		server := httptest.NewServer(router)
		t.Cleanup(server.Close)
		return server.URL + auth.Base()
	}
}

// example builds the example, runs it with a new database and returns the URL of its routes. It stops after the test.
func example(t *testing.T) string {
	dir := t.TempDir()
	binary := filepath.Join(dir, "example")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../example").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command(binary)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "DATABASE_URL=sqlite:"+filepath.Join(dir, "example.db"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		defer time.AfterFunc(15*time.Second, func() { _ = cmd.Process.Kill() }).Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	at, found := strings.CutPrefix(strings.TrimSpace(line), "Listening on ")
	if !found {
		t.Fatalf("it said %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return at + "/auth"
}
