package dbtest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var faultCases = []func(*Case){FailingQueriesAre503, PanicsAreLoggedWithoutTheirValue, RandomnessThatFails, ClientsThatLeftAreNotLogged, DeadlocksAreRetried, PanicInSignInTakesTheCookieBack}

// fuse makes the n-th statement from now on fail, and every later one too while it is
// blown. n 0 is off. once makes so many statements fail and no more. Statements for which only
// returns false do not count. When one has failed in a transaction there must be no other in it:
// after a deadlock, MySQL has ended the transaction, and the next statement would be committed by
// itself (T200).
type fuse struct {
	left, once atomic.Int64
	only       func(*gorm.DB) bool // nil means every statement
	ended      sync.Map            // transactions with a statement that failed
}

// burn counts one statement, in one step, since several may run at the same time.
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
		if db.DryRun || f.only != nil && !f.only(db) { // DryRun: a part of another statement
			return
		}
		f.burn()
		tx, within := db.Statement.ConnPool.(*sql.Tx)
		if _, ended := f.ended.Load(tx); within && ended {
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

// FailingQueriesAre503 covers T041, T047, T201 and T209: whichever statement of a flow
// fails, the answer is 503, nothing is half done, no cookie is taken or given, and the
// flow works when the database is back.
func FailingQueriesAre503(c *Case) {
	c.startMail(withEverything, byCode, func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	var blown fuse
	blown.install(c)
	ann := c.signedUp("ann")
	verify := c.mail("verify").Key(c.T)
	tokens := c.pairOf("ann")
	c.mails()
	c.verified("cyd")
	c.loggedIn("cyd")
	notice := c.mail("new_device")
	c.askReset("cyd@example.com")
	reset := c.mail("reset")
	c.signedUp("dan")
	c.mail("verify")
	c.client().Post("/auth/login/code/", obj{"email": "dan@example.com"}).Want(200)
	login := c.mail("login_code")
	sessionID := listed(c, ann)[0].ID
	c.Router.GET("/optional", c.Auth.OptionalUser(), func(g *gin.Context) { g.Status(200) })
	for _, flow := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/auth/user/", nil, 200},
		{"GET", "/optional", nil, 200},
		{"GET", "/auth/sessions/", nil, 200},
		{"PATCH", "/auth/user/", obj{"username": "ann", "first_name": "A"}, 200},
		{"POST", "/auth/login/", authtest.Login("ann"), 200},
		{"POST", "/auth/registration/", authtest.SignUp("bob"), 201},
		{"POST", "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"), 200},
		{"POST", "/auth/token/verify/", obj{"token": tokens.Access}, 200},
		{"POST", "/auth/token/verify/", obj{"token": tokens.Refresh}, 200},
		{"POST", "/auth/token/refresh/", obj{"refresh": tokens.Refresh}, 200},
		{"POST", "/auth/registration/resend-email/", obj{"email": "ann@example.com"}, 200},
		{"POST", "/auth/password/reset/", obj{"email": "nobody@example.com"}, 200},
		{"POST", "/auth/login/code/", obj{"email": "nobody@example.com"}, 200},
		{"GET", "/auth/emails/", nil, 200},
		{"POST", "/auth/emails/", obj{"email": "second@example.com", "password": "Mirror-Maze-88"}, 201},
		{"POST", "/auth/emails/999/resend/", nil, 404},
		{"POST", "/auth/registration/verify-email/", obj{"key": verify}, 200},
		{"POST", "/auth/password/reset/confirm/", resetForm(reset.UID(c.T), reset.Key(c.T), "Mirror-Maze-99"), 200},
		{"POST", "/auth/security/revoke/", obj{"key": notice.Key(c.T)}, 200},
		{"POST", "/auth/login/code/confirm/", obj{"key": login.Key(c.T)}, 200},
		{"GET", "/auth/tokens/", nil, 200},
		{"POST", "/auth/tokens/", obj{"name": "x"}, 201},
		{"DELETE", "/auth/tokens/" + sessionID + "/", nil, 404},
		{"DELETE", "/auth/sessions/", nil, 204},
		{"DELETE", "/auth/sessions/" + sessionID + "/", nil, 404},
		{"POST", "/auth/logout/", nil, 200},
	} {
		users, sessions, before := c.count(&models.User{}), c.count(&models.Session{}), c.user("ann")
		addresses, tickets, mails := c.count(&models.Email{}), c.count(&models.Ticket{}), c.count(&models.OutboxMail{})
		for n := int64(1); ; n++ {
			if n > 40 {
				c.Fatalf("%s %s never came through", flow.method, flow.path)
			}
			blown.left.Store(n)
			browser := ann.Clone()
			if strings.HasSuffix(flow.path, "/code/confirm/") { // it is of another user
				browser = c.client()
			}
			r := browser.Do(flow.method, flow.path, flow.body)
			failed := blown.left.Swap(0) < 0
			if !failed {
				r.Want(flow.status)
				if !strings.HasSuffix(flow.path, "/code/confirm/") {
					ann = browser
				}
				break
			}
			r.WantCode(503, binding.CodeUnavailable)
			if strings.Contains(r.Text, "root") || r.Header.Get("Retry-After") == "" || r.Header.Get("Set-Cookie") != "" {
				c.Errorf("%s %s: %s %v", flow.method, flow.path, r.Text, r.Header)
			}
			after := c.user("ann")
			if c.count(&models.User{}) != users || c.count(&models.Session{}) != sessions || c.count(&models.Email{}) != addresses ||
				c.count(&models.Ticket{}) != tickets || c.count(&models.OutboxMail{}) != mails ||
				after.Password != before.Password || after.SessionEpoch != before.SessionEpoch || after.FirstName != before.FirstName {
				c.Errorf("%s %s: half done after statement %d failed", flow.method, flow.path, n)
			}
			ann.Get("/auth/user/").Want(200)
		}
	}
	if !strings.Contains(c.Log.String(), errFuse.Error()) {
		c.Error("the failures were not logged")
	}
}

