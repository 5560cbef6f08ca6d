// Package authtest helps applications to test what is behind a login: an [App] with a
// library configured for tests, a [Client] that keeps cookies, a [Clock] that stands
// still, and a [Log].
//
//	app := authtest.New(t, db)
//	ann := app.Client(t)
//	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
//	ann.Get("/auth/user/").Want(200)
//
// With a [Mailbox] it has mails, too: links and codes are read out of them.
//
// It imports no database driver.
package authtest

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
)

// Secret is what New sets as Config.Secret.
const Secret config.Secret = "for tests only: kGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"

// App is an application under test.
type App struct {
	Auth   *ginauth.Auth
	Router *gin.Engine // the library's routes are registered below /auth
	Clock  *Clock
	Log    *Log
}

// New makes an App on a database, whose tables it creates. The configuration has a
// secret, the App's clock and logger, and a hash that is too cheap for anything but
// tests; each of change may alter it. Whatever goes wrong ends the test.
func New(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := Prepare(t, db, change...)
	if err := app.Auth.Register(app.Router); err != nil {
		t.Fatal(err)
	}
	return app
}

// Prepare is New without the routes, for applications that register them on their own router
// or have middleware for them.
func Prepare(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := Unmigrated(t, db, change...)
	if err := app.Auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return app
}

// Unmigrated is Prepare without the tables.
func Unmigrated(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := &App{Clock: NewClock(), Log: &Log{}, Router: newRouter()}
	cfg := config.Config{
		Secret: Secret,
		Now:    app.Clock.Now,
		Logger: slog.New(slog.NewTextHandler(app.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Hash:   config.Hash{Memory: 64, Time: 1, Parallel: 8, Wait: 10 * time.Second, InsecureCheapForTests: true},
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if app.Auth, err = ginauth.New(db, cfg); err != nil {
		t.Fatal(err)
	}
	return app
}

// newRouter makes an engine that does not write to the console.
func newRouter() *gin.Engine {
	quiet.Do(func() { gin.SetMode(gin.ReleaseMode) })
	router := gin.New()
	router.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) { c.AbortWithStatus(599) }))
	return router
}

var quiet sync.Once

// Clock is a clock that moves only when told to. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a Clock at a fixed time.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)}
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Log keeps what was logged. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String returns everything that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
