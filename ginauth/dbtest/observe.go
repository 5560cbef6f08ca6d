package dbtest

// Observers of features: what they are told, and that they cannot do harm.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

var observeCases = Group{Name: "observe", Cases: []func(*Case){
	loginsEndWithAResult, busyLoginsAreTold, canceledLoginsAreTold, loginsInTheApplicationAreTold, observersHearEvents, undoneEventsAreNotTold,
	observersHearLimits, observersHearChecks, observersHearMails, observersHearFailures, observersHearSweeps, observersHearRequests,
	panickingObserversAreHarmless, blockingObserverHoldsUpOneRequest, contextsOfOperationsReachTheApplication, statsCountRows,
	observersCostAGETNoStatement,
}}

// watcher notes what an observer is told.
type watcher struct {
	core *core.Core
	mu   sync.Mutex
	told []string
}

func (w *watcher) note(text ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, strings.TrimSpace(fmt.Sprintln(text...)))
}

// take returns what was told since the last call and begins with one of these words.
func (w *watcher) take(words ...string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, text := range w.told {
		if word, _, _ := strings.Cut(text, " "); slices.Contains(words, word) {
			out = append(out, text)
		}
	}
	w.told = nil
	return strings.Join(out, ", ")
}

// want compares what was told since the last call and begins with the same word as want.
func (w *watcher) want(c *Case, want string) {
	c.Helper()
	word, _, _ := strings.Cut(want, " ")
	if got := w.take(word); got != want {
		c.Errorf("told %q, want %q", got, want)
	}
}

func (w *watcher) observer() core.Observer {
	return core.Observer{
		Request:  func(_ context.Context, r core.RequestEnd) { w.note("request", r.Method, r.Route, r.Status) },
		Login:    func(_ context.Context, l core.LoginEnd) { w.note("login", l.Method, l.Result) },
		Hash:     func(_ context.Context, h core.HashEnd) { w.note("hash", h.Result) },
		Limit:    func(_ context.Context, setting string) { w.note("limit", setting) },
		Captcha:  func(_ context.Context, r core.CheckResult) { w.note("captcha", r) },
		Breached: func(_ context.Context, r core.CheckResult) { w.note("breached", r) },
		Mail:     func(_ context.Context, kind string, r core.MailResult) { w.note("mail", kind, r) },
		Sweep:    func(_ context.Context, took time.Duration, err error) { w.note("sweep", took > 0, err == nil) },
		Event:    func(_ context.Context, name config.EventName) { w.note("event", name) },
		Failure:  func(_ context.Context, part core.Part) { w.note("failure", part) },
	}
}

func (w *watcher) feature(s *core.Setup) error {
	w.core = s.Core()
	s.Observe(core.Observer{}) // all fields can be nil
	s.Observe(w.observer())
	return nil
}

func observing(o core.Observer) core.Feature {
	return func(s *core.Setup) error { s.Observe(o); return nil }
}

// observersHearEvents: those of hooks and those of the audit trail only, each once, also without hooks and audit trail.
func observersHearEvents(c *Case) {
	var w watcher
	c.With(w.feature).StartMail(withEverything)
	ann := c.verified("ann")
	w.want(c, "event register, event login, event verify")
	ann.Post("/auth/reauthenticate/", obj{"password": "Wrong-Password-1"}).Want(400)
	w.want(c, "event login_failed")
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	w.want(c, "event password_change")
	ann.Post("/auth/tokens/", obj{"name": "backup"}).Want(201)
	w.want(c, "event token_created")
	second := c.Client()
	second.Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
	w.want(c, "event login")
	ann.Do("DELETE", "/auth/sessions/", nil).Want(204)
	w.want(c, "event session_revoked")
	ann.Post("/auth/logout/", nil).Want(200)
	w.want(c, "event logout")
	if err := c.Auth.SetActive(c.Context(), c.user("ann").ID, false); err != nil {
		c.Fatal(err)
	}
	w.want(c, "event user_deactivated")
}

