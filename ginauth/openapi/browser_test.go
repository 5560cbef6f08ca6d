package openapi_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"testing"
)

var (
	operationForm = regexp.MustCompile(`(?s)<div class="opblock [^>]*id="operations-\w+-(\w+)"(.*?)class="opblock-control-arrow"`)
	padlockForm   = regexp.MustCompile(`aria-label="authorization button (\w+)"`)
	authorizeForm = regexp.MustCompile(`class="btn authorize`)
)

// TestFrontEndPage opens docs/ in a browser (C16). A padlock is closed if a route needs a login, and open if the login is
// optional. The button "Authorize" exists only if the reader can enter a credential; a cookie cannot be entered.
func TestFrontEndPage(t *testing.T) {
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1; the test needs chromium")
	}
	for name, authorize := range map[string]bool{"default": false, "cookies": true, "everything": true} {
		t.Run(name, func(t *testing.T) {
			auth, router := served(t, configurations()[name], engine)
			server := httptest.NewServer(router)
			defer server.Close()
			page, err := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu",
				"--virtual-time-budget=20000", "--dump-dom", server.URL+auth.Base()+"/docs/").Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := authorizeForm.Match(page); got != authorize {
				t.Errorf("the page has the button Authorize: %v", got)
			}
			locks := map[string]string{}
			for _, operation := range operationForm.FindAllSubmatch(page, -1) {
				locks[string(operation[1])] = ""
				if lock := padlockForm.FindSubmatch(operation[2]); lock != nil {
					locks[string(operation[1])] = string(lock[1])
				}
			}
			for id, want := range map[string]string{"getUser": "locked", "deleteSessions": "locked", "postLogout": "unlocked", "postLogin": ""} {
				if got, shown := locks[id]; !shown || got != want {
					t.Errorf("%s has the padlock %q, shown: %v", id, got, shown)
				}
			}
		})
	}
}
