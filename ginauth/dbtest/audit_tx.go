package dbtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// refusedChangesLeaveNoEvent: a hook refuses.
func refusedChangesLeaveNoEvent(c *Case) {
	var closed bool
	refuse := func(context.Context, *gorm.DB, config.Event) error {
		if closed {
			return errRefusal
		}
		return nil
	}
	c.StartMail(audited, func(cfg *config.Config) {
		cfg.Hooks = config.Hooks{BeforeRegister: refuse, BeforeLogin: refuse, BeforePasswordChange: refuse, BeforeVerify: refuse, BeforeDelete: refuse}
	})
	ann := c.SignedUp("ann")
	verify := c.Mail("verify").Key(c.T)
	c.events()
	closed = true
	for path, body := range map[string]any{
		"registration/": authtest.SignUp("bob"), "login/": authtest.Login("ann"), "password/change/": change(authtest.Password, "Mirror-Maze-88"),
		"registration/verify-email/": obj{"key": verify}, "user/delete/": nil,
	} {
		if r := ann.Clone().Post("/auth/"+path, body); r.StatusCode != 400 {
			c.Errorf("%s: %d %s", path, r.StatusCode, r.Text)
		}
	}
	c.wantEvents()
	closed = false
	c.App = authtest.New(c.T, c.DB, audited, func(cfg *config.Config) { cfg.Hooks.BeforeLogin = refuse })
	closed = true // the login at the end of a sign-up undoes it
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).Want(400)
	c.wantEvents()
}

// failedChangesLeaveNoEvent: a statement after that of the event fails.
func failedChangesLeaveNoEvent(c *Case) {
	c.StartMail(audited)
	var blown fuse
	blown.only = func(db *gorm.DB) bool { return db.Statement.Table == "auth_outbox" && db.Statement.SQL.Len() == 0 }
	blown.install(c)
	blown.left.Store(1)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(503)
	blown.left.Store(0)
	c.wantEvents()
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.wantEvents("register ann", "login ann register")
}

// retriedChangesStoreOneEvent: the database rolls a transaction back after the event was written.
func retriedChangesStoreOneEvent(c *Case) {
	c.Start(audited)
	left := 0
	fail := func(db *gorm.DB) {
		if left--; db.Statement.Table == "auth_event" && left >= 0 {
			_ = db.AddError(deadlock{})
		}
	}
	if err := c.DB.Callback().Create().After("gorm:create").Register("deadlock", fail); err != nil {
		c.Fatal(err)
	}
	ann := c.SignedUp("ann")
	c.events()
	for _, flow := range []func() *authtest.Response{
		func() *authtest.Response { return ann.Post("/auth/login/", authtest.Login("ann")) },
		func() *authtest.Response {
			return ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"))
		},
	} {
		left = 1
		flow().Want(200)
	}
	c.wantEvents("login ann password", "password_change ann")
}

// changesNeedTheirEvent: a change whose event cannot be stored is not made.
func changesNeedTheirEvent(c *Case) {
	c.Start(audited)
	ann := c.SignedUp("ann")
	if err := c.DB.Migrator().DropTable(&models.Event{}); err != nil {
		c.Fatal(err)
	}
	before := c.user("ann")
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantCode(503, binding.CodeUnavailable)
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).WantCode(503, binding.CodeUnavailable)
	ann.Clone().Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).WantCode(503, binding.CodeUnavailable)
	ann.Clone().Post("/auth/user/delete/", nil).WantCode(503, binding.CodeUnavailable)
	if users, sessions, after := c.count(&models.User{}), c.count(&models.Session{}), c.user("ann"); users != 1 || sessions != 1 || after.Password != before.Password {
		c.Error(users, sessions)
	}
}

// failedEventsBreakNoRequest: an event without a transaction is lost, and one line says so until it works again.
func failedEventsBreakNoRequest(c *Case) {
	c.Start(audited)
	var broken bool
	fail := func(db *gorm.DB) {
		if broken && db.Statement.Table == "auth_event" {
			_ = db.AddError(errors.New("the disk is full"))
		}
	}
	if err := c.DB.Callback().Create().Before("*").Register("full", fail); err != nil {
		c.Fatal(err)
	}
	ann := c.SignedUp("ann")
	c.events()
	for _, n := range []int{1, 2} {
		broken = true
		for range 3 {
			c.Client().Post("/auth/login/", wrong("ann")).Want(400)
		}
		if got := strings.Count(c.Log.String(), "the disk is full"); got != n {
			c.Errorf("%d lines: %s", got, c.Log)
		}
		broken = false
		c.Client().Post("/auth/login/", wrong("ann")).Want(400)
		c.wantEvents("login_failed ann password")
	}
	broken = true
	ann.Post("/auth/logout/", nil).Want(200)
	ann.Get("/auth/user/").Want(401)
}

