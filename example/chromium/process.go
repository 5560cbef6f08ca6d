package chromium

// The process that the browsers of a test binary share: tests run faster than with one each.

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

type process struct {
	cmd  *exec.Cmd
	out  io.WriteCloser
	in   io.ReadCloser
	dir  string
	open int // browsers; shared.Mutex

	mu       sync.Mutex
	next     int
	waiting  map[int]chan json.RawMessage
	browsers map[string]*Browser // by the ID of the context
	sessions map[string]*Browser
}

var shared struct {
	sync.Mutex
	*process
}

// join returns the process, which it starts for the first browser.
func join() (*process, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.process == nil {
		p, err := start()
		if err != nil {
			return nil, err
		}
		shared.process = p
	}
	shared.open++
	return shared.process, nil
}

func start() (*process, error) {
	p := &process{waiting: map[int]chan json.RawMessage{}, browsers: map[string]*Browser{}, sessions: map[string]*Browser{}}
	toBrowser, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	in, fromBrowser, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	if p.dir, err = os.MkdirTemp("", "chromium"); err != nil {
		return nil, err
	}
	p.out, p.in = out, in
	p.cmd = exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-renderer-backgrounding", "--disable-background-timer-throttling", //nolint:gosec // a folder of the test
		"--disable-backgrounding-occluded-windows", "--remote-debugging-pipe", "--user-data-dir="+p.dir, "about:blank")
	p.cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	_ = toBrowser.Close()
	_ = fromBrowser.Close()
	go p.read()
	p.send("", "Target.setAutoAttach", map[string]any{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true})
	return p, nil
}

func (p *process) add(c *Browser) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.browsers[c.context] = c
}

// leave ends the process after the last browser.
func (p *process) leave(c *Browser) {
	p.mu.Lock()
	delete(p.browsers, c.context)
	p.mu.Unlock()
	shared.Lock()
	defer shared.Unlock()
	if p.open--; p.open > 0 {
		return
	}
	shared.process = nil
	p.send("", "Browser.close", nil)
	defer time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() }).Stop()
	_ = p.cmd.Wait()
	_ = p.out.Close()
	_ = p.in.Close()
	_ = os.RemoveAll(p.dir)
}

type message struct {
	ID        int             `json:"id"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	SessionID string          `json:"sessionId"`
}

// parameters are those of the events that matter here.
type parameters struct {
	SessionID  string
	TargetInfo struct{ Type, BrowserContextID string }
	Request    struct{ URL string }
	Entry      struct{ Level, Text, URL string }
}

func (p *process) read() {
	reader := bufio.NewReader(p.in)
	for {
		text, err := reader.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		if m.ID == 0 {
			p.event(m)
			continue
		}
		p.mu.Lock()
		answer := p.waiting[m.ID]
		delete(p.waiting, m.ID)
		p.mu.Unlock()
		if answer != nil {
			answer <- m.Result
		}
	}
}

// event passes an event to the browser whose tab it is of. Each tab behaves as if it had the focus, whatever the others do.
func (p *process) event(m message) {
	var params parameters
	_ = json.Unmarshal(m.Params, &params)
	session := m.SessionID
	if session == "" {
		session = params.SessionID
	}
	p.mu.Lock()
	if m.Method == "Target.attachedToTarget" {
		p.sessions[session] = p.browsers[params.TargetInfo.BrowserContextID]
	}
	browser := p.sessions[session]
	p.mu.Unlock()
	if m.Method == "Target.attachedToTarget" {
		p.send(session, "Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true})
		for _, method := range []string{"Page.enable", "Runtime.enable", "Log.enable", "Network.enable", "Runtime.runIfWaitingForDebugger"} {
			p.send(session, method, nil)
		}
	}
	if browser != nil {
		browser.event(m.Method, &params, m.Params)
	}
}

// send sends a command. The channel gets the result.
func (p *process) send(session, method string, params any) chan json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	answer := make(chan json.RawMessage, 1)
	p.waiting[p.next] = answer
	if params == nil {
		params = map[string]any{}
	}
	command := map[string]any{"id": p.next, "method": method, "params": params}
	if session != "" {
		command["sessionId"] = session
	}
	if text, err := json.Marshal(command); err == nil {
		_, _ = p.out.Write(append(text, 0)) // an error is a missing response
	}
	return answer
}
