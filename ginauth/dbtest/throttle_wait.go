package dbtest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// nextLogins is how many logins prepare for their hash if one hash runs at a time.
const nextLogins = 17

// queue lets logins wait for the only slot.
type queue struct {
	*Case
	watcher
	meter
	slow     interruption
	statuses chan int // of logins that have ended
	waiting  int
}

// startQueue starts an application in which one hash runs at a time.
func (c *Case) startQueue(change ...func(*config.Config)) *queue {
	c.Helper()
	q := &queue{Case: c, statuses: make(chan int, 40)}
	c.With(q.feature).Start(append(change, func(cfg *config.Config) {
		cfg.Hash.Parallel, cfg.Hash.Wait, cfg.Rand = 1, 10*time.Second, &q.slow
	})...)
	q.install(c)
	return q
}

// hashing does something while a hash runs.
func (q *queue) hashing(something func()) {
	q.Helper()
	q.slow.set(something)
	if _, err := q.core.HashPassword(q.Context(), authtest.Password); err != nil {
		q.Fatal(err)
	}
}

// send logs in, and returns the statements until the login waits or has ended.
func (q *queue) send(b *authtest.Client, body any) (statements string) {
	q.Helper()
	q.meter.take()
	go func() { q.statuses <- b.Post("/auth/login/", body).StatusCode }()
	for end := time.Now().Add(time.Minute); q.core.HashStats().Waiting == q.waiting && len(q.statuses) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			q.Fatal("a login neither waits nor ends")
		}
	}
	q.waiting = q.core.HashStats().Waiting
	return q.meter.take()
}

// sendGuess sends a login from an address, and fails unless only the next logins ask the database.
func (q *queue) sendGuess(from string) {
	q.Helper()
	if statements := q.send(q.from(from), wrong("user"+strconv.Itoa(q.waiting))); (statements == "") != (q.waiting > nextLogins) {
		q.Errorf("waiting as number %d cost %q", q.waiting, statements)
	}
}

// sendGuesses sends logins from different networks until two of them wait for a place.
func (q *queue) sendGuesses() {
	q.Helper()
	for i := range nextLogins + 2 {
		q.sendGuess("198.51.100." + strconv.Itoa(i))
	}
}

// ends waits until all logins that wait have ended, and returns how many had each status.
func (q *queue) ends() map[int]int {
	got := map[int]int{}
	for range q.waiting {
		got[<-q.statuses]++
	}
	return got
}

// loginsInVainCostNothing: only the next logins ask the database. A login that would time out before its hash, behind others
// of its network, is refused at once. Known browsers of the network and other networks wait, and all that wait get their hash.
func loginsInVainCostNothing(c *Case) { c.loginsInVain(func(int) string { return "203.0.113.2" }) }

// loginsOfAWideNetworkWaitForEachOther: an IPv6 /48 has 65,536 networks and costs no more than one.
func loginsOfAWideNetworkWaitForEachOther(c *Case) {
	c.loginsInVain(func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i) })
}

// loginsInVain floods an application from addresses of one network.
func (c *Case) loginsInVain(address func(i int) string) {
	c.Helper()
	q := c.startQueue(limited, func(cfg *config.Config) { cfg.Limits.Network = config.Limit{Attempts: 1000, Per: time.Minute} })
	q.hashing(func() { time.Sleep(time.Second) }) // so long takes a hash, as far as the gate knows
	c.User(c.T, "ann")
	home := c.from(address(0))
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	q.watcher.take()
	q.hashing(func() {
		for i := 0; len(q.statuses) == 0; i++ {
			if i == cap(q.statuses) {
				c.Fatal("all logins of the network wait")
			}
			q.sendGuess(address(i))
		}
		if refused := <-q.statuses; q.waiting <= nextLogins || refused != 503 {
			c.Errorf("%d waited, the next one got %d", q.waiting, refused)
		}
		if told := q.watcher.take("login", "hash"); told != "hash busy, login password busy" {
			c.Error(told)
		}
		q.send(c.from("203.0.113.3"), wrong("eve"))
		q.send(home, authtest.Login("ann"))
	})
	if got := q.ends(); got[200] != 1 || got[400] != q.waiting-1 {
		c.Errorf("of those that waited, so many got a status: %v", got)
	}
}

// limitedLoginsDoNotWait: a name with too many attempts gets 429 at once, and not 503 after the wait of others.
func limitedLoginsDoNotWait(c *Case) {
	q := c.startQueue(limited)
	guess(c.from("203.0.113.1"), "ann", 10)
	q.hashing(func() {
		q.sendGuesses()
		c.from("203.0.113.2").Post("/auth/login/", wrong("ann")).Want(429)
	})
	if got := q.ends(); got[400] != nextLogins+2 {
		c.Error(got)
	}
}

// withoutLimitsLoginsWaitAsWell, so that a storm asks the database no more than with them.
func withoutLimitsLoginsWaitAsWell(c *Case) {
	q := c.startQueue()
	q.hashing(q.sendGuesses)
	if got := q.ends(); got[400] != nextLogins+2 {
		c.Error(got)
	}
}

// usersOfADirectoryWaitForNoHash: if another backend comes first, a login may need no hash.
func usersOfADirectoryWaitForNoHash(c *Case) {
	directory := config.BackendFunc(func(_ context.Context, given config.Credentials) (models.Account, error) {
		if given.Username != "dora" {
			return nil, nil
		}
		dora := &models.User{Username: "dora", Email: "dora@example.com"}
		dora.SetBackend("directory", "dora")
		return dora, nil
	})
	q := c.startQueue(limited, func(cfg *config.Config) { cfg.Backends = []config.Backend{directory, config.PasswordBackend{}} })
	c.from("203.0.113.1").Post("/auth/login/", authtest.Login("dora")).Want(200)
	q.hashing(func() {
		for i := range nextLogins + 2 {
			q.send(c.from("198.51.100."+strconv.Itoa(i)), wrong("user"+strconv.Itoa(i)))
		}
		c.from("203.0.113.1").Post("/auth/login/", authtest.Login("dora")).Want(200)
	})
	if got := q.ends(); got[400] != nextLogins+2 {
		c.Error(got)
	}
}

// loginsWithoutAHashHoldUpNoOthers: the place of a login that fails before its hash is free again.
func loginsWithoutAHashHoldUpNoOthers(c *Case) {
	c.Start(limited, func(cfg *config.Config) { cfg.Hash.Parallel, cfg.Hash.Wait = 1, time.Second })
	c.User(c.T, "ann")
	var f fuse
	f.only = func(db *gorm.DB) bool { return db.Statement.Table == "auth_user" }
	f.install(c)
	for range nextLogins + 1 {
		f.once.Store(1)
		c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).Want(503)
	}
	f.once.Store(0)
	c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).Want(200)
}
