//go:build unix

package instances

import (
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load is sign-ups, refreshes, and requests of logged-in users, and notes what was acknowledged.
type load struct {
	*cluster
	stop    chan struct{}
	running sync.WaitGroup
	users   []*member

	mu      sync.Mutex
	acked   []string       // names that got 201
	refused []string       // names that got 503
	cut     []string       // names whose request got no response
	odd     []string       // responses that are never right
	failed  map[string]int // requests of logged-in users without success, by status

	signUps, renewals, writes atomic.Int64 // that succeeded
	rotations                 atomic.Int64 // refreshes that issued a new refresh token
}

// member is a logged-in user and the items that the server has acknowledged.
type member struct {
	*client
	items []string
}

// newLoad logs users in, and starts the load.
func newLoad(c *cluster) *load {
	c.t.Helper()
	l := &load{cluster: c, stop: make(chan struct{}), failed: map[string]int{}}
	for i := range 5 {
		who := name("member", i)
		c.signUp(i%len(c.all), who)
		l.users = append(l.users, &member{client: c.logIn(i%len(c.all), who, []string{"jwt", "cookie"}[i/3])})
	}
	c.balance()
	for range 3 {
		l.repeat(l.signUpOne)
	}
	for i, user := range l.users {
		if i < 3 {
			l.repeat(func() bool { return l.renewOne(user) })
		} else {
			l.repeat(func() bool { return l.writeOne(user) })
		}
	}
	return l
}

// repeat repeats requests until the load stops. After one that failed, a client waits a little.
func (l *load) repeat(request func() bool) {
	l.running.Go(func() {
		for {
			ok := request()
			if l.ended() {
				return
			}
			if !ok {
				time.Sleep(20 * time.Millisecond)
			}
		}
	})
}

func (l *load) end() {
	close(l.stop)
	l.running.Wait()
}

// signUpOne signs a user up and exchanges the refresh token of the response for the next one, at another process.
func (l *load) signUpOne() bool {
	who, user := name("new", 0), newClient()
	user.header.Set("Auth-Credential", "jwt")
	r := user.send(l.next(), http.MethodPost, "/auth/registration/", signUp(who))
	l.noteSignUp(who, r)
	if r.status != http.StatusCreated {
		return false
	}
	user.take(r)
	first := user.refresh
	for !l.renewOne(&member{client: user}) && !l.ended() {
		time.Sleep(20 * time.Millisecond) // a client that tries again
	}
	if user.refresh != first {
		l.rotations.Add(1)
	}
	return true
}

func (l *load) noteSignUp(who string, r response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch r.status {
	case http.StatusCreated:
		l.acked = append(l.acked, who)
		l.signUps.Add(1)
	case http.StatusServiceUnavailable:
		l.refused = append(l.refused, who)
	case 0:
		l.cut = append(l.cut, who)
	default:
		l.odd = append(l.odd, "registration: "+r.String())
	}
}

// ended reports whether the load has to stop.
func (l *load) ended() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// note notes a failure of a logged-in user. Only an outage is an excuse: never "not logged in".
func (l *load) note(what string, r response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch r.status {
	case 0:
		l.failed["no response"]++
	case http.StatusServiceUnavailable:
		l.failed["503"]++
	default:
		l.odd = append(l.odd, what+": "+r.String())
	}
}

// renewOne refreshes. After a failure the client sends the same token again, since it has no other.
func (l *load) renewOne(user *member) bool {
	r := user.renew(l.next())
	if r.status != http.StatusOK {
		l.note("refresh", r)
		return false
	}
	l.renewals.Add(1)
	return true
}

func (l *load) writeOne(user *member) bool {
	text := strings.ToLower(rand.Text())
	r := user.send(l.next(), http.MethodPost, "/api/items", fields{"text": text})
	if r.status == http.StatusBadRequest && len(user.items) > 400 { // the list is full
		return false
	}
	if r.status != http.StatusCreated {
		l.note("item", r)
		return false
	}
	user.items = append(user.items, text)
	l.writes.Add(1)
	return true
}
