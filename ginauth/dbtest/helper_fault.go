package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// fuse makes the n-th statement from now on fail. While it is blown, every later statement fails as well. With n = 0 it
// is off. once makes that many statements fail and no more. Statements for which only returns false do not count. After
// a failed statement, the same transaction must have no other one: MySQL ends the transaction at a deadlock, and would
// commit the next statement by itself.
type fuse struct {
	left, once atomic.Int64
	only       func(*gorm.DB) bool // nil means every statement
	ended      sync.Map            // transactions in which a statement failed
}

// burn counts one statement atomically, since several can run concurrently.
func (f *fuse) burn() {
	for {
		n := f.left.Load()
		next := n - 1
		if next == 0 {
			next = -1 // blown
		}
		if n <= 0 || f.left.CompareAndSwap(n, next) {
			return
		}
	}
}

var errFuse = errors.New("the network cable is unplugged, said root@10.0.0.7")

func (f *fuse) install(c *Case) {
	step := func(db *gorm.DB) {
		if db.DryRun || f.only != nil && !f.only(db) { // DryRun is a part of another statement
			return
		}
		f.burn()
		tx := transactionOf(db.Statement.ConnPool)
		if _, ended := f.ended.Load(tx); tx != nil && ended {
			c.Errorf("a statement follows one that failed, in the same transaction, on table %q", db.Statement.Table)
		}
		if f.left.Load() < 0 || f.once.Load() > 0 && f.once.Add(-1) >= 0 {
			_ = db.AddError(errFuse)
			f.ended.Store(tx, true)
		}
	}
	callbacks := c.DB.Callback()
	for _, err := range []error{
		callbacks.Query().Before("*").Register("fuse", step), callbacks.Create().Before("*").Register("fuse", step),
		callbacks.Update().Before("*").Register("fuse", step), callbacks.Delete().Before("*").Register("fuse", step),
		callbacks.Row().Before("*").Register("fuse", step), callbacks.Raw().Before("*").Register("fuse", step),
	} {
		if err != nil {
			c.Fatal(err)
		}
	}
}

// transactionOf returns the transaction of a statement, or nil without one. A pool that prepares statements embeds
// it.
func transactionOf(pool gorm.ConnPool) *sql.Tx {
	if tx, plain := pool.(*sql.Tx); plain {
		return tx
	}
	if v := reflect.Indirect(reflect.ValueOf(pool)); v.Kind() == reflect.Struct {
		if inner := v.FieldByName("Tx"); inner.IsValid() {
			return transactionOf(inner.Interface().(gorm.ConnPool))
		}
	}
	return nil
}

// deadlock is a deadlock as PostgreSQL's driver reports it.
type deadlock struct{}

func (deadlock) Error() string { return "deadlock detected" }

func (deadlock) SQLState() string { return "40P01" }

// meeting lets goroutines continue when n have arrived, or five seconds after the first.
type meeting struct {
	missing atomic.Int64
	begins  chan struct{}
	once    sync.Once
}

func newMeeting(n int64) *meeting {
	m := &meeting{begins: make(chan struct{})}
	m.missing.Store(n)
	return m
}

// join waits for the others. It returns at once if the meeting has ended or is nil.
func (m *meeting) join() {
	if m == nil {
		return
	}
	begin := func() { m.once.Do(func() { close(m.begins) }) }
	if m.missing.Add(-1) <= 0 {
		begin()
	}
	select {
	case <-m.begins:
	case <-time.After(5 * time.Second):
		begin()
	}
}

// inBackend runs it after the user was read and before the password is compared.
func (m *interruption) inBackend(cfg *config.Config) {
	cfg.Backends = []config.Backend{config.BackendFunc(func(context.Context, config.Credentials) (models.Account, error) {
		m.run()
		return nil, nil
	}), config.PasswordBackend{}}
}

// secured logs a thief in as ann. During the thief's next request, ann opens "it was not me".
func (c *Case) secureDuringThiefsRequest(m *interruption) (thief *authtest.Client) {
	c.Helper()
	c.verified("ann")
	thief = c.LoggedIn("ann")
	notice := c.Mail("new_device").Key(c.T)
	c.Clock.Advance(time.Second)
	m.set(func() { c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200) })
	return thief
}

// claimed has mallory claim an address, and confirm another one during a request of the owner. It returns the mail that
// the owner asked for.
func (c *Case) confirmDuringRequest(m *interruption, ask func(), kind string) authtest.Mail {
	c.Helper()
	mallory := c.owner("mallory", "victim@example.com")
	c.Mails()
	_, own := c.added(mallory, "mallory@example.com")
	ask()
	mail := c.Mail(kind)
	m.set(func() { verifyIn(mallory, own.Key(c.T)).Want(200) })
	return mail
}

// concurrently runs f n times at the same moment and counts the status codes.
func (c *Case) concurrently(n int, f func(i int) *authtest.Response) map[int]int {
	var (
		start, done sync.WaitGroup
		mu          sync.Mutex
		statuses    = map[int]int{}
	)
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			r := f(i)
			mu.Lock()
			defer mu.Unlock()
			statuses[r.StatusCode]++
		})
	}
	start.Done()
	done.Wait()
	return statuses
}

func (c *Case) wantOneWinner(got map[int]int, won, lost, losers int) {
	c.Helper()
	if got[won] != 1 || got[lost] != losers {
		c.Errorf("got %v, want one %d and %d times %d; log: %s", got, won, losers, lost, c.Log)
	}
	if n := c.count(&models.User{}); won == 201 && n != 1 {
		c.Errorf("%d users", n)
	}
}

// interruption is work that runs once, in the middle of a request.
type interruption struct{ work atomic.Pointer[func()] }

func (m *interruption) set(work func()) { m.work.Store(&work) }

func (m *interruption) run() {
	if work := m.work.Swap(nil); work != nil {
		(*work)()
	}
}

// Read runs it when randomness is needed.
func (m *interruption) Read(b []byte) (int, error) {
	m.run()
	return io.ReadFull(rand.Reader, b)
}

// afterReading runs it when a row of a table was read.
func (m *interruption) afterReading(c *Case, table string) {
	c.Helper()
	c.afterReads(func(db *gorm.DB) {
		if db.Statement.Table == table {
			m.run()
		}
	})
}

// beforeReads runs fn before each statement that reads, except raw SQL.
func (c *Case) beforeReads(fn func(*gorm.DB)) {
	c.Helper()
	all := c.DB.Callback()
	if err := errors.Join(all.Query().Before("*").Register("test", fn), all.Row().Before("*").Register("test", fn)); err != nil {
		c.Fatal(err)
	}
}

// afterReads runs fn after each statement that reads.
func (c *Case) afterReads(fn func(*gorm.DB)) {
	c.Helper()
	all := c.DB.Callback()
	if err := errors.Join(all.Query().After("*").Register("test", fn), all.Row().After("*").Register("test", fn)); err != nil {
		c.Fatal(err)
	}
}

type slowLogin struct{ binding.Login }

// inLogin runs it between the check of the password and the transaction of a login.
func (m *interruption) inLogin(cfg *config.Config) {
	cfg.Forms.Login = config.Form(func(*slowLogin, *models.User) error { m.run(); return nil })
}