// undoneEventsAreNotTold: a hook undoes the login after the sign-up was noted.
func undoneEventsAreNotTold(c *Case) {
	var w watcher
	c.With(w.feature).Start(func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(context.Context, *gorm.DB, config.Event) error { return core.ErrPermission }
	})
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(403)
	if told := w.take("event", "login"); told != "login register refused" {
		c.Error(told)
	}
}

// observersHearLimits: each refusal, also those that cost no statement.
func observersHearLimits(c *Case) {
	var w watcher
	c.With(w.feature).StartMail(limited, func(cfg *config.Config) {
		cfg.Limits.SignUp = config.Limit{Attempts: 2, Per: time.Hour}
		cfg.Mail.MaxPerHour = 1
	})
	c.User(c.T, "ann")
	guess(c.from("203.0.113.1"), "ann", 9)
	w.want(c, "limit Limits.Login")
	for range 3 {
		c.from("203.0.113.2").Post("/auth/login/", wrong("ann")).Want(429)
	}
	w.want(c, "limit Limits.Login, limit Limits.Login, limit Limits.Login")
	for i := range 3 {
		c.from("203.0.113.3").Post("/auth/registration/", authtest.SignUp("user"+string(rune('a'+i))))
	}
	w.want(c, "limit Limits.SignUp")
	for range 40 {
		c.from("203.0.113.4").Post("/auth/password/reset/confirm/", resetForm("x", "x", "Mirror-Maze-88"))
	}
	if told := w.take("limit"); !strings.HasPrefix(told, "limit Limits.Network, limit Limits.Network") {
		c.Error(told)
	}
	for range 4 {
		c.from("203.0.113.5").Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	}
	if told := w.take("limit"); !strings.Contains(told, "limit Mail.MaxPerHour") {
		c.Error(told)
	}
}

func observersHearChecks(c *Case) {
	var w watcher
	var v verifier
	rule := c.breached("Looking-Glass-12")
	rule.Logger = slog.New(slog.DiscardHandler)
	c.With(w.feature).Start(v.configure, func(cfg *config.Config) {
		cfg.Captcha.Always = []string{"registration"}
		cfg.PasswordRules = append(config.DefaultPasswordRules(), rule)
	})
	form := authtest.SignUp("ann")
	b := c.from("203.0.113.1")
	b.Post("/auth/registration/", form).Want(400)
	solve(b, "guessed", "/auth/registration/", form).Want(400)
	form.Password1, form.Password2 = "Looking-Glass-12", "Looking-Glass-12"
	solve(b, "solved", "/auth/registration/", form).WantProblems("password1 password_breached")
	if told := w.take("captcha", "breached"); told != "captcha missing, captcha refused, captcha passed, breached refused" {
		c.Error(told)
	}
	v.fails, rule.URL = true, "http://127.0.0.1:1"
	solve(b, "solved", "/auth/registration/", authtest.SignUp("ann")).Want(201)
	if told := w.take("captcha", "breached"); told != "captcha failed, breached failed" {
		c.Error(told)
	}
}

// observersHearMails: each attempt, by kind.
func observersHearMails(c *Case) {
	var w watcher
	c.With(w.feature).StartMail()
	send := func() {
		if _, err := c.Auth.SendOutbox(c.Context()); err != nil {
			c.Error(err)
		}
	}
	c.SignedUp("ann")
	c.Box.Break(true)
	send()
	w.want(c, "mail verify retried")
	c.Clock.Advance(time.Hour)
	c.Box.Break(false)
	send()
	w.want(c, "mail verify sent")
	c.SignedUp("bob")
	if err := c.DB.Model(&models.Ticket{}).Where("1 = 1").Update("used_at", c.Clock.Now()).Error; err != nil {
		c.Fatal(err)
	}
	send()
	w.want(c, "mail verify void")
	c.askReset("unknown@example.com")
	send()
	if told := w.take("mail"); told != "" { // nothing is sent, and the worker sees no difference
		c.Error(told)
	}
	c.askReset("ann@example.com")
	if err := c.DB.Model(&models.OutboxMail{}).Where("state = ?", models.MailPending).Update("tries", 8).Error; err != nil {
		c.Fatal(err)
	}
	send()
	w.want(c, "mail reset failed")
}