func PanicsAreLoggedWithoutTheirValue(c *Case) {
	rule := config.PasswordRuleFunc(func(_ context.Context, password string, _ *models.User) (*binding.Problem, error) {
		if strings.HasPrefix(password, "nil") {
			none := password[len(password):]
			_ = none[len(password)]
		}
		panic(fmt.Sprintf("cannot rate %q", password))
	})
	c.start(func(cfg *config.Config) { cfg.PasswordRules = []config.PasswordRule{rule} })
	in := authtest.SignUp("ann")
	in.Password1, in.Password2 = "canary-in-panic", "canary-in-panic"
	c.client().Post("/auth/registration/", in).WantCode(500, binding.CodeInternal)
	in.Password1, in.Password2 = "nil", "nil"
	c.client().Post("/auth/registration/", in).WantCode(500, binding.CodeInternal)
	log := c.Log.String()
	if strings.Contains(log, "canary") || !strings.Contains(log, "panic of type string") ||
		!strings.Contains(log, "index out of range [3]") || !strings.Contains(log, "route=/auth/registration/") {
		c.Errorf("logged: %s", log)
	}
}

// noise is a source of randomness that can be cut off.
type noise struct{ broken atomic.Bool }

func (n *noise) Read(b []byte) (int, error) {
	if n.broken.Load() {
		return 0, errors.New("no entropy")
	}
	for i := range b {
		b[i] = byte(i)
	}
	return len(b), nil
}

func RandomnessThatFails(c *Case) {
	var source noise
	c.start(func(cfg *config.Config) { cfg.Rand = &source })
	ann := c.signedUp("ann")
	source.broken.Store(true)
	before := ann.Clone()
	ann.Post("/auth/login/", authtest.Login("ann")).WantCode(500, binding.CodeInternal)
	before.Get("/auth/user/").Want(200)
}

