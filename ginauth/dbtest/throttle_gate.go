package dbtest

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// slowHash makes one hash at a time take milliseconds.
func slowHash(cfg *config.Config) { cfg.Hash.Parallel, cfg.Hash.Memory, cfg.Hash.Time = 1, 8192, 1 }

// A flood is requests of many connections, each of which sends the next one when it has a response.
type flood struct {
	all  sync.WaitGroup
	done atomic.Int64
	stop chan struct{}
}

// flooded starts a flood of connections, and returns when some of them have a response.
func flooded(connections int, send func(connection, n int)) *flood {
	f, full := &flood{stop: make(chan struct{})}, make(chan struct{})
	for i := range connections {
		f.all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-f.stop:
					return
				default:
					if send(i, n); f.done.Add(1) == int64(min(50, connections)) {
						close(full)
					}
				}
			}
		})
	}
	<-full
	return f
}

func (f *flood) end() {
	close(f.stop)
	f.all.Wait()
}

// passes fails the test if a request gets its response after more than some of the flood. How many are counted, since time depends on the
// machine.
func (f *flood) passes(c *Case, what string, most int64, request func() *authtest.Response) {
	c.Helper()
	before := f.done.Load()
	request().Want(200)
	if n := f.done.Load() - before; n > most {
		c.Errorf("%s waited for %d others", what, n)
	}
}

// honestLoginsPassAFlood: 200 connections from 20 networks guess passwords of other users, and are not limited yet. A
// logged-in user who confirms an action does not wait for them, and a login from elsewhere waits for one hash of each network,
// where in one queue for all they would wait for 200.
func honestLoginsPassAFlood(c *Case) {
	c.Start(limited, slowHash, func(cfg *config.Config) { cfg.Limits.Network = config.Limit{Attempts: 1000, Per: time.Minute} })
	c.User(c.T, "ann")
	home := c.from("198.51.100.1")
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	attackers := make([]*authtest.Client, 200)
	for i := range attackers {
		attackers[i] = authtest.NewClient(c.T, c.Router)
		attackers[i].Header.Set("X-Forwarded-For", "203.0.113."+strconv.Itoa(i%20))
	}
	guesses := flooded(len(attackers), func(i, n int) {
		attackers[i].Post("/auth/login/", wrong(strconv.Itoa(i)+"x"+strconv.Itoa(n)))
	})
	defer guesses.end()
	for i := range 2 {
		guesses.passes(c, "a login", 100, func() *authtest.Response {
			return c.from("198.51.100."+strconv.Itoa(2+i)).Post("/auth/login/", authtest.Login("ann"))
		})
		guesses.passes(c, "a confirmation", 50, func() *authtest.Response {
			return home.Post("/auth/reauthenticate/", obj{"password": authtest.Password})
		})
	}
}

// confirmationsPassThoseOfANetwork: someone with 40 accounts, whose sessions all hash at the same time, waits for themself.
func confirmationsPassThoseOfANetwork(c *Case) {
	c.Start(limited, slowHash)
	ann, others := c.confirms("ann", "198.51.100.1"), make([]func() *authtest.Response, 40)
	for i := range others {
		others[i] = c.confirms("user"+strconv.Itoa(i), "203.0.113.1")
	}
	confirmations := flooded(len(others), func(i, _ int) { others[i]() })
	defer confirmations.end()
	for range 3 {
		confirmations.passes(c, "a confirmation", 25, ann)
	}
}

// confirms creates a user who logs in from an address, and returns what confirms the password there.
func (c *Case) confirms(name, address string) func() *authtest.Response {
	c.User(c.T, name)
	browser := c.from(address)
	browser.Post("/auth/login/", authtest.Login(name)).Want(200)
	return func() *authtest.Response {
		return browser.Post("/auth/reauthenticate/", obj{"password": authtest.Password})
	}
}

// usersOfAnOwnServerShareNoTurn: behind a server of the application, such as one that renders pages, each user has turns. Ten of them wait for
// about one hash of each of ten others, where together they would wait for a hundred.
func usersOfAnOwnServerShareNoTurn(c *Case) {
	c.Start(limited, slowHash, func(cfg *config.Config) { cfg.Limits.TrustedNetworks = []string{"198.51.100.1"} })
	users, others := make([]func() *authtest.Response, 10), make([]func() *authtest.Response, 10)
	for i := range others {
		others[i] = c.confirms("other"+strconv.Itoa(i), "203.0.113."+strconv.Itoa(i))
		users[i] = c.confirms("user"+strconv.Itoa(i), "198.51.100.1")
	}
	confirmations := flooded(len(others), func(i, _ int) { others[i]() })
	defer confirmations.end()
	confirmations.passes(c, "users of one server", 50, func() *authtest.Response {
		got := make(chan *authtest.Response)
		for _, confirm := range users {
			go func() { got <- confirm() }()
		}
		var last *authtest.Response
		for range users {
			last = (<-got).Want(200)
		}
		return last
	})
}

// everySecretIsLimited: each route that compares a secret, or causes a mail or an account, has a limit.
func everySecretIsLimited(c *Case) {
	c.StartMail(limited, byCode, func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
	})
	without := map[string]bool{ // of what they need, nothing is guessed
		"POST logout/": true, "PUT user/": true, "PATCH user/": true, "DELETE sessions/": true, "DELETE sessions/:id/": true,
		"DELETE tokens/:id/": true,
	}
	for _, r := range c.Auth.Routes() {
		name := r.Method + " " + r.Path
		if r.Method != http.MethodGet && slices.Contains(r.Fails, http.StatusTooManyRequests) == without[name] {
			c.Errorf("%s: limited %v", name, !without[name])
		}
		delete(without, name)
	}
	if len(without) > 0 {
		c.Error("no such routes:", without)
	}
}

// rowsOfLimitsAreSwept: an hour after the last guess, a sweep deletes the rows of names and networks.
func rowsOfLimitsAreSwept(c *Case) {
	c.Start(limited)
	for i := range 20 {
		c.from("203.0.113.1").Post("/auth/login/", wrong("user"+strconv.Itoa(i))).Want(400)
	}
	rows := func() (n int64) {
		if err := c.DB.Model(&models.Limit{}).Count(&n).Error; err != nil {
			c.Fatal(err)
		}
		return n
	}
	if n := rows(); n != 41 {
		c.Errorf("%d rows, want two for each name and one for the network", n)
	}
	c.Clock.Advance(time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil || rows() != 0 {
		c.Error(rows(), err)
	}
}
