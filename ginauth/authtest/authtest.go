// Package authtest helps you test an application that uses gin-rest-auth. It has an [App] with a configuration for tests,
// stored users, a [Client] that keeps cookies, a [Clock] that you move, a [Log], and a [Mailbox]. Package memory, below this
// one, runs an App on SQLite in memory:
//
//	func TestCompany(t *testing.T) {
//		app := memory.New(t, func(cfg *config.Config) { cfg.NewUser = config.Model[Member]() })
//		router := routes(app.Auth) // your routes
//		ann := authtest.UserAs[Member](t, app, "ann", func(m *Member) { m.Company = "Acme" })
//
//		response := httptest.NewRecorder()
//		router.ServeHTTP(response, app.As(t, ann, httptest.NewRequest("GET", "/api/company", nil)))
//		// response.Code is 200
//	}
//
// # Users and logins
//
// [App.User] and [UserAs] store a user who can log in. [App.As] authenticates a request as a user. [App.Login] returns a
// client that is logged in. Both create a real session and send its cookie or token, so guards, hooks and the database see the
// same as in production. To test the login itself, send it:
//
//	browser := app.Client(t)
//	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
//	browser.Get("/auth/user/").Want(200)
//
// # Your own router, Auth and database
//
// [New] registers the library's routes on App.Router, below /auth. If your application registers them itself, use [Prepare]
// and set App.Router to your engine; Login and Client send their requests there. If your application creates the Auth, use
// [Wrap].
//
// # Features
//
// [With] adds features to the Auth of an App:
//
//	app := authtest.With(openapi.Serve()).New(t, memory.Open(t))
//
// # Time and mails
//
// Sessions, tokens and links expire by App.Clock: app.Clock.Advance(24 * time.Hour). A [Mailbox] receives mails. [App.Mails]
// sends the outbox and returns the mails; read links and codes from them.
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

// Secret is the Config.Secret that [New] sets.
const Secret config.Secret = "for tests only: kGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"

// App is an application under test.
type App struct {
	Auth   *ginauth.Auth
	Router *gin.Engine // handles the requests of Client and Login; New registers the library's routes on it, below /auth
	Clock  *Clock      // nil after Wrap
	Log    *Log        // nil after Wrap

	db *gorm.DB
}

// Wrap returns an App for an Auth that your application created, its database, and the engine with its routes. router can be
// nil if you use neither Client nor Login.
func Wrap(auth *ginauth.Auth, db *gorm.DB, router *gin.Engine) *App {
	return &App{Auth: auth, Router: router, db: db}
}

// Features is a list of features for the Auth of an App; see [With]. Its methods do the same as the functions with their names.
type Features []core.Feature

// With returns features for an App. They are passed to [ginauth.New] in this order.
func With(features ...core.Feature) Features { return features }

// New returns an App on a database and creates the library's tables. The configuration has a secret, the App's clock and logger,
// and password hashing that is fast and insecure. Each change can modify the configuration. Any error ends the test.
func New(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	return With().New(t, db, change...)
}

// New does the same as the function [New], with features.
func (f Features) New(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := f.Prepare(t, db, change...)
	if err := app.Auth.Register(app.Router); err != nil {
		t.Fatal(err)
	}
	return app
}

// Prepare does the same as [New] but registers no routes. Use it if your application registers them on its own router, or calls
// Auth.Use before.
func Prepare(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	return With().Prepare(t, db, change...)
}

// Prepare does the same as the function [Prepare], with features.
func (f Features) Prepare(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := f.Unmigrated(t, db, change...)
	if err := app.Auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return app
}

// Unmigrated does the same as [Prepare] but creates no tables. Use it to test migrations.
func Unmigrated(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	return With().Unmigrated(t, db, change...)
}

// Unmigrated does the same as the function [Unmigrated], with features.
func (f Features) Unmigrated(t testing.TB, db *gorm.DB, change ...func(*config.Config)) *App {
	t.Helper()
	app := &App{Clock: NewClock(), Log: &Log{}, Router: newRouter(), db: db}
	cfg := config.Config{
		Secret:  Secret,
		Now:     app.Clock.Now,
		Logger:  slog.New(slog.NewTextHandler(app.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Timeout: time.Minute,                         // test machines are slow
		Limits:  config.Limits{AllowUnlimited: true}, // tests log in more often than people do
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

// newRouter returns an engine that writes nothing to the console.
func newRouter() *gin.Engine {
	quiet.Do(func() { gin.SetMode(gin.ReleaseMode) })
	router := gin.New()
	router.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) { c.AbortWithStatus(599) }))
	return router
}

var quiet sync.Once

// Clock is a clock that moves only when you call Advance. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a Clock at 12:00 UTC on 1 March 2026.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)}
}

// Now returns the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Log records what the library logs. It is safe for concurrent use.
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
