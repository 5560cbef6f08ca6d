package dbtest

// Panics and a full disk, outside of and within requests.

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// eventually waits until a condition is true. It polls, for what happens in other goroutines.
func (c *Case) eventually(what string, done func() bool) {
	c.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !done(); <-tick.C {
		if time.Now().After(end) {
			c.Fatalf("%s did not happen", what)
		}
	}
}

// panicsInTheBackground: a panic in a sweep of a feature, or in a callback of GORM, is logged and ends neither the process nor the work.
func panicsInTheBackground(c *Case) {
	var inSweep, inQuery, swept atomic.Bool
	c.With(func(s *core.Setup) error {
		s.Name("jumpy")
		s.Sweep(func(context.Context, time.Time) error {
			if inSweep.Load() {
				panic("canary")
			}
			swept.Store(true)
			return nil
		})
		return nil
	}).StartMail(func(cfg *config.Config) { cfg.Mail.Poll = 10 * time.Millisecond })
	c.beforeAll("jumpy", func(db *gorm.DB) {
		if inQuery.Load() && !db.DryRun {
			panic("canary")
		}
	})
	inSweep.Store(true)
	if _, err := c.Auth.Sweep(c.Context()); err == nil {
		c.Error("a sweep that panicked succeeded")
	}
	ctx, cancel := context.WithCancel(c.Context())
	done := make(chan error, 1)
	go func() { done <- c.Auth.Run(ctx) }()
	c.eventually("a panic in the sweep of Run", func() bool { return strings.Count(c.Log.String(), `in="a sweep"`) >= 2 })
	inQuery.Store(true)
	c.eventually("a panic in the search for mails", func() bool { return strings.Contains(c.Log.String(), `in="the search for a mail"`) })
	inQuery.Store(false)
	c.SignedUp("ann")
	c.eventually("a mail", func() bool { return len(c.Box.Empty()) > 0 })
	cancel()
	if err := <-done; err != nil {
		c.Error(err)
	}
	inSweep.Store(false)
	if _, err := c.Auth.Sweep(c.Context()); err != nil || !swept.Load() {
		c.Errorf("the next sweep: %v", err)
	}
	if strings.Contains(c.Log.String(), "canary") {
		c.Error("the value of a panic is in the log")
	}
}

// fill makes the disk full: the file of SQLite cannot grow, and has no free room. It returns a function that makes room again.
func (c *Case) fill() (empty func()) {
	c.Helper()
	one, err := c.DB.DB()
	c.must(err)
	one.SetMaxOpenConns(1) // the limit is one of the connection
	var pages int
	c.must(c.DB.Exec("CREATE TABLE filler (x BLOB)").Error)
	c.must(c.DB.Raw("PRAGMA page_count").Scan(&pages).Error)
	c.must(c.DB.Exec(fmt.Sprint("PRAGMA max_page_count = ", pages+2)).Error)
	for _, size := range []int{1000, 100, 10, 1} {
		var err error
		for n := 0; err == nil && n < 10_000; n++ {
			err = c.DB.Exec("INSERT INTO filler VALUES (zeroblob(?))", size).Error
		}
	}
	return func() {
		c.must(c.DB.Exec("PRAGMA max_page_count = 1000000").Error)
		c.must(c.DB.Exec("DROP TABLE filler").Error)
	}
}

// fullDiskIs503: on a full disk, what cannot be written is 503 and not half done. What needs no room works, and everything does when there is room.
func fullDiskIs503(c *Case) {
	c.StartMail(audited, withEachCredential, byCode, func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	if c.DB.Name() != "sqlite" {
		return
	}
	ann := c.verified("ann")
	refresh := c.loginAs("ann", "jwt").Refresh
	c.Mails()
	room := c.fill()
	type step struct {
		method, path string
		body         any
		status       int
	}
	ask := obj{"email": "ann@example.com"}
	for name, in := range map[string]step{
		"registration": {"POST", "registration/", authtest.SignUp("bob"), 201},
		"login":        {"POST", "login/", authtest.Login("ann"), 200},
		"reset":        {"POST", "password/reset/", ask, 200},
		"code":         {"POST", "login/code/", ask, 200},
		"refresh":      {"POST", "token/refresh/", obj{"refresh": refresh}, 200},
		"address":      {"POST", "emails/", obj{"email": "second@example.com", "password": authtest.Password}, 201},
		"password":     {"POST", "password/change/", change(authtest.Password, "Mirror-Maze-88"), 200},
		"token":        {"POST", "tokens/", obj{"name": "backup"}, 201},
		"user":         {"GET", "user/", nil, 200},
		"sessions":     {"GET", "sessions/", nil, 200},
		"wrong login":  {"POST", "login/", obj{"username": "ann", "password": "wrong"}, 400},
	} {
		before, client := c.wholeDumpSorted(), ann.Clone()
		if name == "registration" || strings.HasSuffix(name, "login") {
			client = c.Client()
		}
		r := client.Do(in.method, "/auth/"+in.path, in.body)
		mustWork := in.method == "GET"
		switch {
		case r.StatusCode == in.status: // there was room
		case r.StatusCode == 503 && !mustWork && !setsCookie(r):
			if after := c.wholeDumpSorted(); after != before {
				c.Errorf("%s is incomplete: %s", name, difference(before, after))
			}
		default:
			c.Errorf("%s on a full disk: %d %s", name, r.StatusCode, r.Text)
		}
		if mustFail := name == "registration" || name == "address"; mustFail && r.StatusCode != 503 {
			c.Errorf("%s found room on a full disk", name)
		}
	}
	if _, err := c.Auth.SendOutbox(c.Context()); err != nil {
		c.Logf("sending on a full disk: %v", err) // an error is fine, a panic is not
	}
	room()
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).Want(201)
	c.Client().Post("/auth/password/reset/", ask).Want(200)
	c.mailTo("ann@example.com", "reset")
	ann.Get("/auth/user/").Want(200)
	if n := c.count(&models.User{}); n != 2 {
		c.Errorf("%d users", n)
	}
}
