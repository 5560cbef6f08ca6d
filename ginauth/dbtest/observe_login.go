package dbtest

// What observers are told about logins, and observers that panic or block.

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// loginsEndWithAResult: each login is told once, with how it ended.
func loginsEndWithAResult(c *Case) {
	var w watcher
	var v verifier
	var p pins
	refuse := false
	c.With(w.feature, p.feature).StartMail(v.configure, byCode, func(cfg *config.Config) {
		cfg.Captcha.AfterHalf, cfg.Captcha.Always = []string{"login"}, []string{}
		cfg.Hooks.BeforeLogin = func(context.Context, *gorm.DB, config.Event) error {
			if refuse {
				return core.ErrPermission
			}
			return nil
		}
	})
	addresses := 0
	post := func(path string, body any, want string) *authtest.Response {
		c.Helper()
		addresses++
		r := c.from("203.0.113."+string(rune('0'+addresses%10))).Post("/auth/"+path, body)
		w.want(c, "login "+want)
		return r
	}
	for _, name := range []string{"ann", "eve", "joe", "pia"} {
		c.User(c.T, name)
	}
	post("registration/", authtest.SignUp("bob"), "register ok")
	c.Mails()
	post("login/", authtest.Login("ann"), "password ok").Want(200)
	post("login/", wrong("ann"), "password wrong_credentials").Want(400)
	post("login/", wrong("unknown"), "password wrong_credentials").Want(400)
	c.set("eve", obj{"is_active": false})
	post("login/", wrong("eve"), "password wrong_credentials").Want(400)
	post("login/", authtest.Login("eve"), "password inactive").Want(400)
	c.ban("bob", time.Hour)
	w.take()
	post("login/", wrong("bob"), "password wrong_credentials").Want(400)
	post("login/", authtest.Login("bob"), "password inactive").WantProblems("non_field_errors account_banned")
	refuse = true
	post("login/", authtest.Login("ann"), "password refused").Want(403)
	refuse = false

	for range 3 {
		c.from("203.0.113.77").Post("/auth/login/", wrong("joe")).Want(400)
	}
	w.take()
	post("login/", authtest.Login("joe"), "password captcha").Want(400)
	for range 5 {
		solve(c.from("203.0.113.78"), "solved", "/auth/login/", wrong("joe"))
	}
	w.take()
	post("login/", authtest.Login("joe"), "password limited").Want(429)

	c.from("203.0.113.9").Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	code := c.Mail("login_code").Code(c.T)
	w.take()
	post("login/code/confirm/", obj{"email": "ann@example.com", "code": "000000"}, "code wrong_credentials").Want(400)
	post("login/code/confirm/", obj{"email": "ann@example.com", "code": code}, "code ok").Want(200)

	pia := c.LoggedIn("pia")
	pia.Post("/auth/pin/", obj{"word": "x"}).Want(200)
	w.take()
	var asked struct {
		Token string `json:"ephemeral_token"`
	}
	browser := c.from("203.0.113.9")
	browser.Post("/auth/login/", authtest.Login("pia")).Want(200).JSON(&asked)
	w.want(c, "login password challenge")
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": asked.Token, "word": "y"}).Want(400)
	w.want(c, "login pin wrong_credentials")
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": asked.Token, "word": "x"}).Want(200)
	w.want(c, "login password ok")

	c.from("203.0.113.9").Post("/auth/login/", obj{"password": "x"}).Want(400) // nothing to log in with
	c.from("203.0.113.9").Post("/auth/reauthenticate/", obj{"password": "x"}).Want(401)
	pia.Post("/auth/reauthenticate/", obj{"password": "x"}).Want(400) // already logged in
	w.want(c, "login password refused")
	if err := c.DB.Exec("DROP TABLE auth_session").Error; err != nil {
		c.Fatal(err)
	}
	post("login/", authtest.Login("ann"), "password error").Want(503)
}

// loginsInTheApplicationAreTold: Auth.LogIn, in a route of the application; and a user without a confirmed address.
func loginsInTheApplicationAreTold(c *Case) {
	var w watcher
	c.With(w.feature).StartMail(mandatory)
	c.Router.POST("/enter", func(g *gin.Context) {
		if _, err := c.Auth.LogIn(g, &models.User{ID: c.user("ann").ID}); err == nil {
			g.Status(http.StatusNoContent)
		}
	})
	c.SignedUp("ann")
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(400)
	w.want(c, "login password unverified")
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	w.take()
	c.browser().Post("/enter", nil).Want(204)
	w.want(c, "login application ok")
}

