//go:build unix

package instances

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// play runs what must be true on every engine.
func (c *cluster) play() {
	c.run("Credentials", (*cluster).credentials)
	c.run("Limits", (*cluster).limits)
	c.run("Refresh", (*cluster).refreshRace)
	c.run("Mails", (*cluster).mails)
	if c.db.Name() == "postgres" || long() {
		c.run("Rolling", (*cluster).rolling)
	}
}

func (c *cluster) run(name string, test func(*cluster)) {
	outer := c.t
	defer func() { c.t = outer }()
	outer.Run(name, func(t *testing.T) {
		c.t = t
		test(c)
	})
}

// works checks at every process whether a client is logged in.
func (c *cluster) works(what string, client *client, want int) {
	c.t.Helper()
	for i, p := range c.all {
		if r := client.send(p, http.MethodGet, "/auth/user/", nil); r.status != want {
			c.t.Errorf("%s at process %d: %v, want %d", what, i, r, want)
		}
	}
}

// credentials: each kind is issued at one process, used at all, and ended at another.
func (c *cluster) credentials() {
	ann := name("ann", 0)
	c.signUp(0, ann)
	for i, kind := range []string{"cookie", "token", "jwt"} {
		client := c.logIn(i, ann, kind)
		c.works(kind, client, 200)
		before := *client
		if r := client.send(c.all[(i+2)%3], http.MethodPost, "/auth/logout/", nil); r.status != 200 {
			c.t.Errorf("logout: %v", r)
		}
		c.works(kind+" after logout", client, 401)
		if kind == "jwt" {
			if r := before.renew(c.all[(i+1)%3]); r.status != 401 {
				c.t.Errorf("refresh after logout: %v", r)
			}
		}
	}
	owner := c.logIn(0, ann, "cookie")
	made := owner.send(c.all[0], http.MethodPost, "/auth/tokens/", fields{"name": "backup"})
	personal := newClient()
	personal.header.Set("Authorization", "Token "+made.text("key"))
	c.works("personal token", personal, 200)
	if r := owner.send(c.all[2], http.MethodDelete, "/auth/tokens/"+made.text("id")+"/", nil); r.status/100 != 2 {
		c.t.Errorf("revoke: %v", r)
	}
	c.works("revoked personal token", personal, 401)

	others := []*client{c.logIn(1, ann, "cookie"), c.logIn(2, ann, "token"), c.logIn(0, ann, "jwt")}
	change := fields{"old_password": password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}
	if r := owner.send(c.all[1], http.MethodPost, "/auth/password/change/", change); r.status != 200 {
		c.t.Errorf("password: %v", r)
	}
	c.works("the session that changed the password", owner, 200)
	for _, other := range others {
		c.works("a session from before", other, 401)
	}
}

// limits: concurrent guesses at all processes are counted together, so that five of them are compared with the password.
func (c *cluster) limits() {
	ann := name("guessed", 0)
	c.signUp(0, ann)
	var mu sync.Mutex
	got := map[int]int{}
	guess := func(i, network int) {
		client := newClient()
		client.header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", network))
		r := client.send(c.all[i%3], http.MethodPost, "/auth/login/", fields{"username": ann, "password": "Wrong-Password-1"})
		mu.Lock()
		defer mu.Unlock()
		got[r.status]++
	}
	var guesses sync.WaitGroup
	for i := range 30 {
		guesses.Go(func() { guess(i, i) })
	}
	guesses.Wait()
	for i := 0; got[400] < 5 && i < 30; i++ { // a guess that found no free hash got 503, and counts as none
		guess(i, 100+i)
	}
	if got[400] != 5 || got[429] < 15 || got[0] > 0 {
		c.t.Errorf("statuses %v, want 5 with 400 and the others with 429, and none without a response", got)
	}
	for i, p := range c.all {
		client := newClient()
		client.header.Set("X-Forwarded-For", "198.51.100.1")
		if r := client.send(p, http.MethodPost, "/auth/login/", fields{"username": ann, "password": password}); r.status != 429 || r.header.Get("Retry-After") == "" {
			c.t.Errorf("process %d: %v", i, r)
		}
	}
}

