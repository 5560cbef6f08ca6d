// Package authtest helps applications to test what is behind a login: an [App] with a
// library configured for tests, users, a [Client] that keeps cookies, a [Clock] that stands
// still, a [Log], and a [Mailbox]. Package memory below it has an App on SQLite in memory:
//
//	func TestCompany(t *testing.T) {
//		app := memory.New(t, func(cfg *config.Config) { cfg.NewUser = config.Model[Member]() })
//		router := routes(app.Auth) // the application's own
//		ann := authtest.UserAs[Member](t, app, "ann", func(m *Member) { m.Company = "Acme" })
//
//		answer := httptest.NewRecorder()
//		router.ServeHTTP(answer, app.As(t, ann, httptest.NewRequest("GET", "/api/company", nil)))
//		// answer.Code is 200
//	}
//
// # Users and logins
//
// [App.User] and [UserAs] store a user who may log in. [App.As] makes a request one of that user,
// [App.Login] returns a whole browser that is logged in. Both begin a real session and send what
// its client would send, cookie or token, so guards, hooks and the database see nothing else
// than in production. To test the login itself, send one:
//
//	browser := app.Client(t)
//	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
//	browser.Get("/auth/user/").Want(200)
//
// # An application's own router and Auth
//
// [New] registers the library's routes on App.Router, below /auth. An application that
// registers them itself takes [Prepare] and puts its own engine into App.Router, where Login
// and Client send to. One that makes its Auth itself, with its own settings, takes [Wrap].
//
// # Features
//
// With(features...).New makes an App whose Auth has features, so that a test drives them over HTTP:
//
//	app := authtest.With(openapi.Serve()).New(t, memory.Open(t), box.Configure)
//
// # Time and mails
//
// Sessions, tokens and links age by App.Clock alone: app.Clock.Advance(24 * time.Hour). With a
// [Mailbox] there are mails; [App.Mails] sends those that wait, and links and codes are read
// out of them.
//
// The package imports no database driver.
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
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Secret is what New sets as Config.Secret.
const Secret config.Secret = "for tests only: kGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"

// App is an application under test.
type App struct {
	Auth   *ginauth.Auth
	Router *gin.Engine // where Client and Login send to; New registers the library's routes there, below /auth
	Clock  *Clock      // nil after Wrap
	Log    *Log        // nil after Wrap

	db *gorm.DB
}

// Wrap makes an App of what the application made itself: an Auth, the database that it was made
// on, and the engine that it is registered on, if it is.
func Wrap(auth *ginauth.Auth, db *gorm.DB, router *gin.Engine) *App {
	return &App{Auth: auth, Router: router, db: db}
}

// Features are what [With] got; each method does what the function of its name does, and the Auth has
// the features.
type Features []core.Feature

// With returns features for an App, which get them as [ginauth.New] does, in this order.
func With(features ...core.Feature) Features { return features }

// New makes an App on a database, whose tables it creates. The configuration has a
// secret, the App's clock and logger, and a hash that is too cheap for anything but
// tests; each of change may alter it. Whatever goes wrong ends the test.
func New(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	return With().New(t, db, change...)
}

// New is the function [New] with features.
func (f Features) New(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := f.Prepare(t, db, change...)
	if err := app.Auth.Register(app.Router); err != nil {
		t.Fatal(err)
	}
	return app
}

// Prepare is New without the routes, for applications that register them on their own router
// or have middleware for them.
func Prepare(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	return With().Prepare(t, db, change...)
}

// Prepare is the function [Prepare] with features.
func (f Features) Prepare(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := f.Unmigrated(t, db, change...)
	if err := app.Auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return app
}

// Unmigrated is Prepare without the tables.
func Unmigrated(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	return With().Unmigrated(t, db, change...)
}

// Unmigrated is the function [Unmigrated] with features.
func (f Features) Unmigrated(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := &App{Clock: NewClock(), Log: &Log{}, Router: newRouter(), db: db}
	cfg := config.Config{
		Secret:  Secret,
		Now:     app.Clock.Now,
		Logger:  slog.New(slog.NewTextHandler(app.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Timeout: time.Minute, // test machines are slow
		Hash:    config.Hash{Memory: 64, Time: 1, Parallel: 8, Wait: time.Minute, InsecureCheapForTests: true},
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if app.Auth, err = ginauth.New(db, cfg, f...); err != nil {
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
