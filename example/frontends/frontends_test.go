// Package frontends tests packages for front ends that people use with dj-rest-auth, as README.md configures them.
package frontends_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/example/chromium"
)

const password = "Looking-Glass-7"

// blocks are the modules in README.md, each with its file name in the first line.
var blocks = regexp.MustCompile("(?sm)^```js\n(// ([\\w.]+)\n.*?)^```")

// TestFrontEndPackages: each front end logs in, reads the user, refreshes and logs out.
func TestFrontEndPackages(t *testing.T) {
	browser := chromium.Open(t)
	build(t)
	example := chromium.Build(t)
	bodies := example.Run(t, "AUTH_MODES=jwt", "TRUSTED_PROXIES=127.0.0.1")
	cookies := example.Run(t, "AUTH_MODES=jwt", "JWT_TRANSPORT=cookie")
	for _, at := range []string{bodies, cookies} {
		signUp(t, at, "ann")
	}
	for name, at := range map[string]string{
		"nuxt": bodies, "react-jwt": bodies, "vue": bodies, "axios-tokens": bodies, "axios-cookies": cookies, "react-token": viewOfToken(t),
	} {
		t.Run(name, func(t *testing.T) {
			p := page{t, browser, strings.Replace(at, "127.0.0.1", "localhost", 1)}
			p.load(name)
			p.visit()
		})
	}
	t.Run("next", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), "node", "build/out/next.mjs")
		cmd.Env = append(os.Environ(), "AUTH_API="+bodies)
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "logged out") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// build writes the modules of README.md to files, and bundles them with the packages.
func build(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("build", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks.FindAllStringSubmatch(string(text), -1) {
		if err := os.WriteFile(filepath.Join("build", block[2]), []byte(block[1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "./build.sh").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func signUp(t *testing.T, at, username string) {
	t.Helper()
	r, err := http.PostForm(at+"/auth/registration/", url.Values{
		"username": {username}, "email": {username + "@example.com"}, "password1": {password}, "password2": {password},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if body, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", r.StatusCode, body)
	}
}

// page is a page of the server with a front end in it.
type page struct {
	*testing.T
	browser *chromium.Browser
	at      string
}

func (p page) load(name string) {
	p.Helper()
	p.browser.Visit(p.at + "/auth/config/")
	p.browser.Until("the page", func() bool { return p.browser.Eval(`document.readyState === "complete" && location.origin`) == p.at })
	script, err := os.ReadFile(filepath.Join("build/out", name+".js"))
	if err != nil {
		p.Fatal(err)
	}
	configuration, err := os.ReadFile("build/nuxt.json")
	if err != nil {
		p.Fatal(err)
	}
	p.browser.Eval(fmt.Sprintf(`localStorage.clear(); globalThis.runtimeConfig = %s; %s; globalThis.frontEnd = frontEnd;`, configuration, script))
}

// does runs a script in the page and returns its result in JSON, or "failed: " and the error.
func (p page) does(script string) string {
	p.Helper()
	p.browser.Eval(`window.result = undefined; (async () => { ` + script + ` })().then(x => { result = JSON.stringify(x ?? null) }, e => { result = "failed: " + e })`)
	p.browser.Until(script, func() bool { return p.browser.Eval(`window.result`) != nil })
	return fmt.Sprint(p.browser.Eval(`window.result`))
}

func (p page) want(script, part string) {
	p.Helper()
	if got := p.does(script); !strings.Contains(got, part) || part != "failed" && strings.HasPrefix(got, "failed") {
		p.Fatalf("%s: %s, want %s", script, got, part)
	}
}

// visit does what a user does. A front end leaves out what its package does not have, or does by itself.
func (p page) visit() {
	p.want(`return frontEnd.signUp?.({ username: "bob", email: "bob@example.com", password1: "`+password+`", password2: "`+password+`" })`, "")
	p.want(`return frontEnd.logIn("ann", "wrong")`, "failed")
	p.want(`return frontEnd.logIn("ann", "`+password+`")`, "")
	p.want(`return frontEnd.user()`, `"ann"`)
	before := p.tokens()
	if p.does(`return Boolean(frontEnd.tokens && !frontEnd.expire)`) == "false" {
		p.expire()
		p.want(`return frontEnd.user()`, `"ann"`)
		if after := p.tokens(); before.Refresh != "" && (after.Refresh == before.Refresh || after.Access == before.Access) {
			p.Errorf("it did not store the new tokens: %+v after %+v", after, before)
		}
	}
	p.want(`return frontEnd.refresh?.()`, "")
	p.want(`return frontEnd.reload?.()`, "")
	p.want(`return frontEnd.user()`, `"ann"`)
	p.want(`return frontEnd.keepsUserAt403?.() ?? true`, `true`)
	last := p.tokens()
	p.want(`await frontEnd.logOut()`, "")
	if got := p.does(`return frontEnd.user()`); got != "null" && !strings.HasPrefix(got, "failed") {
		p.Errorf("after the logout, the user is %s", got)
	}
	if last.Access != "" {
		p.want(`return (await fetch("/auth/user/", { headers: { Authorization: "Bearer `+last.Access+`" } })).status`, `401`)
	}
	if last.Refresh != "" {
		p.want(`return (await fetch("/auth/token/refresh/", { method: "POST", body: new URLSearchParams({ refresh: "`+last.Refresh+`" }) })).status`, `401`)
	}
}

// expire makes the access token invalid.
func (p page) expire() {
	p.want(`return frontEnd.expire?.()`, "")
	p.browser.Call(p.browser.Tab(), "Network.deleteCookies", map[string]any{"name": "access", "url": p.at})
}

type tokens struct{ Access, Refresh string }

func (p page) tokens() (found tokens) {
	p.Helper()
	if err := json.Unmarshal([]byte(p.does(`return frontEnd.tokens?.()`)), &found); err != nil {
		p.Fatal(err)
	}
	return found
}