// observersHearFailures: of parts without which a request succeeds.
func observersHearFailures(c *Case) {
	var w watcher
	c.With(w.feature).Start(limited, func(cfg *config.Config) {
		cfg.Audit.Keep = 24 * time.Hour
		cfg.Hooks.AfterLogin = func(context.Context, config.Event) error { return errors.New("secret-of-the-hook") }
		cfg.Hooks.AfterLoginFailed = func(context.Context, config.Event) error { panic("secret-of-the-hook") }
	})
	c.User(c.T, "ann")
	c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).Want(200)
	w.want(c, "failure hook")
	for _, table := range []string{"auth_limit", "auth_event"} {
		if err := c.DB.Exec("DROP TABLE " + table).Error; err != nil {
			c.Fatal(err)
		}
	}
	c.from("203.0.113.2").Post("/auth/login/", wrong("ann")).Want(400)
	w.want(c, "failure limits, failure audit, failure hook")
}

func observersHearSweeps(c *Case) {
	var w watcher
	c.With(w.feature).Start()
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	w.want(c, "sweep true true")
	if err := c.DB.Exec("DROP TABLE auth_session").Error; err != nil {
		c.Fatal(err)
	}
	if _, err := c.Auth.Sweep(c.Context()); err == nil {
		c.Error("no error")
	}
	w.want(c, "sweep true false")
}

// observersHearRequests: by the route of the table, whatever the client sent.
func observersHearRequests(c *Case) {
	var w watcher
	raw := func(s *core.Setup) error {
		core.AddRaw(s, core.Route{Method: "GET", Path: "raw/:name", Doc: "Answer."}, func(g *gin.Context) { g.Status(http.StatusTeapot) })
		core.AddRaw(s, core.Route{Method: "GET", Path: "panic", Doc: "Panic.", Undocumented: true}, func(*gin.Context) { panic("x") })
		return nil
	}
	c.With(w.feature, raw).Start()
	ann := c.browser()
	ann.Post("/auth/registration", authtest.SignUp("ann")).Want(201)
	ann.Get("/auth/user/?x=" + "secret").Want(200)
	ann.Do("DELETE", "/auth/sessions/evil-id/", nil).Want(404)
	ann.Get("/auth/raw/evil").Want(418)
	ann.Do("HEAD", "/auth/user/", nil).Want(200)
	ann.Do("OPTIONS", "/auth/user/", nil).Want(200)
	ann.Do("DELETE", "/auth/login/", nil).Want(405)
	ann.Do("EVIL", "/auth/login/", nil).Want(404)
	ann.Get("/auth/evil/").Want(404)
	func() {
		defer func() { _ = recover() }() // what gin.Recovery does
		c.Router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/auth/panic/", nil))
	}()
	w.want(c, "request POST registration/ 201, request GET user/ 200, request DELETE sessions/:id/ 404, request GET raw/:name/ 418, request GET user/ 200, "+
		"request GET panic/ 500")
}

// observersCostAGETNoStatement: and a login none either.
func observersCostAGETNoStatement(c *Case) {
	statements := func(features ...core.Feature) string {
		c.With(features...).Start(limited)
		c.User(c.T, "ann")
		ann := c.Client()
		ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
		var m meter
		m.install(c)
		ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
		ann.Get("/auth/user/").Want(200)
		ann.Post("/auth/login/", wrong("ann")).Want(400)
		return m.take()
	}
	var w watcher
	if without, with := statements(), statements(w.feature); with != without {
		c.Errorf("with an observer:\n%s\n\nwithout:\n%s", with, without)
	}
}
