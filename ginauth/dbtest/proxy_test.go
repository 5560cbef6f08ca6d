package dbtest_test

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
)

// trouble is what a proxy does to connections.
type trouble int

const (
	healthy   trouble = iota
	refused           // connections are closed at once
	blackHole         // connections are accepted, and after some bytes of the server nothing is forwarded any more
	cut               // connections are closed after some bytes of the server
)

// proxy is a TCP proxy in front of a server.
type proxy struct {
	net.Listener
	target string

	mu      sync.Mutex
	state   trouble
	left    int  // bytes until the cut or black hole
	whole   bool // left counts responses: what the server sends at once
	met     bool // a response was withheld
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

// set changes the state. bytes is how many bytes of the server pass before a cut or black hole. Open connections stay only for these two.
func (p *proxy) set(state trouble, bytes int) { p.change(state, bytes, false) }

// setAfter changes the state: that many responses of the server pass, and the next one does not, although the server has sent it.
func (p *proxy) setAfter(state trouble, responses int) { p.change(state, responses, true) }

func (p *proxy) change(state trouble, left int, whole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.left, p.whole, p.met = state, left, whole, false
	if state == blackHole || state == cut {
		return
	}
	for conn := range p.open {
		_ = conn.Close()
	}
	p.open = map[net.Conn]bool{}
}

// withheld reports whether the trouble was met: a response did not pass, or not all of it.
func (p *proxy) withheld() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.met
}

// take returns how many of n bytes may pass, and whether the connection lives on.
func (p *proxy) take(n int, fromServer bool) (pass int, alive bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.state == refused:
		return 0, false
	case p.state == blackHole && p.left == 0 && (p.met || !p.whole):
		return 0, true
	case p.state == healthy || !fromServer || n == 0:
		return n, true
	case p.whole && p.left > 0:
		p.left--
		return n, true
	case !p.whole:
		pass = min(n, p.left)
		p.left -= pass
	}
	p.met = p.met || pass < n
	return pass, pass == n || p.state == blackHole
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

// proxiedDatabases open a database behind a proxy.
var proxiedDatabases = map[string]func(*testing.T) (direct, proxied *gorm.DB, p *proxy){"Postgres": proxiedPostgres, "MySQL": proxiedMySQL}

func proxiedPostgres(t *testing.T) (direct, proxied *gorm.DB, p *proxy) {
	direct = testdb.Postgres(t, "").Open(t)
	u, err := url.Parse(direct.Dialector.(*postgres.Dialector).DSN)
	if err != nil {
		t.Fatal(err)
	}
	p = startProxy(t, u.Host)
	u.Host = p.Addr().String()
	return direct, testdb.Open(t, postgres.Open(u.String())), p
}

func proxiedMySQL(t *testing.T) (direct, proxied *gorm.DB, p *proxy) {
	direct = testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4").Open(t)
	cfg, err := mysqldriver.ParseDSN(direct.Dialector.(*mysql.Dialector).DSN)
	if err != nil {
		t.Fatal(err)
	}
	p = startProxy(t, cfg.Addr)
	cfg.Addr, cfg.ReadTimeout = p.Addr().String(), 3*time.Second // COMMIT and ROLLBACK of this driver have no other bound
	return direct, testdb.Open(t, mysql.Open(cfg.FormatDSN())), p
}
