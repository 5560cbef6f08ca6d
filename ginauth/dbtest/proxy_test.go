package dbtest_test

import (
	"net"
	"sync"
	"testing"
)

// trouble is what a proxy does to connections.
type trouble int

const (
	healthy   trouble = iota
	refused           // connections are closed at once
	blackHole         // connections are accepted, and nothing is forwarded any more
	cut               // connections are closed after some bytes of the server
)

// proxy is a TCP proxy in front of a server.
type proxy struct {
	net.Listener
	target string

	mu      sync.Mutex
	state   trouble
	left    int // bytes until the cut
	open    map[net.Conn]bool
	running sync.WaitGroup
}

// startProxy starts a proxy in front of an address, until the test ends.
func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: listener, target: target, open: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = p.Close()
		p.set(refused, 0)
		p.running.Wait()
	})
	return p
}

// set changes the state. bytes is how many bytes of the server pass before a cut. Open connections stay only for a black hole and a cut.
func (p *proxy) set(state trouble, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.left = state, bytes
	if state == blackHole || state == cut {
		return
	}
	for conn := range p.open {
		_ = conn.Close()
	}
	p.open = map[net.Conn]bool{}
}

// take returns how many of n bytes may pass, and whether the connection lives on.
func (p *proxy) take(n int, fromServer bool) (pass int, alive bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.state == blackHole:
		return 0, true
	case p.state == refused:
		return 0, false
	case p.state == cut && fromServer:
		pass = min(n, p.left)
		p.left -= pass
		return pass, pass == n
	}
	return n, true
}

// keep notes open connections, or reports that they are refused.
func (p *proxy) keep(all ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range all {
		p.open[conn] = true
	}
	return p.state != refused
}

func (p *proxy) accept() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		if !p.keep(client) {
			_ = client.Close()
			continue
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		if !p.keep(server) {
			_, _ = client.Close(), server.Close()
			continue
		}
		p.running.Go(func() { p.forward(server, client, false) })
		p.running.Go(func() { p.forward(client, server, true) })
	}
}

// forward copies from one connection to the other, until either ends.
func (p *proxy) forward(to, from net.Conn, fromServer bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 1<<14)
	for {
		n, err := from.Read(buffer)
		pass, alive := p.take(n, fromServer)
		if pass > 0 {
			if _, err := to.Write(buffer[:pass]); err != nil {
				return
			}
		}
		if err != nil || !alive {
			return
		}
	}
}