func ClientsThatLeftAreNotLogged(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, path := range []string{"/auth/user/", "/auth/login/"} {
		method := map[string]string{"/auth/user/": "GET", "/auth/login/": "POST"}[path]
		r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(`{"username":"ann","password":"x"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Cookie", "__Host-session="+ann.Cookies["__Host-session"])
		w := httptest.NewRecorder()
		c.Router.ServeHTTP(w, r)
		if w.Code != 503 { // T202: never taken for an answer of the database
			c.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if log := c.Log.String(); log != "" {
		c.Errorf("logged: %s", log)
	}
}

// Jumpy is a user whose hook panics when told to.
type Jumpy struct {
	models.User
	KeyHash string // a column that the sessions have, too
}

// BeforeCreate is a hook of the application's own.
func (j *Jumpy) BeforeCreate(*gorm.DB) error {
	if j.Username == "jumpy" {
		panic("boo")
	}
	return nil
}

// PanicInSignInTakesTheCookieBack covers T214: the client keeps the session it had.
func PanicInSignInTakesTheCookieBack(c *Case) {
	c.start(func(cfg *config.Config) { cfg.NewUser = config.Model[Jumpy]() })
	ann := c.signedUp("ann")
	r := ann.Post("/auth/registration/", authtest.SignUp("jumpy")).WantCode(500, binding.CodeInternal)
	if set := r.Header.Get("Set-Cookie"); set != "" {
		c.Errorf("the answer sets %q", set)
	}
	ann.Get("/auth/user/").Want(200)
}

// deadlock is how PostgreSQL's driver reports one.
type deadlock struct{}

func (deadlock) Error() string    { return "deadlock detected" }
func (deadlock) SQLState() string { return "40P01" }

// conflicts are the ways in which databases ask for a transaction once more.
var conflicts = []error{
	deadlock{}, errors.New("Error 1213 (40001): Deadlock found when trying to get lock; try restarting transaction"),
	errors.New("Error 1412 (HY000): Table definition has changed, please retry transaction"), errors.New("database is locked"),
	driver.ErrBadConn,
}

// DeadlocksAreRetried covers T200: what a database takes back to break a deadlock is
// done again, and goes through without the client's doing.
func DeadlocksAreRetried(c *Case) {
	c.start(withEverything)
	var failures atomic.Int64
	fail := func(db *gorm.DB) {
		if left := failures.Add(-1); left >= 0 {
			_ = db.AddError(conflicts[left%int64(len(conflicts))])
		}
	}
	for _, err := range []error{
		c.DB.Callback().Create().After("gorm:create").Register("deadlock", fail),
		c.DB.Callback().Update().After("gorm:update").Register("deadlock", fail),
		c.DB.Callback().Delete().After("gorm:delete").Register("deadlock", fail),
	} {
		if err != nil {
			c.Fatal(err)
		}
	}
	ann := c.client()
	failures.Store(int64(len(conflicts)))
	var out binding.LoginResponse
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&out)
	c.byToken(out.Access).Get("/auth/user/").Want(200) // it names the user of the try that went through
	// The deadline ends the tries, not their number.
	failures.Store(12)
	ann.Patch("/auth/user/", obj{"first_name": "A"}).Want(200)
	for _, flow := range []func() *authtest.Response{
		func() *authtest.Response {
			return ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
		},
		func() *authtest.Response { return ann.Delete("/auth/sessions/").Want(204) },
		func() *authtest.Response { return ann.Post("/auth/logout/", nil).Want(200) },
	} {
		failures.Store(2)
		flow()
	}
	c.App = authtest.New(c.T, c.DB, withEverything, impatient)
	failures.Store(1 << 40)
	c.client().Post("/auth/registration/", authtest.SignUp("bob")).WantCode(503, binding.CodeUnavailable)
	failures.Store(0)
	if users, sessions := c.count(&models.User{}), c.count(&models.Session{}); users != 1 || sessions != 0 {
		c.Errorf("%d users and %d sessions", users, sessions)
	}
}
