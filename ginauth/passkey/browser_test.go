package passkey_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/example/chromium"
)

// front are the functions of a front end, with @simplewebauthn/browser. The field has the passkeys of conditional UI.
const front = `
const { startRegistration, startAuthentication } = SimpleWebAuthnBrowser;
async function call(method, path, body) {
  const response = await fetch("/auth/" + path, { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(response.status + " " + text);
  return text ? JSON.parse(text) : null;
}
async function addPasskey() {
  const optionsJSON = await call("POST", "passkeys/register/begin/");
  return call("POST", "passkeys/register/complete/", { credential: await startRegistration({ optionsJSON }), name: "My phone" });
}
async function logIn(useBrowserAutofill) {
  const optionsJSON = await call("POST", "passkeys/login/begin/");
  const credential = await startAuthentication({ optionsJSON, useBrowserAutofill });
  return call("POST", "passkeys/login/complete/", { credential, session_id: optionsJSON.session_id });
}
async function signUp(username) {
  const optionsJSON = await call("POST", "passkeys/signup/begin/", { username });
  return call("POST", "passkeys/signup/complete/", { credential: await startRegistration({ optionsJSON }), session_id: optionsJSON.session_id });
}
async function reauthenticate() {
  const optionsJSON = await call("POST", "passkeys/reauthenticate/begin/");
  return call("POST", "passkeys/reauthenticate/complete/", { credential: await startAuthentication({ optionsJSON }) });
}
const logOut = () => call("POST", "logout/");
const me = () => call("GET", "user/");
document.body.insertAdjacentHTML("beforeend", '<input id="field" autocomplete="username webauthn">');
`

// TestFrontEndPasskeys adds passkeys to the example in Chromium and logs in with them, with and without conditional UI, with
// @simplewebauthn/browser and a virtual authenticator. It needs npm and chromium, and downloads the package.
func TestFrontEndPasskeys(t *testing.T) {
	browser := chromium.Open(t)
	library := browser.Script("@simplewebauthn/browser/dist/bundle/*.umd.min.js")
	at := strings.Replace(chromium.Example(t), "127.0.0.1", "localhost", 1)
	browser.Visit(at + "/developers")
	browser.Sees("passkeys/login/begin")
	authenticator := browser.Authenticator()
	browser.Eval(library)
	browser.Eval(front)
	run := func(script string) string {
		t.Helper()
		browser.Eval(`window.result = undefined; (async () => { ` + script + ` })().then(x => { result = JSON.stringify(x ?? null) }, e => { result = "failed: " + e })`)
		browser.Until(script, func() bool { return browser.Eval(`window.result`) != nil })
		return fmt.Sprint(browser.Eval(`window.result`))
	}
	want := func(script, part string) {
		t.Helper()
		if got := run(script); !strings.Contains(got, part) {
			t.Fatalf("%s: %s, want %s", script, got, part)
		}
	}
	want(`return call("POST", "registration/", { username: "ann", password1: "Looking-Glass-7", password2: "Looking-Glass-7" })`, `"username":"ann"`)
	want(`return addPasskey()`, `"discoverable":true`)
	want(`return addPasskey()`, `InvalidStateError`) // excludeCredentials: it has one
	want(`return reauthenticate()`, `"detail"`)
	want(`await logOut(); return me()`, `401`)
	want(`await logIn(false); return me()`, `"username":"ann"`)
	want(`return call("GET", "sessions/")`, `"aal2"`)
	want(`await logOut(); await logIn(true); return me()`, `"username":"ann"`)
	browser.Call(browser.Tab(), "WebAuthn.setUserVerified", map[string]any{"authenticatorId": authenticator, "isUserVerified": false})
	want(`await logOut(); return logIn(false)`, `NotAllowedError`)
	browser.Call(browser.Tab(), "WebAuthn.setUserVerified", map[string]any{"authenticatorId": authenticator, "isUserVerified": true})
	browser.Call(browser.Tab(), "WebAuthn.clearCredentials", map[string]any{"authenticatorId": authenticator})
	want(`return signUp("bob")`, `"username":"bob"`)
	want(`await logOut(); await logIn(true); return me()`, `"username":"bob"`)
	want(`const [one] = await call("GET", "passkeys/"); return call("DELETE", "passkeys/" + one.id + "/")`, `Set a password first`)
}
