package dbtest

// Clocks that jump by a day.

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

const day = 24 * time.Hour

// issued is what one user got at one time.
type issued struct {
	browser         *authtest.Client
	access, refresh string
	reset, code     authtest.Mail
	name            string
}

func (c *Case) issue(name string) (i issued) {
	c.Helper()
	i.name, i.browser = name, c.SignedUp(name)
	c.verify(c.mailTo(name+"@example.com", "verify").Key(c.T)).Want(200)
	pair := c.loginAs(name, "jwt")
	i.access, i.refresh = pair.Access, pair.Refresh
	c.askReset(name + "@example.com")
	i.reset = c.mailTo(name+"@example.com", "reset")
	c.Client().Post("/auth/login/code/", obj{"email": name + "@example.com"}).Want(200)
	i.code = c.mailTo(name+"@example.com", "login_code")
	return i
}

// wantExpired wants that what has short lifetimes does not work.
func (c *Case) wantExpired(when string, i issued) {
	c.Helper()
	for what, r := range map[string]*authtest.Response{
		"an access token": c.byToken(i.access).Get("/auth/user/"),
		"a reset":         c.reset(i.reset, "Mirror-Maze-88"),
		"a login code":    c.Client().Post("/auth/login/code/confirm/", obj{"email": i.name + "@example.com", "code": i.code.Code(c.T)}),
		"a login link":    c.Client().Post("/auth/login/code/confirm/", obj{"key": i.code.Key(c.T)}),
	} {
		if r.StatusCode < 400 || r.StatusCode >= 500 {
			c.Errorf("%s, %s is answered %d: %s", when, what, r.StatusCode, r.Text)
		}
	}
}

func steady(cfg *config.Config) {
	cfg.Mail.MaxPerHour = -1
	cfg.Limits = config.Limits{Login: config.Limit{Attempts: 3, Per: 45 * time.Minute}}
	cfg.Session.Fresh, cfg.Session.Idle = time.Hour, 7*day
}

// clockGoesForward: a clock that jumps a day forward ends what expires within a day, and nothing else.
func clockGoesForward(c *Case) {
	c.StartMail(audited, withEachCredential, byCode, steady)
	i := c.issue("ann")
	c.Clock.Advance(day)
	c.wantExpired("a day later", i)
	i.browser.Get("/auth/user/").Want(200)
	i.browser.Post("/auth/emails/", obj{"email": "x@example.com"}).Want(403) // the login is not recent
	c.refreshed(i.refresh)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Error(err)
	}
	c.Clock.Advance(-day)
	i.browser.Get("/auth/user/").Want(200)
	c.LoggedIn("ann")
	c.Clock.Advance(time.Hour)
	c.wantExpired("an hour after the clock was set right", i)
}

// idleSessionsEndAfterAWrongClock: a session that was last seen by a clock that was a day ahead is idle as soon as any other, once it was used.
func idleSessionsEndAfterAWrongClock(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Session.Idle = 30 * time.Minute })
	c.SignedUp("ann")
	c.Clock.Advance(day)
	browser := c.LoggedIn("ann")
	c.Clock.Advance(-day)
	browser.Get("/auth/user/").Want(200)
	c.Clock.Advance(31 * time.Minute)
	browser.Get("/auth/user/").Want(401)
}

// clockGoesBack: what was issued by a clock that was a day ahead lives at most a day longer, gives no login that stays recent and no refresh
// token that stays in its grace, and limits do not lock users out.
func clockGoesBack(c *Case) {
	c.StartMail(audited, withEachCredential, byCode, steady)
	early := c.issue("eve")
	c.Clock.Advance(day)
	i := c.issue("ann")
	old, locked := i.refresh, c.Client()
	i.refresh = c.refreshed(old).Refresh
	for range 6 {
		locked.Post("/auth/login/", obj{"username": "eve", "password": "wrong"})
	}
	locked.Post("/auth/login/", authtest.Login("eve")).Want(429)
	c.Clock.Advance(-day)
	c.LoggedIn("eve")
	early.browser.Get("/auth/user/").Want(200)
	i.browser.Get("/auth/user/").Want(200)
	c.byToken(i.access).Get("/auth/user/").Want(401) // issued in the future
	i.browser.Post("/auth/emails/", obj{"email": "x@example.com"}).Want(403)
	c.refresh(old).Want(401) // it was replaced, and the grace does not last for a day
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Error(err)
	}
	c.Clock.Advance(day + time.Hour)
	c.wantExpired("a day and an hour later", i)
	c.Clock.Advance(400 * day)
	i.browser.Get("/auth/user/").Want(401)
	if r := c.refresh(i.refresh); r.StatusCode != 401 {
		c.Errorf("a refresh token lives for ever: %d", r.StatusCode)
	}
	if log := c.Log.String(); strings.Contains(log, "panic") {
		c.Errorf("logged: %s", log)
	}
}

