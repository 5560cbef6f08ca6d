// Package dbtest is the behaviour suite of the library: written once, over HTTP and
// through the public API, and run on every database. It imports no driver; whoever has
// a database GORM can open may run it:
//
//	func TestMyDatabase(t *testing.T) { dbtest.Run(t, openFresh) }
package dbtest

import (
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
	"github.com/ginauth/gin-rest-auth/models"
)

// Run runs every case, each on a database of its own. The groups have a line each, so that merges
// of branches neither conflict nor list one twice. open returns an empty database
// and cleans up after the test.
func Run(t *testing.T, open func(testing.TB) *gorm.DB) {
	for _, group := range [][]func(*Case){
		loginCases,
		registerCases,
		userCases,
		passwordCases,
		passwordFormCases,
		changeCases,
		sessionCases,
		cookieCases,
		tokenCases,
		credentialCases,
		jwtCases,
		refreshCases,
		mixedCases,
		httpCases,
		originCases,
		faultCases, readRetryCases,
		migrateCases,
		migrateKeysCases,
		raceCases,
		secretCases,
		storeCases,
		browserCases,
		verifyCases,
		resetCases,
		underwayCases,
		heldCases,
		emailCases,
		claimCases,
		loginCodeCases,
		noticeCases,
		oldNoticeCases,
		deleteCases,
		outboxCases,
		workerCases,
		likenessCases,
		localeCases,
		customCases,
		patientCases,
		hookCases,
		eventCases,
		formTxCases,
		proveCases,
		guardCases,
		callCases,
		attackCases,
		limitCases,
		settingCases,
		ownCases,
		checkCases,
		backendCases,
		directoryCases,
		failCases,
		wireCases,
		pendingCases,
		foreignCases,
		rivalCases,
		factorCases,
	} {
		for _, run := range group {
			t.Run(nameOf(run), func(t *testing.T) {
				t.Parallel()
				run(&Case{T: t, open: open})
			})
		}
	}
}

// nameOf makes a test name of a function's own.
func nameOf(f func(*Case)) string {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	return name[strings.LastIndexByte(name, '.')+1:]
}

// Case is one test with a database.
type Case struct {
	*testing.T
	*authtest.App
	DB  *gorm.DB
	Box *authtest.Mailbox // after startMail

	mu            sync.Mutex // cases ask for browsers from several goroutines
	open          func(testing.TB) *gorm.DB
	hashes        atomic.Int64 // that requests of client() cost
	documented    http.Handler
	documentedFor *ginauth.Auth
	writers       *sync.Map // after recordWriters
}

// start opens the database and makes the application.
func (c *Case) start(change ...func(*config.Config)) {
	c.Helper()
	c.DB = c.open(c.T)
	c.App = authtest.New(c.T, c.DB, change...)
}

// client returns a new browser. Every answer it gets must be as the OpenAPI document says.
func (c *Case) client() *authtest.Client {
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

// signedUp registers a user and returns his browser.
func (c *Case) signedUp(name string) *authtest.Client {
	c.Helper()
	browser := c.client()
	browser.Post("/auth/registration/", authtest.SignUp(name)).Want(201)
	return browser
}

// loggedIn returns another browser of a user.
func (c *Case) loggedIn(name string) *authtest.Client {
	c.Helper()
	browser := c.client()
	browser.Post("/auth/login/", authtest.Login(name)).Want(200)
	return browser
}

// user reads a user as the database has it.
func (c *Case) user(name string) models.User {
	c.Helper()
	var u models.User
	if r := c.DB.Where("username_key = ?", models.UsernameKey(name)).Limit(1).Find(&u); r.Error != nil || r.RowsAffected != 1 {
		c.Fatalf("user %q: %d rows, %v", name, r.RowsAffected, r.Error)
	}
	return u
}

// set changes columns of a user behind the library's back.
func (c *Case) set(name string, columns map[string]any) {
	c.Helper()
	if r := c.DB.Model(&models.User{}).Where("username_key = ?", name).Updates(columns); r.Error != nil || r.RowsAffected != 1 {
		c.Fatalf("set %v of %q: %d rows, %v", columns, name, r.RowsAffected, r.Error)
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
