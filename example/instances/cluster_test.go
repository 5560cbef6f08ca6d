//go:build unix

package instances

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"
)

// cluster is several processes of the example on one database, and the load balancer in front of them.
type cluster struct {
	t     *testing.T // the test that runs now
	whole *testing.T // the test that the processes are for
	env   []string
	each  [][]string // variables of one process
	db    *gorm.DB   // the database, for looking at rows
	box   *mailbox

	mu    sync.Mutex
	all   []*process
	ready []*process // those to which the load balancer sends requests
	turn  atomic.Uint64
}

// engine is what processes run on.
type engine struct {
	env  []string
	each [][]string // variables of each process, such as its node of a cluster
	db   *gorm.DB
}

// start starts processes at the same time on an empty database, so that all of them migrate it, and waits until all are ready.
func start(t *testing.T, e engine, processes int) *cluster {
	t.Helper()
	c := &cluster{t: t, whole: t, db: e.db, each: e.each, box: newMailbox(t)}
	c.env = append([]string{
		"AUTH_SECRET=" + rand.Text() + rand.Text(), "AUTH_MODES=session,token,jwt", "DEV=false", "OPERATOR_FACTOR=false",
		"MAIL_URL=" + c.box.url(), "MAIL_TIMEOUT=2s", "SHUTDOWN_DELAY=1500ms", "SHUTDOWN_TIMEOUT=30s",
		"TRUSTED_PROXIES=127.0.0.1", "TRUSTED_NETWORKS=127.0.0.1", // tests of limits send X-Forwarded-For
	}, e.env...)
	began := time.Now()
	var waits []func() error
	for i := range processes {
		p, listens := launch(t, c.of(i))
		c.all, waits = append(c.all, p), append(waits, listens)
	}
	for _, listens := range waits {
		if err := listens(); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range c.all {
		if !p.ready() {
			t.Fatalf("%s listens and is not ready: %s", p.url, p.tail())
		}
	}
	t.Logf("%d processes migrated an empty database together and were ready after %v", processes, time.Since(began).Round(time.Millisecond))
	return c
}

// of returns the variables of a process.
func (c *cluster) of(i int) []string {
	if c.each == nil {
		return c.env
	}
	return append(slices.Clip(c.env), c.each[i%len(c.each)]...)
}

// restart replaces a process that has ended.
func (c *cluster) restart(i int) {
	c.t.Helper()
	p, listens := launch(c.whole, c.of(i))
	if err := listens(); err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	c.all[i] = p
	c.mu.Unlock()
	until(c.t, time.Minute, p.url+" is not ready", p.ready)
}

// balance probes the processes until the test ends, as a load balancer does.
func (c *cluster) balance() {
	stop, done := make(chan struct{}), make(chan struct{})
	first := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(50 * time.Millisecond)
		defer ticker.Stop()
		for once := sync.OnceFunc(func() { close(first) }); ; once() {
			c.probe()
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	}()
	<-first
	c.t.Cleanup(func() { close(stop); <-done })
}

// probe finds the processes that are ready.
func (c *cluster) probe() {
	c.mu.Lock()
	all := slices.Clone(c.all)
	c.mu.Unlock()
	found := make([]bool, len(all))
	var probes sync.WaitGroup
	for i, p := range all {
		probes.Go(func() { found[i] = p.ready() })
	}
	probes.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready = nil
	for i, p := range all {
		if found[i] {
			c.ready = append(c.ready, p)
		}
	}
}

// next returns the process that the load balancer takes for the next request. It waits for one.
func (c *cluster) next() *process {
	for {
		c.mu.Lock()
		ready := c.ready
		c.mu.Unlock()
		if len(ready) > 0 {
			return ready[c.turn.Add(1)%uint64(len(ready))]
		}
		time.Sleep(5 * time.Millisecond) // between two polls
	}
}

// count returns a number from the database.
func (c *cluster) count(query string, args ...any) (n int64) {
	c.t.Helper()
	if err := c.db.Raw(query, args...).Scan(&n).Error; err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// drained waits until no mail is pending.
func (c *cluster) drained() {
	c.t.Helper()
	until(c.t, 90*time.Second, "mails are pending", func() bool {
		return c.count("SELECT count(*) FROM auth_outbox WHERE state = 'pending'") == 0
	})
}

// signUp signs a user up at a process, and fails the test if that does not work.
func (c *cluster) signUp(i int, name string) {
	c.t.Helper()
	r := newClient().send(c.all[i], http.MethodPost, "/auth/registration/", signUp(name))
	if r.status != http.StatusCreated {
		c.t.Fatalf("registration: %v", r)
	}
}

// logIn logs a user in at a process with a credential: cookie, token or jwt.
func (c *cluster) logIn(i int, name, credential string) *client {
	c.t.Helper()
	client := newClient()
	client.header.Set("Auth-Credential", credential)
	r := client.send(c.all[i], http.MethodPost, "/auth/login/", fields{"username": name, "password": password})
	if r.status != http.StatusOK {
		c.t.Fatalf("login: %v", r)
	}
	client.header.Del("Auth-Credential")
	switch credential {
	case "token":
		client.header.Set("Authorization", "Token "+r.text("key"))
	case "jwt":
		client.take(r)
	}
	return client
}

func name(prefix string, n int) string {
	return fmt.Sprintf("%s%d-%06d", prefix, n, mathrand.IntN(1_000_000)) // digits, because letters can be similar to those of the password
}
