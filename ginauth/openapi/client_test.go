package openapi_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/example/chromium"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// TestFrontEndClient compiles the TypeScript client with types of the example, and uses it in Node and Chromium.
func TestFrontEndClient(t *testing.T) {
	browser := chromium.Open(t)
	example := chromium.Build(t)
	session := example.Run(t)
	cookies := example.Run(t, "AUTH_MODES=jwt", "JWT_TRANSPORT=cookie")
	bodies := example.Run(t, "AUTH_MODES=jwt")

	document := filepath.Join(t.TempDir(), "openapi.json")
	download(t, session+"/auth/openapi.json", document)
	for _, block := range typeScript.FindAllStringSubmatch(docs.Read(t, "example/client/README.md"), -1) {
		writeRecipe(t, "../../example/client", fileName.FindStringSubmatch(block[2])[1], block[2])
	}
	cmd := exec.CommandContext(t.Context(), "./test.sh", document)
	cmd.Dir = "../../example/client"
	cmd.Env = append(os.Environ(), "SESSION="+session, "COOKIES="+cookies, "BODIES="+bodies)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	bundle, err := os.ReadFile("../../example/client/js/bundle.js")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("passkeys", func(t *testing.T) { page{t, browser, string(bundle)}.passkeys(session) })
	t.Run("tabs", func(t *testing.T) { page{t, browser, string(bundle)}.tabs(cookies) })
	t.Run("provider", func(t *testing.T) { page{t, browser, string(bundle)}.provider(session) })
}

// page is a page with the client.
type page struct {
	*testing.T
	browser *chromium.Browser
	bundle  string
}

func (p page) open(url, credentials string) {
	p.browser.Visit(strings.Replace(url, "127.0.0.1", "localhost", 1) + "/developers")
	p.browser.Sees("auth/login/")
	p.load(credentials)
}

func (p page) load(credentials string) {
	p.browser.Eval(p.bundle + `; globalThis.ginauth = ginauth; globalThis.auth = ginauth.createAuth({ base: location.origin + "/auth", credentials: "` + credentials + `" }); ` +
		`globalThis.person = (username) => ({ username, email: username + "@example.com", password1: "Looking-Glass-7", password2: "Looking-Glass-7" });`)
}

// want runs a script in the page and looks for a part of its result in JSON.
func (p page) want(script, part string) {
	p.Helper()
	p.browser.Eval(`window.result = undefined; (async () => { ` + script + ` })().then(x => { result = JSON.stringify(x ?? null) }, e => { result = "failed: " + e + " " + e.code })`)
	p.browser.Until(script, func() bool { return p.browser.Eval(`window.result`) != nil })
	if got := fmt.Sprint(p.browser.Eval(`window.result`)); !strings.Contains(got, part) {
		p.Fatalf("%s: %s, want %s", script, got, part)
	}
}

func (p page) passkeys(url string) {
	p.open(url, "session")
	p.browser.Call(p.browser.Tab(), "WebAuthn.enable", nil)
	p.browser.Call(p.browser.Tab(), "WebAuthn.addVirtualAuthenticator", map[string]any{"options": map[string]any{
		"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
		"isUserVerified": true, "automaticPresenceSimulation": true,
	}})
	p.want(`await ginauth.body(auth.POST("/registration/", { body: person("pat") })); return ginauth.addPasskey(auth, "My phone")`, `"discoverable":true`)
	p.want(`return ginauth.reauthenticateWithPasskey(auth)`, `"detail"`)
	p.want(`await ginauth.body(auth.POST("/logout/", {})); return ginauth.currentUser(auth)`, `null`)
	p.want(`await ginauth.logInWithPasskey(auth); return ginauth.currentUser(auth)`, `"username":"pat"`)
	p.want(`await ginauth.body(auth.POST("/logout/", {})); await ginauth.logInWithPasskey(auth, new AbortController().signal); return ginauth.currentUser(auth)`, `"username":"pat"`)
}

// tabs are two clients that share cookies and locks. They lose the access token, and refresh once.
func (p page) tabs(url string) {
	p.open(url, "jwt-cookies")
	p.want(`return ginauth.body(auth.POST("/registration/", { body: person("tia") }))`, `"username":"tia"`)
	p.browser.Call(p.browser.Tab(), "Network.deleteCookies", map[string]any{"name": "access", "url": strings.Replace(url, "127.0.0.1", "localhost", 1)})
	p.want(`let refreshed = 0;
		const send = request => { if (request.url.endsWith("/token/refresh/")) refreshed++; return fetch(request); };
		const tab = () => ginauth.createAuth({ base: auth.base, credentials: "jwt-cookies", fetch: send }), one = tab(), other = tab();
		await Promise.all([one, other, one, other].map(tab => ginauth.body(tab.GET("/user/"))));
		return { refreshed }`, `{"refreshed":1}`)
}

func (p page) provider(url string) {
	p.open(url, "session")
	p.want(`return ginauth.body(auth.POST("/logout/", {}))`, `"detail"`)
	p.browser.Eval(`ginauth.logInByProvider(auth, "dev", location.origin + "/developers")`)
	p.browser.Sees("Ann Archer")
	p.browser.Press("li:nth-child(1) a")
	p.browser.Until("the page of the example", func() bool {
		query, _ := p.browser.Eval(`document.readyState === "complete" && location.search`).(string)
		return strings.Contains(query, "code=")
	})
	p.load("session")
	p.want(`const login = await ginauth.finishProvider(auth); return [login, location.search, await ginauth.finishProvider(auth)]`, `"",null]`)
	p.want(`return ginauth.currentUser(auth)`, `"username"`)
}

func download(t *testing.T, url, path string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
