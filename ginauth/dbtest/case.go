package dbtest

import (
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
	"github.com/ginauth/gin-rest-auth/models"
)

// Case is one test with its own database. Begin with Start or StartMail. They make the application: its Auth,
// Router and Log, and its Clock, which moves only when you advance it. You can call Client, SignedUp and
// LoggedIn concurrently.
type Case struct {
	*testing.T
	*authtest.App
	DB  *gorm.DB          // set by Start
	Box *authtest.Mailbox // set by StartMail

	backing
	features      []core.Feature
	mu            sync.Mutex      // cases call Client from several goroutines
	limitsIn      ratelimit.Store // set by Start if limits is
	hashes        atomic.Int64    // number of hashes that requests of Client computed
	documented    http.Handler
	documentedFor *ginauth.Auth
	writers       *sync.Map // set by recordWriters
}

// With sets the features of the applications that the case starts after this call, as in
// c.With(totp.Feature()).Start(). It returns the case.
func (c *Case) With(features ...core.Feature) *Case {
	c.features = features
	return c
}

// Start opens a database without rows and makes an application with tables and routes on it, as [authtest.New] does.
// Each function in change can alter the configuration.
func (c *Case) Start(change ...func(*config.Config)) {
	c.Helper()
	c.DB = c.lend()
	if c.limits != nil {
		c.limitsIn = c.limits(c.T)
	}
	own := false
	c.App = c.another(append(change, func(cfg *config.Config) { own = cfg.NewUser != nil })...)
	if c.reuse != nil && !own { // the application's user has more columns
		c.reuse.Keep(c.T, c.DB)
	}
}

// onEmpty makes Start open a database without tables. It returns the case.
func (c *Case) onEmpty() *Case {
	c.reuse = nil
	return c
}

// lend opens a database without rows, perhaps with the tables of the features.
func (c *Case) lend() *gorm.DB {
	c.Helper()
	if c.reuse == nil {
		return c.open(c.T)
	}
	names := make([]string, len(c.features))
	for i, f := range c.features {
		at := reflect.ValueOf(f).Pointer()
		made := runtime.FuncForPC(at)
		file, line := made.FileLine(at)
		if names[i] = fmt.Sprint(file, ":", line); strings.Contains(file, "/roles/") {
			names[i] += made.Name() // has the name of the case, and the tables depend on the case's options
		}
	}
	slices.Sort(names)
	return c.reuse.Lend(c.T, strings.Join(names, " "))
}

// another makes an application on the database of the case, and on its store of rate limits.
func (c *Case) another(change ...func(*config.Config)) *authtest.App {
	c.Helper()
	return authtest.With(c.features...).New(c.T, c.DB, append(change, func(cfg *config.Config) { cfg.Limits.Store = c.limitsIn })...)
}

// StartMail is Start with a mailbox. Mails, Mail and NoMail send the library's waiting mails to Box.
func (c *Case) StartMail(change ...func(*config.Config)) {
	c.Helper()
	c.Box = &authtest.Mailbox{}
	c.Start(append([]func(*config.Config){c.Box.Configure}, change...)...)
}

// Client returns a new browser. The test fails if a response differs from the OpenAPI document.
func (c *Case) Client() *authtest.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.documented == nil || c.documentedFor != c.Auth {
		router := c.Router
		counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			router.ServeHTTP(w, r.WithContext(passhash.Counted(r.Context(), &c.hashes)))
		})
		c.documented, c.documentedFor = openapitest.Check(c.T, c.Auth, counted), c.Auth
	}
	return authtest.NewClient(c.T, c.documented)
}

// SignedUp signs up a user with [authtest.SignUp] and returns the user's browser.
func (c *Case) SignedUp(name string) *authtest.Client {
	c.Helper()
	browser := c.Client()
	browser.Post("/auth/registration/", authtest.SignUp(name)).Want(201)
	return browser
}

// LoggedIn logs in a user that SignedUp created, and returns the new browser.
func (c *Case) LoggedIn(name string) *authtest.Client {
	c.Helper()
	browser := c.Client()
	browser.Post("/auth/login/", authtest.Login(name)).Want(200)
	return browser
}

// Mails sends the waiting mails and returns the mails that arrived since the last call.
func (c *Case) Mails() []authtest.Mail {
	c.Helper()
	return c.App.Mails(c.T, c.Box)
}

// Mail is Mails for exactly one mail of this kind. Otherwise the test fails.
func (c *Case) Mail(kind string) authtest.Mail {
	c.Helper()
	mails := c.Mails()
	if len(mails) != 1 || mails[0].Kind != kind {
		c.Fatalf("got %d mails, want one of kind %s: %v", len(mails), kind, mails)
	}
	return mails[0]
}

// NoMail fails the test if a mail arrives.
func (c *Case) NoMail() {
	c.Helper()
	if mails := c.Mails(); len(mails) > 0 {
		c.Fatalf("got mails: %v", mails)
	}
}

// as returns a browser of the current application with the cookies of another browser.
func (c *Case) as(other *authtest.Client) *authtest.Client {
	browser := c.Client()
	browser.Cookies = other.Clone().Cookies
	return browser
}

// user reads a user from the database.
func (c *Case) user(name string) models.User {
	c.Helper()
	var u models.User
	if r := c.DB.Where("username_key = ?", models.UsernameKey(name)).Limit(1).Find(&u); r.Error != nil || r.RowsAffected != 1 {
		c.Fatalf("user %q: %d rows, %v", name, r.RowsAffected, r.Error)
	}
	return u
}

// set changes columns of a user without the library.
func (c *Case) set(name string, columns map[string]any) {
	c.Helper()
	c.user(name) // it exists; MySQL counts only rows that change
	if err := c.DB.Model(&models.User{}).Where("username_key = ?", name).Updates(columns).Error; err != nil {
		c.Fatalf("set %v of %q: %v", columns, name, err)
	}
}

// count counts the rows of a model.
func (c *Case) count(model any) int64 {
	c.Helper()
	var n int64
	if err := c.DB.Model(model).Count(&n).Error; err != nil {
		c.Fatal(err)
	}
	return n
}

// obj is a JSON object.
type obj = map[string]any