// loginsFromNewDevicesSaySo, to hooks and in the audit trail. The first login is not a new device, since there is nothing to compare it with.
func loginsFromNewDevicesSaySo(c *Case) {
	var told []bool
	c.Start(limited, audited, func(cfg *config.Config) {
		cfg.Hooks.AfterLogin = func(_ context.Context, e config.Event) error {
			told = append(told, e.NewDevice)
			return nil
		}
	})
	c.User(c.T, "ann")
	c.events()
	home, other := c.Client(), c.Client()
	for _, browser := range []*authtest.Client{home, home, other, other, home} {
		browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	}
	var got []string
	for _, e := range c.events() {
		got = append(got, e.Event+":"+e.Details)
	}
	if fmt.Sprint(told) != "[false false true false false]" || fmt.Sprint(got) != "[login: login: login:new_device login: login:]" {
		c.Error(told, got)
	}
}

// floodStoresOneEvent for each bucket and minute, not one for each request.
func floodStoresOneEvent(c *Case) {
	c.Start(limited, audited)
	c.User(c.T, "ann")
	c.events()
	for _, name := range []string{"ann", "unknown"} {
		for i := range 30 {
			c.from(fmt.Sprintf("203.0.113.%d", i)).Post("/auth/login/", wrong(name))
		}
	}
	if got := c.limitEvents(); got != "[ann Limits.Login 203.0.113.5 0 unknown Limits.Login 203.0.113.5 0]" {
		c.Error(got)
	}
	for range 4 { // the memory of full buckets has expired, but the minute has not
		c.Clock.Advance(6 * time.Second)
		c.from("203.0.113.7").Post("/auth/login/", wrong("ann")).Want(429)
		if got := c.limitEvents(); got != "[]" {
			c.Error(got)
		}
	}
	c.Clock.Advance(time.Minute)
	for range 20 {
		c.from("203.0.113.7").Post("/auth/login/", wrong("ann"))
	}
	if got := c.limitEvents(); got != "[ann Limits.Login 203.0.113.7 0]" {
		c.Error(got)
	}
}

// limitEvents returns the new events of limits, each with the name or address, the setting, the client and the user.
func (c *Case) limitEvents() string {
	var got []string
	for _, e := range c.events() {
		if e.Event == "rate_limited" {
			got = append(got, fmt.Sprint(e.Login, " ", e.Details, " ", e.IP, " ", e.UserID))
		}
	}
	return fmt.Sprint(got)
}

// mailsNotSentAreEvents: the user sees who asked for mails that were not sent. A flood stores one a minute for each address.
func mailsNotSentAreEvents(c *Case) {
	c.StartMail(limited, audited, func(cfg *config.Config) {
		cfg.Limits.Mail, cfg.Mail.MaxPerHour = config.Limit{Attempts: 1000, Per: time.Hour}, 2
	})
	c.verified("ann")
	c.events()
	for i := range 6 {
		for _, address := range []string{"ann@example.com", "unknown@example.com"} {
			c.from(fmt.Sprintf("203.0.113.%d", i)).Post("/auth/password/reset/", obj{"email": address}).Want(200)
		}
	}
	want := fmt.Sprintf("[ann@example.com Mail.MaxPerHour 203.0.113.2 %d unknown@example.com Mail.MaxPerHour 203.0.113.2 0]", c.user("ann").ID)
	if got := c.limitEvents(); got != want {
		c.Errorf("got %s, want %s", got, want)
	}
	c.Clock.Advance(61 * time.Second)
	for range 3 {
		c.from("203.0.113.9").Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	}
	if got, want := c.limitEvents(), fmt.Sprintf("[ann@example.com Mail.MaxPerHour 203.0.113.9 %d]", c.user("ann").ID); got != want {
		c.Errorf("got %s, want %s", got, want)
	}
}

// limitedUsersAreNamed: a limit of a logged-in user has the user, one of a network does not.
func limitedUsersAreNamed(c *Case) {
	c.Start(limited, audited, func(cfg *config.Config) { cfg.Limits.SignUp = config.Limit{Attempts: 1, Per: time.Hour} })
	ann := c.SignedUp("ann")
	for range 8 {
		ann.Post("/auth/reauthenticate/", obj{"password": "Wrong-Glass-7"})
	}
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("bob")).Want(201)
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("cyd")).Want(429)
	var got []string
	for _, e := range c.events() {
		if e.Event == "rate_limited" {
			got = append(got, fmt.Sprint(e.Details, " ", e.UserID == c.user("ann").ID, " ", e.SessionID != ""))
		}
	}
	if fmt.Sprint(got) != "[Limits.Password true true Limits.SignUp false false]" {
		c.Error(got)
	}
}

// limitedFactorsNameTheUser: who guesses factors knows the password, so the user should see it, although no one is logged in.
func limitedFactorsNameTheUser(c *Case) {
	c.startMFA(limited, audited)
	ann, _ := c.withTOTP("ann")
	stranger := c.from("203.0.113.1")
	token := c.asksForCode(stranger.Post("/auth/login/", authtest.Login("ann")))
	for range 12 {
		stranger.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": "000000"})
	}
	var shown []binding.Event
	ann.Get("/auth/security/events/").Want(200).JSON(&shown)
	limits := 0
	for _, e := range shown {
		if e.Event == "rate_limited" && e.IP == "203.0.113.1" && e.Details == "Limits.Factor" {
			limits++
		}
	}
	if limits != 1 {
		c.Errorf("%d events of the limit in %+v", limits, shown)
	}
}
