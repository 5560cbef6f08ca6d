// Package chromium drives Chromium in tests, by its DevTools protocol over a pipe.
package chromium

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Browser is a browser with its tabs, cookies and storage. It records console errors and requests of all tabs. Browsers that are open at
// the same time share a process.
type Browser struct {
	t       *testing.T
	process *process
	context string // ID

	mu       sync.Mutex
	tabs     []string // IDs of sessions, in the order in which they were opened
	closed   map[string]bool
	problems []string
	hosts    map[string]bool
}

// Open opens a browser, or skips the test. It ends with the test.
func Open(t *testing.T) *Browser {
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1; the test needs chromium")
	}
	p, err := join()
	if err != nil {
		t.Fatal(err)
	}
	c := &Browser{t: t, process: p, closed: map[string]bool{}, hosts: map[string]bool{}}
	var created struct{ BrowserContextID string }
	if err := json.Unmarshal(c.Call("", "Target.createBrowserContext", nil), &created); err != nil || created.BrowserContextID == "" {
		t.Fatalf("no browser: %v", err)
	}
	c.context = created.BrowserContextID
	p.add(c)
	t.Cleanup(func() {
		c.Call("", "Target.disposeBrowserContext", map[string]any{"browserContextId": c.context})
		p.leave(c)
	})
	c.Call("", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": c.context})
	c.Until("the first tab", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.tabs) == 1 })
	return c
}

// event records an event of a tab.
func (c *Browser) event(method string, p *parameters, raw json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch method {
	case "Target.attachedToTarget":
		if p.TargetInfo.Type == "page" {
			c.tabs = append(c.tabs, p.SessionID)
		}
	case "Target.detachedFromTarget":
		c.closed[p.SessionID] = true
	case "Network.requestWillBeSent":
		if u, err := url.Parse(p.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") {
			c.hosts[u.Host] = true
		}
	case "Log.entryAdded":
		c.problems = append(c.problems, p.Entry.Level+": "+p.Entry.Text+" "+p.Entry.URL)
	case "Runtime.consoleAPICalled", "Runtime.exceptionThrown":
		c.problems = append(c.problems, fmt.Sprint(method, " ", string(raw)))
	}
}

func (c *Browser) send(session, method string, params any) chan json.RawMessage {
	return c.process.send(session, method, params)
}

// Call sends a command and waits for its result.
func (c *Browser) Call(session, method string, params any) json.RawMessage {
	c.t.Helper()
	select {
	case result := <-c.send(session, method, params):
		return result
	case <-time.After(time.Minute):
		c.t.Fatalf("%s got no response", method)
		return nil
	}
}

// Until waits for something that the browser does.
func (c *Browser) Until(what string, done func() bool) {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%s did not come; problems: %q", what, c.problems)
		}
	}
}

// Seen returns the console's errors, the hosts that were called, and how many tabs there were.
func (c *Browser) Seen() (problems []string, hosts map[string]bool, tabs int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.problems), maps.Clone(c.hosts), len(c.tabs)
}

// Tab returns the session of the newest open tab.
func (c *Browser) Tab() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.tabs) - 1; i >= 0; i-- {
		if !c.closed[c.tabs[i]] {
			return c.tabs[i]
		}
	}
	return ""
}

// CloseTab closes the newest open tab.
func (c *Browser) CloseTab() {
	c.t.Helper()
	tab := c.Tab()
	c.send(tab, "Page.close", nil)
	c.Until("the tab to close", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.closed[tab] })
}

// Visit opens a page in the newest tab.
func (c *Browser) Visit(at string) { c.Call(c.Tab(), "Page.navigate", map[string]any{"url": at}) }

// Eval returns the value of an expression in the newest tab, or nil while that loads.
func (c *Browser) Eval(expression string) any {
	var out struct{ Result struct{ Value any } }
	select {
	case result := <-c.send(c.Tab(), "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "userGesture": true}):
		_ = json.Unmarshal(result, &out)
		return out.Result.Value
	case <-time.After(5 * time.Second): // the tab was closed
		return nil
	}
}

// Sees waits until the newest tab shows a text.
func (c *Browser) Sees(text string) {
	c.t.Helper()
	c.Until(text, func() bool {
		shown, _ := c.Eval("document.readyState === 'complete' && document.body ? document.body.innerText : ''").(string)
		return strings.Contains(shown, text)
	})
}

// Press focuses an element and presses Enter.
func (c *Browser) Press(selector string) {
	c.t.Helper()
	if c.Eval(fmt.Sprintf("document.querySelector(%q).focus(), document.activeElement.matches(%q)", selector, selector)) != true {
		c.t.Fatalf("%s cannot be focused", selector)
	}
	c.Key("Enter")
}

// Picture takes a picture of the newest tab.
func (c *Browser) Picture(width int, scheme string) []byte {
	c.t.Helper()
	c.Resize(width, 800, scheme)
	var out struct{ Data string }
	if err := json.Unmarshal(c.Call(c.Tab(), "Page.captureScreenshot", map[string]any{"format": "png"}), &out); err != nil {
		c.t.Fatal(err)
	}
	picture, err := base64.StdEncoding.DecodeString(out.Data)
	if err != nil {
		c.t.Fatal(err)
	}
	return picture
}
