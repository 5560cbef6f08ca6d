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

// honestLoginsPassAFlood: 200 connections from 20 networks guess passwords of other users, and are not limited yet. A
// logged-in user who confirms an action does not wait for them, and a login from elsewhere waits for one hash of each network,
// where in one queue for all they would wait for 200. How many guesses pass is counted, since time depends on the machine.
func honestLoginsPassAFlood(c *Case) {
	c.Start(limited, func(cfg *config.Config) {
		cfg.Limits.Network = config.Limit{Attempts: 1000, Per: time.Minute}
		cfg.Hash.Parallel, cfg.Hash.Memory, cfg.Hash.Time = 1, 8192, 1
	})
	c.User(c.T, "ann")
	home := c.from("198.51.100.1")
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	stop, full := make(chan struct{}), make(chan struct{}) // full: requests are waiting
	var flood sync.WaitGroup
	var guesses atomic.Int64
	for i := range 200 {
		b := authtest.NewClient(c.T, c.Router)
		b.Header.Set("X-Forwarded-For", "203.0.113."+strconv.Itoa(i%20))
		flood.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					b.Post("/auth/login/", wrong(strconv.Itoa(i)+"x"+strconv.Itoa(n)))
					if guesses.Add(1) == 50 {
						close(full)
					}
				}
			}
		})
	}
	<-full
	passed := func(what string, most int64, request func() *authtest.Response) {
		before := guesses.Load()
		request().Want(200)
		if n := guesses.Load() - before; n > most {
			c.Errorf("%s waited for %d guesses", what, n)
		}
	}
	for i := range 2 {
		passed("a login", 100, func() *authtest.Response {
			return c.from("198.51.100."+strconv.Itoa(2+i)).Post("/auth/login/", authtest.Login("ann"))
		})
		passed("a confirmation", 50, func() *authtest.Response {
			return home.Post("/auth/reauthenticate/", obj{"password": authtest.Password})
		})
	}
	close(stop)
	flood.Wait()
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
