package dbtest

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// incompleteRequestsAreNoFailures: what compares no secret, or comes with a valid one, does not use up what an office has.
func incompleteRequestsAreNoFailures(c *Case) {
	c.StartMail(limited, byCode)
	c.verified("ann")
	office := c.from("203.0.113.1")
	for range 15 {
		for _, path := range []string{"registration/verify-email/", "password/reset/confirm/", "security/revoke/", "login/code/confirm/"} {
			office.Post("/auth/"+path, obj{}).Want(400)
		}
	}
	c.from("198.51.100.1").Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	mail := c.Mail("reset")
	for range 15 { // too weak in general, and for this user
		for _, password := range []string{"x", "ann@example.com"} {
			office.Post("/auth/password/reset/confirm/", resetForm(mail.UID(c.T), mail.Key(c.T), password)).Want(400)
		}
	}
	tried := 0
	for ; office.Post("/auth/login/code/confirm/", obj{"key": "nonsense"}).StatusCode == 400; tried++ {
	}
	if tried != 30 {
		c.Error(tried)
	}
}

// failedVerificationsLeaveRefreshes: a server that verifies invalid tokens does not keep users from refreshing theirs.
func failedVerificationsLeaveRefreshes(c *Case) {
	c.Start(limited, withJWT, func(cfg *config.Config) { cfg.Limits.Refresh = config.Limit{Attempts: 3, Per: time.Minute} })
	b := c.from("203.0.113.1")
	for range 4 { // the last one finds the bucket full
		b.Post("/auth/token/verify/", obj{"token": "nonsense"}).Want(401)
	}
	b.Post("/auth/token/verify/", obj{"token": "nonsense"}).Want(429)
	b.Post("/auth/token/refresh/", obj{"refresh": "nonsense"}).Want(401)
}

// outageOfABackendIsNoGuess: users can log in as soon as the backend works again.
func outageOfABackendIsNoGuess(c *Case) {
	var failure error
	directory := config.BackendFunc(func(_ context.Context, given config.Credentials) (models.Account, error) { return nil, failure })
	c.Start(limited, func(cfg *config.Config) { cfg.Backends = []config.Backend{directory, config.PasswordBackend{}} })
	c.User(c.T, "ann")
	b := c.from("203.0.113.1")
	b.Post("/auth/login/", authtest.Login("ann")).Want(200)
	failure = errors.New("no connection")
	for range 40 {
		c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).Want(503)
		b.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(503)
	}
	failure = nil
	if tried, _ := guess(c.from("203.0.113.1"), "ann", 10); tried != 5 {
		c.Error(tried)
	}
	b.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
}

// manyRowsAreSwept: in batches, and none that is still needed.
func manyRowsAreSwept(c *Case) {
	c.Start(limited)
	rows := make([]models.Limit, 2500)
	for i := range rows {
		rows[i] = models.Limit{Name: "row" + strconv.Itoa(i), Kind: "login", ExpiresAt: c.Clock.Now().UnixMilli() + int64(i%5/4)}
	}
	if err := c.DB.CreateInBatches(rows, 100).Error; err != nil {
		c.Fatal(err)
	}
	var m meter
	m.install(c)
	if _, err := c.Auth.Sweep(c.Context()); err != nil || c.count(&models.Limit{}) != 500 {
		c.Error(c.count(&models.Limit{}), err)
	}
	if log := m.take(); strings.Count(log, "delete auth_limit") < 2 {
		c.Error(log)
	}
}

// limitedResponsesNameTheLimit: alike for any name, and no other response tells how many attempts are left.
func limitedResponsesNameTheLimit(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	for i, name := range []string{"ann", "unknown"} {
		b := c.from("203.0.113." + strconv.Itoa(i))
		for range 5 {
			if r := b.Post("/auth/login/", wrong(name)).Want(400); r.Header.Get("RateLimit") != "" || r.Header.Get("RateLimit-Policy") != "" {
				c.Error(r.Header)
			}
		}
		for range 2 { // from the store, and from memory
			r := b.Post("/auth/login/", wrong(name)).Want(429)
			if r.Header.Get("RateLimit-Policy") != `"Login";q=5;w=4500` || r.Header.Get("RateLimit") != `"Login";r=0;t=30` || r.Header.Get("Retry-After") != "30" {
				c.Error(name, r.Header)
			}
		}
	}
	b := c.from("203.0.113.9")
	for i := range 30 {
		b.Post("/auth/login/", wrong("user"+strconv.Itoa(i))).Want(400)
	}
	if r := b.Post("/auth/login/", wrong("user")).Want(429); r.Header.Get("RateLimit-Policy") != `"Network";q=30;w=300` || r.Header.Get("RateLimit") != `"Network";r=0;t=10` {
		c.Error(r.Header)
	}
}
