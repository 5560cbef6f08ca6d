package dbtest

import (
	"crypto/rand"
	"io"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// meter counts the work of requests: statements by kind and table, bytes of randomness, of which every new hash, ticket
// and mail takes some, and hashes.
type meter struct {
	mu         sync.Mutex
	statements []string
	random     atomic.Int64
}

func (m *meter) install(c *Case) {
	c.Helper()
	note := func(kind string) func(*gorm.DB) {
		return func(db *gorm.DB) {
			m.mu.Lock()
			defer m.mu.Unlock()
			table := db.Statement.Table
			if table == "" && db.Statement.Schema != nil {
				table = db.Statement.Schema.Table
			}
			m.statements = append(m.statements, kind+" "+table)
		}
	}
	callbacks := c.DB.Callback()
	for _, err := range []error{
		callbacks.Query().After("*").Register("meter", note("query")), callbacks.Create().After("*").Register("meter", note("create")),
		callbacks.Update().After("*").Register("meter", note("update")), callbacks.Delete().After("*").Register("meter", note("delete")),
		callbacks.Row().After("*").Register("meter", note("row")), callbacks.Raw().After("*").Register("meter", note("raw")),
	} {
		if err != nil {
			c.Fatal(err)
		}
	}
}

// take returns the statements since the last call.
func (m *meter) take() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := strings.Join(m.statements, "\n")
	m.statements = nil
	return taken
}

func (m *meter) count(cfg *config.Config) {
	cfg.Rand = countingReader{&m.random, rand.Reader}
}

type countingReader struct {
	n *atomic.Int64
	r io.Reader
}

func (r countingReader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	r.n.Add(int64(n))
	return n, err
}

// trace is the work of one request and its response.
type trace struct {
	status       int
	text, header string
	cookies      string // without values
	statements   string
	random       int64
	hashes       int64
	outbox       int64
}

// measure sends a request and returns its trace. Values that differ between requests are masked.
func (c *Case) measure(m *meter, send func() *authtest.Response) trace {
	c.Helper()
	random, hashes, outbox := m.random.Load(), c.hashes.Load(), c.count(&models.OutboxMail{})
	m.take()
	r := send()
	statements := m.take()
	var header, cookies strings.Builder
	for _, cookie := range r.Cookies() {
		cookie.Value = ""
		cookies.WriteString(cookie.String() + "\n")
	}
	r.Header.Del("Set-Cookie")
	text := masked(r.Text)
	if text != r.Text { // the number of digits of an ID is not compared
		r.Header.Del("Content-Length")
	}
	_ = r.Header.Write(&header)
	return trace{
		r.StatusCode, text, header.String(), cookies.String(), statements, m.random.Load() - random,
		c.hashes.Load() - hashes, c.count(&models.OutboxMail{}) - outbox,
	}
}

var varying = regexp.MustCompile(`"(pk|id)":\d+|[a-z0-9]+@example\.com`)

// masked hides numbers of rows and the address that was sent.
func masked(text string) string { return varying.ReplaceAllString(text, "*") }

// wantAlike wants two equal traces.
func (c *Case) wantAlike(what string, a, b trace) {
	c.Helper()
	if a != b {
		c.Errorf("%s differ:\n%+v\n\nand\n\n%+v", what, a, b)
	}
}

// startMeasured starts the application with a meter.
func (c *Case) startMeasured(change ...func(*config.Config)) *meter {
	c.Helper()
	m := &meter{}
	c.StartMail(append(change, m.count)...)
	m.install(c)
	return m
}

// statements starts the library and counts the statements of a login in a known browser, of a wrong one, and of a GET. all has the
// statements themselves.
func (c *Case) statements(change ...func(*config.Config)) (login, failed, get int, all string) {
	c.Helper()
	c.Start(change...)
	c.User(c.T, "ann")
	b := c.Client()
	b.Post("/auth/login/", authtest.Login("ann")).Want(200) // now the browser is known
	var m meter
	m.install(c)
	count := func() int {
		taken := m.take() + "\n"
		all += taken
		return strings.Count(taken, "\n")
	}
	b.Post("/auth/login/", authtest.Login("ann")).Want(200)
	login = count()
	b.Post("/auth/login/", wrong("ann")).Want(400)
	failed = count()
	b.Get("/auth/user/").Want(200)
	get = count()
	return login, failed, get, all
}
