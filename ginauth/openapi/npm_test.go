package openapi_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/example/chromium"
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
		{"example", "client.ts", func(t *testing.T) string { return chromium.Example(t) + "/auth" }},
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