// busyLoginsAreTold: the only slot is taken.
func busyLoginsAreTold(c *Case) {
	var w watcher
	slow := &interruption{}
	c.With(w.feature).Start(func(cfg *config.Config) {
		cfg.Hash.Parallel, cfg.Hash.Wait, cfg.Rand = 1, time.Millisecond, slow
	})
	c.User(c.T, "ann")
	w.take()
	slow.set(func() { // within the hash of a sign-up, which reads a salt
		c.browser().Post("/auth/login/", authtest.Login("ann")).Want(503)
		if s := w.core.HashStats(); s.Slots != 1 || s.Running != 1 || s.Waiting != 0 {
			c.Errorf("%+v", s)
		}
	})
	if _, err := w.core.HashPassword(c.Context(), authtest.Password); err != nil {
		c.Fatal(err)
	}
	if told := w.take("login", "hash"); told != "hash busy, login password busy, hash done" {
		c.Error(told)
	}
}

// canceledLoginsAreTold: the client leaves while it waits.
func canceledLoginsAreTold(c *Case) {
	var w watcher
	c.With(w.feature).Start()
	c.User(c.T, "ann")
	w.take()
	ctx, leave := context.WithCancel(c.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/auth/login/", strings.NewReader(`{"username": "ann", "password": "x"}`))
	r.Header.Set("Content-Type", "application/json")
	c.beforeReads(func(*gorm.DB) { leave() })
	c.Router.ServeHTTP(httptest.NewRecorder(), r)
	w.want(c, "login password canceled")
}

// panickingObserversAreHarmless: every function panics, and is logged.
func panickingObserversAreHarmless(c *Case) {
	calls := map[string]int{}
	var mu sync.Mutex
	fail := func(name string) {
		mu.Lock()
		calls[name]++
		mu.Unlock()
		panic("secret-of-the-observer")
	}
	var v verifier
	c.With(observing(core.Observer{
		Request:  func(context.Context, core.RequestEnd) { fail("request") },
		Login:    func(context.Context, core.LoginEnd) { fail("login") },
		Hash:     func(context.Context, core.HashEnd) { fail("hash") },
		Limit:    func(context.Context, string) { fail("limit") },
		Captcha:  func(context.Context, core.CheckResult) { fail("captcha") },
		Breached: func(context.Context, core.CheckResult) { fail("breached") },
		Mail:     func(context.Context, string, core.MailResult) { fail("mail") },
		Sweep:    func(context.Context, time.Duration, error) { fail("sweep") },
		Event:    func(context.Context, config.EventName) { fail("event") },
		Failure:  func(context.Context, core.Part) { fail("failure") },
		Start: func(_ context.Context, o core.Operation) (context.Context, func()) {
			if o.Kind == core.OperationHash {
				fail("start")
			}
			return nil, func() { fail("end") }
		},
	})).StartMail(v.configure, func(cfg *config.Config) {
		cfg.Captcha.Always, cfg.Captcha.AfterHalf = []string{"registration"}, []string{}
		cfg.PasswordRules = append(config.DefaultPasswordRules(), c.breached("Looking-Glass-12"))
		cfg.Hooks.AfterLogin = func(context.Context, config.Event) error { panic("x") }
	})
	b := c.from("203.0.113.1")
	solve(b, "solved", "/auth/registration/", authtest.SignUp("ann")).Want(201)
	b.Get("/auth/user/").Want(200)
	c.Mail("verify")
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Error(err)
	}
	if tried, _ := guess(c.from("203.0.113.2"), "ann", 9); tried == 9 {
		c.Error("no limit")
	}
	if len(calls) != 12 {
		c.Errorf("called %v", calls)
	}
	if log := c.Log.String(); !strings.Contains(log, "an observer of a feature") || strings.Contains(log, "secret-of-the-observer") {
		c.Error(log)
	}
}

// blockingObserverHoldsUpOneRequest: an observer that does not return holds no slot, lock, transaction or connection.
func blockingObserverHoldsUpOneRequest(c *Case) {
	for _, what := range []string{"hash", "event", "login", "limit", "request"} {
		blocked, release := make(chan struct{}), make(chan struct{})
		var once atomic.Bool
		block := func(name string) {
			if name == what && !once.Swap(true) {
				close(blocked)
				<-release
			}
		}
		c.With(observing(core.Observer{
			Request: func(_ context.Context, r core.RequestEnd) { block("request") },
			Login:   func(context.Context, core.LoginEnd) { block("login") },
			Hash:    func(context.Context, core.HashEnd) { block("hash") },
			Limit:   func(context.Context, string) { block("limit") },
			Event:   func(context.Context, config.EventName) { block("event") },
		})).Start(limited, func(cfg *config.Config) { cfg.Hash.Parallel = 1 })
		pool, err := c.DB.DB()
		if err != nil {
			c.Fatal(err)
		}
		pool.SetMaxOpenConns(1)
		c.User(c.T, "ann")
		c.User(c.T, "bob")
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 7 {
				c.from("203.0.113.1").Post("/auth/login/", wrong("bob"))
			}
		}()
		<-blocked
		c.from("203.0.113.2").Post("/auth/login/", wrong("ann")).Want(400)
		c.from("203.0.113.2").Post("/auth/registration/", authtest.SignUp("joe")).Want(201)
		if n := pool.Stats().InUse; n != 0 {
			c.Errorf("%s: %d connections are in use", what, n)
		}
		close(release)
		<-done
	}
}