// clockJumpsWhileMailsAreSent: the worker neither spins nor stops when the clock jumps. When the clock goes back, it brings back a mail whose next
// attempt it has set far ahead.
func clockJumpsWhileMailsAreSent(c *Case) {
	c.StartMail(byCode, func(cfg *config.Config) { cfg.Mail.Poll, cfg.Mail.MaxPerHour = 20*time.Millisecond, -1 })
	var statements atomic.Int64
	c.beforeAll("count", func(db *gorm.DB) {
		if !db.DryRun {
			statements.Add(1)
		}
	})
	ctx, cancel := context.WithCancel(c.Context())
	done := make(chan error, 1)
	go func() { done <- c.Auth.Run(ctx) }()
	c.SignedUp("ann")
	arrives := func(what string) {
		c.Helper()
		c.eventually(what, func() bool { return len(c.Box.Empty()) > 0 })
	}
	arrives("the first mail")
	for _, jump := range []time.Duration{day, -day, -day, day} {
		c.Clock.Advance(jump)
		began, before := time.Now(), statements.Load()
		c.askReset("ann@example.com")
		arrives("a mail after a jump of " + jump.String())
		polls := time.Since(began)/(20*time.Millisecond) + 1
		if n := statements.Load() - before; n > int64(polls)*6+60 {
			c.Errorf("%d statements in %s after a jump of %s", n, time.Since(began), jump)
		}
	}
	c.Clock.Advance(day)
	c.Box.Break(true)
	c.askReset("ann@example.com")
	c.eventually("a failed try", func() bool {
		stats, err := c.Auth.OutboxStats(ctx)
		c.must(err)
		return stats.Pending > 0 && strings.Contains(c.Log.String(), "was not sent")
	})
	c.Box.Break(false)
	c.Clock.Advance(-day)
	c.eventually("the mail is brought back", func() bool {
		var late int64
		c.must(c.DB.Model(&models.OutboxMail{}).Where("state = ? AND next_try_at > ?", models.MailPending, c.Clock.Now().Add(6*time.Hour)).Count(&late).Error)
		return late == 0
	})
	c.Clock.Advance(time.Minute)
	arrives("the mail that waited")
	cancel()
	if err := <-done; err != nil {
		c.Error(err)
	}
}

// mailsOfAWrongClockDoNotWaitForIt: the next attempt of a row was set by a clock that was a day ahead. When the clock is right, a mail that
// was never tried goes out at once, and one that was tried has its usual pause.
func mailsOfAWrongClockDoNotWaitForIt(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	c.SignedUp("ann")
	c.verify(c.mailTo("ann@example.com", "verify").Key(c.T)).Want(200)
	for tries, pause := range map[int]time.Duration{1: time.Minute, 3: 7*time.Minute + 6*time.Second} {
		c.Clock.Advance(day)
		c.askReset("ann@example.com")
		c.Box.Break(true)
		for range tries {
			c.NoMail()
			c.Clock.Advance(pause)
		}
		c.Box.Break(false)
		c.Clock.Advance(-day)
		c.NoMail()
		c.Clock.Advance(pause - time.Second)
		c.NoMail()
		c.Clock.Advance(time.Second)
		c.mailTo("ann@example.com", "reset")
	}
	c.Clock.Advance(day)
	c.askReset("ann@example.com")
	c.Clock.Advance(-day)
	if s := c.stats(); s.Oldest < 0 {
		c.Errorf("a mail of the wrong clock waits for %s", s.Oldest)
	}
	c.mailTo("ann@example.com", "reset")
}
