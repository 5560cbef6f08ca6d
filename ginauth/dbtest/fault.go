package dbtest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var faultCases = Group{Name: "fault", Cases: []func(*Case){
	failingQueriesAre503, panicsAreLoggedWithoutTheirValue, randomnessThatFails, disconnectedClientsAreNotLogged,
	deadlocksAreRetried, panicInALoginSetsNoCookie, readsAreRetried, readsOfEachRouteAreRetried,
	statementsHaveADeadline, lockedRowsHaveADeadline, slowBodiesAreNotTimedOut, statementsOfFeaturesFail, statementsOfFeaturesStall,
	parallelSignUpsOnAFailingDatabase, panicsOfTheApplication, panicsInTheBackground, fullDiskIs503,
	clockGoesForward, clockGoesBack, idleSessionsEndAfterAWrongClock, clockJumpsWhileMailsAreSent,
	mailsOfAWrongClockDoNotWaitForIt,
}}

// failingQueriesAre503 covers T041, T047, T201 and T209: if any statement of a flow fails, the response is 503, nothing
// is half done, no cookie is set or deleted, and the flow works when the database is back.
func failingQueriesAre503(c *Case) {
	c.StartMail(withEverything, byCode, func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	var blown fuse
	blown.install(c)
	ann := c.SignedUp("ann")
	verify := c.Mail("verify").Key(c.T)
	tokens := c.tokenPairOf("ann")
	c.Mails()
	c.verified("cyd")
	c.LoggedIn("cyd")
	notice := c.Mail("new_device")
	c.askReset("cyd@example.com")
	reset := c.Mail("reset")
	c.SignedUp("dan")
	c.Mail("verify")
	c.Client().Post("/auth/login/code/", obj{"email": "dan@example.com"}).Want(200)
	login := c.Mail("login_code")
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
			if n > 100 {
				c.Fatalf("%s %s never succeeded", flow.method, flow.path)
			}
			blown.left.Store(n)
			browser := ann.Clone()
			if strings.HasSuffix(flow.path, "/code/confirm/") { // the code belongs to another user
				browser = c.Client()
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
				c.Errorf("%s %s: incomplete after statement %d failed", flow.method, flow.path, n)
			}
			ann.Get("/auth/user/").Want(200)
		}
	}
	if !strings.Contains(c.Log.String(), errFuse.Error()) {
		c.Error("the failures were not logged")
	}
}

func panicsAreLoggedWithoutTheirValue(c *Case) {
	rule := config.PasswordRuleFunc(func(_ context.Context, password string, _ *models.User) (*binding.Problem, error) {
		if strings.HasPrefix(password, "nil") {
			none := password[len(password):]
			_ = none[len(password)]
		}
		panic(fmt.Sprintf("cannot rate %q", password))
	})
	c.Start(func(cfg *config.Config) { cfg.PasswordRules = []config.PasswordRule{rule} })
	in := authtest.SignUp("ann")
	in.Password1, in.Password2 = "canary-in-panic", "canary-in-panic"
	c.Client().Post("/auth/registration/", in).WantCode(500, binding.CodeInternal)
	in.Password1, in.Password2 = "nil", "nil"
	c.Client().Post("/auth/registration/", in).WantCode(500, binding.CodeInternal)
	log := c.Log.String()
	if strings.Contains(log, "canary") || !strings.Contains(log, "panic of type string") ||
		!strings.Contains(log, "index out of range [3]") || !strings.Contains(log, "route=/auth/registration/") {
		c.Errorf("logged: %s", log)
	}
}

// noise is a source of randomness that can fail.
type breakableRandom struct{ broken atomic.Bool }

func (n *breakableRandom) Read(b []byte) (int, error) {
	if n.broken.Load() {
		return 0, errors.New("no entropy")
	}
	for i := range b {
		b[i] = byte(i)
	}
	return len(b), nil
}

func randomnessThatFails(c *Case) {
	var source breakableRandom
	c.Start(func(cfg *config.Config) { cfg.Rand = &source })
	ann := c.SignedUp("ann")
	source.broken.Store(true)
	before := ann.Clone()
	ann.Post("/auth/login/", authtest.Login("ann")).WantCode(500, binding.CodeInternal)
	before.Get("/auth/user/").Want(200)
}

func disconnectedClientsAreNotLogged(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, path := range []string{"/auth/user/", "/auth/login/"} {
		method := map[string]string{"/auth/user/": "GET", "/auth/login/": "POST"}[path]
		r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(`{"username":"ann","password":"x"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Cookie", "__Host-session="+ann.Cookies["__Host-session"])
		w := httptest.NewRecorder()
		c.Router.ServeHTTP(w, r)
		if w.Code != 503 { // T202: never treated as a result of the database
			c.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if log := c.Log.String(); log != "" {
		c.Errorf("logged: %s", log)
	}
}

// Jumpy is a user whose hook panics on demand.
type Jumpy struct {
	models.User
	KeyHash string // a column name that the sessions use as well
}

// BeforeCreate is a hook of the application.
func (j *Jumpy) BeforeCreate(*gorm.DB) error {
	if j.Username == "jumpy" {
		panic("boo")
	}
	return nil
}

// panicInALoginSetsNoCookie covers T214: the client keeps its previous session.
func panicInALoginSetsNoCookie(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.NewUser = config.Model[Jumpy]() })
	ann := c.SignedUp("ann")
	r := ann.Post("/auth/registration/", authtest.SignUp("jumpy")).WantCode(500, binding.CodeInternal)
	if set := r.Header.Get("Set-Cookie"); set != "" {
		c.Errorf("the response sets %q", set)
	}
	ann.Get("/auth/user/").Want(200)
}

// conflicts are the errors by which databases ask to repeat a transaction.
var conflicts = []error{
	deadlock{}, errors.New("Error 1213 (40001): Deadlock found when trying to get lock; try restarting transaction"),
	errors.New("Error 1412 (HY000): Table definition has changed, please retry transaction"), errors.New("database is locked"),
	driver.ErrBadConn,
}

// deadlocksAreRetried covers T200: a transaction that the database rolled back to resolve a deadlock is retried, and the
// client does not notice.
func deadlocksAreRetried(c *Case) {
	c.Start(withEverything)
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
	ann := c.Client()
	failures.Store(int64(len(conflicts)))
	var out binding.LoginResponse
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&out)
	c.byToken(out.Access).Get("/auth/user/").Want(200) // it belongs to the attempt that was committed
	// The deadline limits the attempts, not their number.
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
	c.App = authtest.New(c.T, c.DB, withEverything, withShortTimeout)
	failures.Store(1 << 40)
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).WantCode(503, binding.CodeUnavailable)
	failures.Store(0)
	if users, sessions := c.count(&models.User{}), c.count(&models.Session{}); users != 1 || sessions != 0 {
		c.Errorf("%d users and %d sessions", users, sessions)
	}
}
