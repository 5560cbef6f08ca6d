package dbtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
	"gorm.io/gorm"
)

var underwayCases = []func(*Case){
	DeletedWhileLoggingIn, DeletedForGoodWhileLoggingIn, SecuredWhileLoggingIn, LoggedInWhileSecuring, SecuredDuringPasswordChanges,
	DeletedByACallWhileLoggingIn,
}

// meanwhile is run once, by whoever is under way.
type meanwhile struct{ work atomic.Pointer[func()] }

func (m *meanwhile) set(work func()) { m.work.Store(&work) }

func (m *meanwhile) run() {
	if work := m.work.Swap(nil); work != nil {
		(*work)()
	}
}

// Read runs it when randomness is needed.
func (m *meanwhile) Read(b []byte) (int, error) {
	m.run()
	return io.ReadFull(rand.Reader, b)
}

// afterReading runs it when a row of a table was read.
func (m *meanwhile) afterReading(c *Case, table string) {
	c.Helper()
	err := c.DB.Callback().Query().After("*").Register("meanwhile", func(db *gorm.DB) {
		if db.Statement.Table == table {
			m.run()
		}
	})
	if err != nil {
		c.Fatal(err)
	}
}

type slowLogin struct{ binding.Login }

// inLogin runs it between the check of a password and the transaction.
func (m *meanwhile) inLogin(cfg *config.Config) {
	cfg.Forms.Login = config.Form(func(*slowLogin, *models.User) error { m.run(); return nil })
}

// DeletedWhileLoggingIn: a login whose password was right before the account was to be deleted
// neither lives in it nor takes it back; the next one does.
func DeletedWhileLoggingIn(c *Case) {
	var m meanwhile
	c.startMail(m.inLogin, func(cfg *config.Config) { cfg.DeleteGrace = time.Hour })
	ann, other := c.verified("ann"), c.client()
	m.set(func() { ann.Post("/auth/user/delete/", nil).Want(200) })
	other.Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	other.Get("/auth/user/").Want(401)
	if c.user("ann").DeleteAt == nil || c.count(&models.Session{}) != 0 {
		c.Errorf("%d sessions, to be deleted at %v", c.count(&models.Session{}), c.user("ann").DeleteAt)
	}
	other.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if c.user("ann").DeleteAt != nil {
		c.Error("a login did not take the account back")
	}
}

// DeletedForGoodWhileLoggingIn: nothing is left of who was deleted, and nobody logs in as him.
func DeletedForGoodWhileLoggingIn(c *Case) {
	var m meanwhile
	c.startMail(m.inLogin)
	ann := c.verified("ann")
	m.set(func() { ann.Post("/auth/user/delete/", nil).Want(200) })
	c.client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	if sessions, tickets, mails := c.count(&models.Session{}), c.count(&models.Ticket{}), c.kinds(); sessions+tickets != 0 || mails["new_device"] != 0 {
		c.Errorf("%d sessions, %d tickets, mails %v", sessions, tickets, mails)
	}
}

// SecuredWhileLoggingIn: a thief whose password was right before the owner said that it was not
// him does not come in, nor void the link for a new password.
func SecuredWhileLoggingIn(c *Case) {
	var m meanwhile
	c.startMail(m.inLogin)
	c.verified("ann")
	c.loggedIn("ann")
	notice := c.mail("new_device").Key(c.T)
	c.Clock.Advance(time.Second)
	m.set(func() { c.client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200) })
	c.client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.reset(c.mail("secured"), "Mirror-Maze-88").Want(200)
}

// LoggedInWhileSecuring: nor does one who came in just before.
func LoggedInWhileSecuring(c *Case) {
	var m meanwhile
	c.startMail()
	m.afterReading(c, "auth_user")
	c.verified("ann")
	c.loggedIn("ann")
	notice, thief := c.mail("new_device").Key(c.T), c.client()
	c.Clock.Advance(time.Second)
	m.set(func() { thief.Post("/auth/login/", authtest.Login("ann")).Want(200) })
	c.client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	thief.Get("/auth/user/").Want(401)
	for _, mail := range c.mails() {
		if mail.Kind == "secured" {
			c.reset(mail, "Mirror-Maze-88").Want(200)
			return
		}
	}
	c.Error("there was no mail with a link for a new password")
}

// SecuredDuringPasswordChanges: the two lock user and tickets in different orders, which is a
// deadlock at times, and whoever lost it tries again from the start.
func SecuredDuringPasswordChanges(c *Case) {
	c.startMail()
	for i := range 8 {
		name := fmt.Sprint("ann", i)
		c.verified(name)
		thief, owner := c.loggedIn(name), c.client()
		notice := c.mail("new_device").Key(c.T)
		var all sync.WaitGroup
		password := authtest.Password
		all.Go(func() {
			for k := range 6 {
				next := fmt.Sprintf("Mirror-Maze-%d", 80+k)
				if thief.Post("/auth/password/change/", change(password, next)).StatusCode != 200 {
					return
				}
				password = next
			}
		})
		all.Go(func() { owner.Post("/auth/security/revoke/", obj{"key": notice}).Want(200) })
		all.Wait()
		c.client().Post("/auth/login/", obj{"username": name, "password": password}).WantProblems("non_field_errors invalid_credentials")
		c.mails()
	}
}

// DeletedByACallWhileLoggingIn: a call that deletes waits for a login that is almost done, and
// deletes its session, too.
func DeletedByACallWhileLoggingIn(c *Case) {
	type deleting struct{}
	var m meanwhile
	reached := make(chan struct{})
	c.start(func(cfg *config.Config) {
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
	if c.DB.Name() == "sqlite" { // where the call waits before its first statement
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
	c.client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	call.Wait()
	if users, sessions := c.count(&models.User{}), c.count(&models.Session{}); users+sessions != 0 {
		c.Errorf("%d users, %d sessions", users, sessions)
	}
}
