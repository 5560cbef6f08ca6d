package dev_test

// Chromium, driven by its DevTools protocol over a pipe.

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// chromium is a browser with its tabs. It records console errors and requests of all of them.
type chromium struct {
	t   *testing.T
	out io.Writer

	mu       sync.Mutex
	next     int
	waiting  map[int]chan json.RawMessage
	tabs     []string // IDs of sessions, in the order in which they were opened
	closed   map[string]bool
	problems []string
	hosts    map[string]bool
}

// openChromium starts a browser, or skips the test. It ends with the test.
func openChromium(t *testing.T) *chromium {
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1; the test needs chromium")
	}
	toBrowser, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	in, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &chromium{t: t, out: out, waiting: map[int]chan json.RawMessage{}, closed: map[string]bool{}, hosts: map[string]bool{}}
	t.Cleanup(func() {
		c.send("", "Browser.close", nil)
		defer time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() }).Stop()
		_ = cmd.Wait()
		_ = out.Close()
		_ = in.Close()
	})
	_ = toBrowser.Close()
	_ = fromBrowser.Close()
	go c.read(in)
	c.call("", "Target.setAutoAttach", map[string]any{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true})
	c.until("the first tab", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.tabs) == 1 })
	return c
}

type message struct {
	ID        int             `json:"id"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	SessionID string          `json:"sessionId"`
}

func (c *chromium) read(in io.Reader) {
	reader := bufio.NewReader(in)
	for {
		text, err := reader.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		if m.ID != 0 {
			c.mu.Lock()
			answer := c.waiting[m.ID]
			delete(c.waiting, m.ID)
			c.mu.Unlock()
			if answer != nil {
				answer <- m.Result
			}
			continue
		}
		c.event(m)
	}
}

func (c *chromium) event(m message) {
	var p struct {
		SessionID  string
		TargetInfo struct{ Type string }
		Request    struct{ URL string }
		Entry      struct{ Level, Text, URL string }
		Type       string
		Args       []struct{ Value any }
	}
	_ = json.Unmarshal(m.Params, &p)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Method {
	case "Target.attachedToTarget":
		if p.TargetInfo.Type == "page" {
			c.tabs = append(c.tabs, p.SessionID)
		}
		for _, method := range []string{"Page.enable", "Runtime.enable", "Log.enable", "Network.enable", "Runtime.runIfWaitingForDebugger"} {
			c.write(p.SessionID, method, nil)
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
		c.problems = append(c.problems, fmt.Sprint(m.Method, " ", string(m.Params)))
	}
}

// write sends a command; c.mu is locked.
func (c *chromium) write(session, method string, params any) chan json.RawMessage {
	c.next++
	answer := make(chan json.RawMessage, 1)
	c.waiting[c.next] = answer
	if params == nil {
		params = map[string]any{}
	}
	text, err := json.Marshal(map[string]any{"id": c.next, "method": method, "params": params, "sessionId": session})
	if session == "" {
		text, err = json.Marshal(map[string]any{"id": c.next, "method": method, "params": params})
	}
	if err == nil {
		_, err = c.out.Write(append(text, 0))
	}
	if err != nil {
		c.problems = append(c.problems, err.Error())
	}
	return answer
}

func (c *chromium) send(session, method string, params any) chan json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.write(session, method, params)
}

// call sends a command and waits for its result.
func (c *chromium) call(session, method string, params any) json.RawMessage {
	c.t.Helper()
	select {
	case result := <-c.send(session, method, params):
		return result
	case <-time.After(time.Minute):
		c.t.Fatalf("%s has no answer", method)
		return nil
	}
}

// until waits for something that the browser does.
func (c *chromium) until(what string, done func() bool) {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%s did not come; problems: %q", what, c.problems)
		}
	}
}

// tab returns the session of the newest open tab.
func (c *chromium) tab() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.tabs) - 1; i >= 0; i-- {
		if !c.closed[c.tabs[i]] {
			return c.tabs[i]
		}
	}
	return ""
}

func (c *chromium) open(at string) { c.call(c.tab(), "Page.navigate", map[string]any{"url": at}) }

// eval returns the value of an expression in the newest tab, or nil while that loads.
func (c *chromium) eval(expression string) any {
	var out struct{ Result struct{ Value any } }
	select {
	case result := <-c.send(c.tab(), "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "userGesture": true}):
		_ = json.Unmarshal(result, &out)
		return out.Result.Value
	case <-time.After(5 * time.Second): // the tab was closed
		return nil
	}
}

// sees waits until the newest tab shows a text.
func (c *chromium) sees(text string) {
	c.t.Helper()
	c.until(text, func() bool {
		shown, _ := c.eval("document.readyState === 'complete' && document.body ? document.body.innerText : ''").(string)
		return strings.Contains(shown, text)
	})
}

// press focuses an element and presses Enter.
func (c *chromium) press(selector string) {
	c.t.Helper()
	if c.eval(fmt.Sprintf("document.querySelector(%q).focus(), document.activeElement.matches(%q)", selector, selector)) != true {
		c.t.Fatalf("%s cannot be focused", selector)
	}
	for _, kind := range []string{"rawKeyDown", "char", "keyUp"} {
		c.send(c.tab(), "Input.dispatchKeyEvent", map[string]any{"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"})
	}
}

// picture takes a picture of the newest tab.
func (c *chromium) picture(width int, scheme string) []byte {
	c.t.Helper()
	tab := c.tab()
	c.call(tab, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500})
	c.call(tab, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
	var out struct{ Data string }
	if err := json.Unmarshal(c.call(tab, "Page.captureScreenshot", map[string]any{"format": "png"}), &out); err != nil {
		c.t.Fatal(err)
	}
	picture, err := base64.StdEncoding.DecodeString(out.Data)
	if err != nil {
		c.t.Fatal(err)
	}
	return picture
}