// refreshRace: concurrent refreshes of one token at all processes get one and the same next token, which works everywhere.
func (c *cluster) refreshRace() {
	ann := name("racer", 0)
	c.signUp(0, ann)
	const rounds = 3
	for range rounds {
		owner := c.logIn(0, ann, "jwt")
		answers := make([]response, 12)
		var refreshes sync.WaitGroup
		for i := range answers {
			racer := *owner
			racer.header = owner.header.Clone()
			refreshes.Go(func() { answers[i] = racer.renew(c.all[i%3]) })
		}
		refreshes.Wait()
		next := map[string]bool{}
		for _, r := range answers {
			if r.status != 200 {
				c.t.Errorf("a refresh in a race: %v", r)
			}
			next[r.text("refresh")] = true
		}
		if len(next) != 1 || next[owner.refresh] {
			c.t.Errorf("%d different next tokens, want one that is new", len(next))
		}
		for i, p := range c.all { // a client that got no response: the old token gets the same next one
			again := *owner
			again.header = owner.header.Clone()
			if r := again.renew(p); r.status != 200 || !next[again.refresh] {
				c.t.Errorf("process %d, the same token again: %v", i, r)
			}
			c.works("after a race", &again, 200)
		}
	}
}

// mails: each mail of concurrent sign-ups at all processes is sent once, though each process runs the outbox.
func (c *cluster) mails() {
	names := make([]string, 24)
	var all sync.WaitGroup
	for i := range names {
		names[i] = name("mailed", i)
		all.Go(func() {
			for { // on a loaded machine a hash can wait longer than Hash.Wait
				r := newClient().send(c.all[i%3], http.MethodPost, "/auth/registration/", signUp(names[i]))
				if r.status == http.StatusServiceUnavailable {
					continue
				}
				if r.status != http.StatusCreated {
					c.t.Errorf("registration: %v", r)
				}
				return
			}
		})
	}
	all.Wait()
	c.drained()
	for _, name := range names {
		if mails, copies := c.box.of(address(name)); mails != 1 || copies != 1 {
			c.t.Errorf("%s got %d mails, one of them %d times", name, mails, copies)
		}
	}
}

// rolling: all processes are replaced one after the other under load. No request of a logged-in user fails.
func (c *cluster) rolling() {
	c.balance()
	users := make([]*client, 9)
	for i := range users {
		ann := name("rolling", i)
		c.signUp(i%3, ann)
		users[i] = c.logIn(i%3, ann, []string{"cookie", "token", "jwt"}[i%3])
	}
	stop := make(chan struct{})
	var load sync.WaitGroup
	var mu sync.Mutex
	served, failed := map[string]int{}, []string{}
	for i, user := range users {
		load.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				p := c.next()
				var r response
				want := 200
				switch {
				case n%50 == 3: // a list has 500 items at most
					r, want = user.send(p, http.MethodPost, "/api/items", fields{"text": rand.Text()}), 201
				case i%3 == 2 && n%5 == 0:
					r = user.renew(p)
				default:
					r = user.send(p, http.MethodGet, "/api/me", nil)
				}
				mu.Lock()
				served[p.url]++
				if r.status != want {
					failed = append(failed, fmt.Sprint(p.url, " ", n, ": ", r))
				}
				mu.Unlock()
			}
		})
	}
	serves := func(p *process) bool {
		mu.Lock()
		defer mu.Unlock()
		return served[p.url] >= 50
	}
	for i := range c.all {
		until(c.t, time.Minute, "a process gets no requests", func() bool { return serves(c.all[i]) })
		began := time.Now()
		_ = c.all[i].cmd.Process.Signal(syscall.SIGTERM)
		<-c.all[i].ended
		ended := time.Since(began)
		c.restart(i)
		if ended > 25*time.Second { // SHUTDOWN_TIMEOUT is 30 seconds
			c.t.Errorf("process %d ended after %v, as if a request had no end", i, ended)
		}
		c.t.Logf("process %d ended after %v, and the new one was ready after %v", i, ended.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
		until(c.t, time.Minute, "a new process gets no requests", func() bool { return serves(c.all[i]) })
	}
	close(stop)
	load.Wait()
	total := 0
	for _, n := range served {
		total += n
	}
	c.t.Logf("%d requests at %d processes, %d failed", total, len(served), len(failed))
	if len(failed) > 0 || len(served) != 6 {
		c.t.Errorf("of %d requests at %d processes, want 6, %d failed: %v", total, len(served), len(failed), failed[:min(5, len(failed))])
	}
	if i := slices.IndexFunc(c.all, func(p *process) bool { return !p.ready() }); i >= 0 {
		c.t.Errorf("process %d is not ready", i)
	}
}