type traceKey struct{}

// contextsOfOperationsReachTheApplication: hooks, rules, captchas and mailers get the context that an observer made.
func contextsOfOperationsReachTheApplication(c *Case) {
	var w watcher
	operation := func(ctx context.Context) string { text, _ := ctx.Value(traceKey{}).(string); return text }
	var v tracedVerifier
	v.seen = func(ctx context.Context) { w.note("captcha in", operation(ctx)) }
	c.With(observing(core.Observer{
		Start: func(ctx context.Context, o core.Operation) (context.Context, func()) {
			name := strings.TrimSpace(operation(ctx) + " > " + string(o.Kind) + " " + o.Name)
			w.note("start", name)
			return context.WithValue(ctx, traceKey{}, name), func() { w.note("end", name) }
		},
		Hash: func(ctx context.Context, _ core.HashEnd) { w.note("hash in", operation(ctx)) },
	})).StartMail(limited, func(cfg *config.Config) {
		cfg.Captcha.Verifier, cfg.Captcha.Always = &v, []string{"registration"}
		cfg.PasswordRules = append(config.DefaultPasswordRules(), c.breached("Looking-Glass-12"))
		cfg.Hooks.BeforeRegister = func(ctx context.Context, _ *gorm.DB, _ config.Event) error {
			w.note("before in", operation(ctx))
			return nil
		}
		cfg.Hooks.AfterRegister = func(ctx context.Context, _ config.Event) error { w.note("after in", operation(ctx)); return nil }
		cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, _ config.Message) error { w.note("mailer in", operation(ctx)); return nil })
	})
	solve(c.from("203.0.113.1"), "solved", "/auth/registration/", authtest.SignUp("ann")).Want(201)
	const route = "> request POST registration/"
	want := strings.Join([]string{
		"start " + route, "start " + route + " > captcha", "captcha in " + route + " > captcha", "end " + route + " > captcha",
		"start " + route + " > breached", "end " + route + " > breached",
		"start " + route + " > hash", "hash in " + route + " > hash", "end " + route + " > hash",
		"before in " + route, "after in " + route, "end " + route,
	}, ", ")
	words := []string{"start", "end", "captcha", "hash", "before", "after", "mailer"}
	if got := w.take(words...); got != want {
		c.Errorf("got  %s\nwant %s", got, want)
	}
	if n, err := c.Auth.SendOutbox(c.Context()); n != 1 || err != nil {
		c.Error(n, err)
	}
	if got := w.take(words...); got != "start > mail verify, mailer in > mail verify, end > mail verify" {
		c.Error(got)
	}
}

type tracedVerifier struct{ seen func(context.Context) }

func (v *tracedVerifier) Verify(ctx context.Context, _, _ string) (bool, error) {
	v.seen(ctx)
	return true, nil
}

// statsCountRows: what has not expired.
func statsCountRows(c *Case) {
	var held *core.Core
	c.With(func(s *core.Setup) error { held = s.Core(); return nil }).StartMail(limited)
	want := func(want core.Stats) {
		c.Helper()
		if got, err := held.Stats(c.Context()); err != nil || got != want {
			c.Errorf("%+v (%v), want %+v", got, err, want)
		}
	}
	want(core.Stats{})
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.from("203.0.113.1").Post("/auth/login/", wrong("ann")).Want(400)
	c.Clock.Advance(time.Minute)
	want(core.Stats{MailsPending: 1, MailsOldest: time.Minute, Sessions: 1, Tickets: 1, Limits: 6})
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	want(core.Stats{Sessions: 1, Limits: 7})
	c.Clock.Advance(10 * 365 * 24 * time.Hour)
	want(core.Stats{Limits: 7})
	if got := held.HashStats(); got.Slots == 0 || got.Running != 0 || got.Waiting != 0 {
		c.Errorf("%+v", got)
	}
}
