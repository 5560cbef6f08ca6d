package openapi_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

// TestFrontEnd does what a front end in TypeScript does with the document: it lints it, makes
// types of it, and calls the server through them. It takes Node, and fetches packages, so it
// runs only where GINAUTH_TEST_NPM=1 asks for it.
func TestFrontEnd(t *testing.T) {
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1; it takes Node 20, npm and curl")
	}
	for _, c := range []struct {
		client string
		change change
		group  func(*gin.Engine) gin.IRouter
	}{
		{"client.ts", defaults, engine},
		{"custom.ts", customised, func(r *gin.Engine) gin.IRouter { return r.Group("/api/auth") }},
	} {
		auth, router := served(t, c.change, c.group, openapi.Title("Acme accounts"))
		server := httptest.NewServer(router)
		defer server.Close()
		out, err := exec.CommandContext(t.Context(), "testdata/client/check.sh", server.URL+auth.Base(), c.client).CombinedOutput()
		t.Logf("%s", out)
		if err != nil || !strings.Contains(string(out), c.client+": ann-") {
			t.Errorf("%s: %v", c.client, err)
		}
	}
}
