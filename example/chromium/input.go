package chromium

// Keys, taps, sizes and authenticators: what people do with a page.

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// keys are those that Key knows, with their codes.
var keys = map[string]struct {
	code int
	text string
}{"Enter": {13, "\r"}, " ": {32, " "}, "Tab": {9, ""}, "Escape": {27, ""}}

// Key presses a key: "Enter", " ", "Tab" or "Escape".
func (c *Browser) Key(key string) {
	for _, kind := range []string{"rawKeyDown", "char", "keyUp"} {
		if kind == "char" && keys[key].text == "" {
			continue
		}
		c.send(c.Tab(), "Input.dispatchKeyEvent", map[string]any{
			"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": keys[key].code, "text": keys[key].text,
		})
	}
}

// Type types a text into the element that has the focus, instead of what is selected there.
func (c *Browser) Type(text string) {
	c.Call(c.Tab(), "Input.insertText", map[string]any{"text": text})
}

// Tap presses the middle of the element that an expression of JavaScript returns, which must be visible and covered by nothing else.
func (c *Browser) Tap(element string) {
	c.t.Helper()
	at, _ := c.Eval(fmt.Sprintf(`(() => {
		const element = %s;
		element.scrollIntoView({ block: "center", behavior: "instant" });
		const { x, y, width, height } = element.getClientRects()[0]; // a link can have several lines
		const hit = document.elementFromPoint(x + width / 2, y + height / 2);
		return hit && (element.contains(hit)) ? JSON.stringify([x + width / 2, y + height / 2]) : "covered by " + hit?.outerHTML;
	})()`, element)).(string)
	var point [2]float64
	if err := json.Unmarshal([]byte(at), &point); err != nil {
		c.t.Fatalf("%s cannot be pressed: %s", element, at)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		c.send(c.Tab(), "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": point[0], "y": point[1], "button": "left", "clickCount": 1})
	}
}

// Resize sets the size of the newest tab, and the colour scheme that the user prefers.
func (c *Browser) Resize(width, height int, scheme string) {
	c.t.Helper()
	tab := c.Tab()
	c.Call(tab, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
	c.Call(tab, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{
		{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"},
	}})
}

// Authenticator adds a virtual authenticator to the newest tab, like that of a laptop or phone, and returns its ID.
func (c *Browser) Authenticator() string {
	c.t.Helper()
	c.Call(c.Tab(), "WebAuthn.enable", nil)
	result := c.Call(c.Tab(), "WebAuthn.addVirtualAuthenticator", map[string]any{"options": map[string]any{
		"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
		"isUserVerified": true, "automaticPresenceSimulation": true,
	}})
	var out struct{ AuthenticatorID string }
	if err := json.Unmarshal(result, &out); err != nil || out.AuthenticatorID == "" {
		c.t.Fatalf("no authenticator: %s, %v", result, err)
	}
	return out.AuthenticatorID
}

// Script installs the packages of testdata/browser with npm, and returns a script of them for Eval. The pattern is below node_modules.
func (c *Browser) Script(pattern string) string {
	c.t.Helper()
	dir := c.t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", "browser", name)) //nolint:gosec // of the test
		if err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil { //nolint:gosec // a folder of the test
			c.t.Fatal(err)
		}
	}
	install := exec.CommandContext(c.t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		c.t.Fatalf("npm: %v\n%s", err, out)
	}
	scripts, err := filepath.Glob(filepath.Join(dir, "node_modules", pattern))
	if err != nil || len(scripts) == 0 {
		c.t.Fatalf("no script: %v", err)
	}
	text, err := os.ReadFile(scripts[0])
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}
