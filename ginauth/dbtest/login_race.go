package dbtest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// concurrentLoginsOfDifferentUsers: users who log in at the same time do not cause errors for each other, at any
// isolation level (dexidp/dex#1341). Four transactions read all sessions, in a hook of the application, before one of
// them inserts its own. SERIALIZABLE refuses at least one of them.
func concurrentLoginsOfDifferentUsers(c *Case) {
	const users, rounds = 12, 5
	var calls atomic.Int64
	var round atomic.Pointer[meeting]
	c.Start(func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(_ context.Context, tx *gorm.DB, _ config.Event) error {
			var sessions int64
			err := tx.Model(&models.Session{}).Count(&sessions).Error
			calls.Add(1)
			round.Load().join()
			return err
		}
	})
	names := make([]string, users)
	for i := range names {
		names[i] = "user" + string(rune('a'+i))
		c.SignedUp(names[i])
	}
	calls.Store(0)
	for range rounds {
		if c.DB.Name() != "sqlite" { // SQLite has one transaction at a time
			round.Store(newMeeting(4)) // the number of connections of the pgbouncer in .ci
		}
		var all sync.WaitGroup
		for _, name := range names {
			browser := c.Client()
			all.Go(func() { browser.Post("/auth/login/", authtest.Login(name)).Want(200) })
		}
		all.Wait()
	}
	var level string
	if c.DB.Name() == "postgres" {
		c.DB.Raw("SHOW transaction_isolation").Scan(&level)
	}
	if calls.Load() == users*rounds && level == "serializable" {
		c.Error("no login was retried, so this case tests nothing")
	}
}

// raceOfLoginAndChange covers T023 and T123: in any order, no session of the old password survives, and a late rehash
// does not restore the old password.
func raceOfLoginAndChange(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.set("ann", obj{"password": djangoEncodings()[0]}) // each login rehashes it
	const n = 20
	var browsers [n]*authtest.Client
	got := c.concurrently(n, func(i int) *authtest.Response {
		if i == n/2 {
			browsers[i] = ann
			return ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"))
		}
		browsers[i] = c.Client()
		return browsers[i].Post("/auth/login/", authtest.Login("ann"))
	})
	if got[200]+got[400]+got[401] != n {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
	changed := c.user("ann").SessionEpoch == 1
	alive := 0
	for i, b := range browsers {
		if r := b.Get("/auth/user/"); r.StatusCode == 200 && i != n/2 {
			alive++
		}
	}
	if changed && alive > 0 {
		c.Errorf("%d sessions of the old password are alive", alive)
	}
	old := c.Client().Post("/auth/login/", authtest.Login("ann"))
	if changed != (old.StatusCode == 400) {
		c.Errorf("changed %v, but the old password returned %d", changed, old.StatusCode)
	}
}

// deletedWhileLoggingIn: a login whose password was checked before the account was scheduled for deletion gets no
// session and does not cancel the deletion. The next login does.
func deletedWhileLoggingIn(c *Case) {
	var m interruption
	c.StartMail(m.inLogin, func(cfg *config.Config) { cfg.DeleteGrace = time.Hour })
	ann, other := c.verified("ann"), c.Client()
	m.set(func() { ann.Post("/auth/user/delete/", nil).Want(200) })
	other.Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	other.Get("/auth/user/").Want(401)
	if c.user("ann").DeleteAt == nil || c.count(&models.Session{}) != 0 {
		c.Errorf("%d sessions, to be deleted at %v", c.count(&models.Session{}), c.user("ann").DeleteAt)
	}
	other.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if c.user("ann").DeleteAt != nil {
		c.Error("a login did not cancel the deletion")
	}
}

// deletedPermanentlyWhileLoggingIn: nothing of the user is left, and no login succeeds.
func deletedPermanentlyWhileLoggingIn(c *Case) {
	var m interruption
	c.StartMail(m.inLogin)
	ann := c.verified("ann")
	m.set(func() { ann.Post("/auth/user/delete/", nil).Want(200) })
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	if sessions, tickets, mails := c.count(&models.Session{}), c.count(&models.Ticket{}), c.kinds(); sessions+tickets != 0 || mails["new_device"] != 0 {
		c.Errorf("%d sessions, %d tickets, mails %v", sessions, tickets, mails)
	}
}

// securedWhileLoggingIn: a thief whose password was checked before the owner said "it was not me" does not log in, and
// does not void the link for a new password.
func securedWhileLoggingIn(c *Case) {
	var m interruption
	c.StartMail(m.inLogin)
	c.verified("ann")
	c.LoggedIn("ann")
	notice := c.Mail("new_device").Key(c.T)
	c.Clock.Advance(time.Second)
	m.set(func() { c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200) })
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.reset(c.Mail("secured"), "Mirror-Maze-88").Want(200)
}

// loggedInWhileSecuring: the same for a thief who logged in just before.
func loggedInWhileSecuring(c *Case) {
	var m interruption
	c.StartMail()
	m.afterReading(c, "auth_user")
	c.verified("ann")
	c.LoggedIn("ann")
	notice, thief := c.Mail("new_device").Key(c.T), c.Client()
	c.Clock.Advance(time.Second)
	m.set(func() { thief.Post("/auth/login/", authtest.Login("ann")).Want(200) })
	c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	thief.Get("/auth/user/").Want(401)
	for _, mail := range c.Mails() {
		if mail.Kind == "secured" {
			c.reset(mail, "Mirror-Maze-88").Want(200)
			return
		}
	}
	c.Error("no mail has a link for a new password")
}

// deletedByACallWhileLoggingIn: DeleteUser waits for a login that is almost done, and deletes its session as well.
func deletedByACallWhileLoggingIn(c *Case) {
	type deleting struct{}
	var m interruption
	reached := make(chan struct{})
	c.Start(func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(ctx context.Context, _ *gorm.DB, _ config.Event) error {
			m.run()
			select {
			case <-reached:
			case <-ctx.Done():
			}
			return ctx.Err()
		}
	})
	reach := sync.OnceFunc(func() { close(reached) })
	if c.DB.Name() == "sqlite" { // there the call waits before its first statement
		reach()
	}
	c.beforeWrites(func(db *gorm.DB) {
		if db.Statement.Context.Value(deleting{}) != nil && db.Statement.Table == "auth_user" {
			reach()
		}
	})
	id := c.created("ann", "ann@example.com").ID
	var call sync.WaitGroup
	m.set(func() {
		call.Go(func() {
			if err := c.Auth.DeleteUser(context.WithValue(c.Context(), deleting{}, true), id); err != nil {
				c.Error(err)
			}
		})
	})
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	call.Wait()
	if users, sessions := c.count(&models.User{}), c.count(&models.Session{}); users+sessions != 0 {
		c.Errorf("%d users, %d sessions", users, sessions)
	}
}
