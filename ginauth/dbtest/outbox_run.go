package dbtest

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

// outboxWithoutWorkerIsLogged: once, and only if no process sends mails.
func outboxWithoutWorkerIsLogged(c *Case) {
	const warning = "no process sends them"
	c.StartMail()
	c.SignedUp("ann")
	c.Clock.Advance(6 * time.Minute)
	other := authtest.New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) { cfg.Now = c.Clock.Now })
	other.Mails(c.T, c.Box)
	c.SignedUp("bob")
	if strings.Contains(c.Log.String(), warning) {
		c.Errorf("though another instance sends: %s", c.Log)
	}
	for _, name := range []string{"cyd", "dan", "eve"} {
		c.Clock.Advance(6 * time.Minute)
		c.SignedUp(name)
	}
	if n := strings.Count(c.Log.String(), warning); n != 1 || strings.Count(c.Log.String(), "auth.Run ") != 1 {
		c.Errorf("%d warnings: %s", n, c.Log)
	}
	c.StartMail()
	c.SignedUp("ann")
	c.Mail("verify")
	for _, name := range []string{"bob", "cyd"} {
		c.Clock.Advance(6 * time.Minute)
		c.SignedUp(name)
	}
	if strings.Contains(c.Log.String(), warning) {
		c.Errorf("though this instance sends: %s", c.Log)
	}
}

// runSendsAndSweeps: it sends mails, sweeps at the start, and returns nil when its context ends. Without a mailer it
// only sweeps.
func runSendsAndSweeps(c *Case) {
	for _, mails := range []bool{true, false} {
		swept, sent := make(chan struct{}, 1), make(chan struct{}, 2)
		c.StartMail(func(cfg *config.Config) {
			cfg.DeleteGrace = time.Hour
			cfg.Hooks.AfterDelete = func(context.Context, config.Event) error {
				swept <- struct{}{}
				return nil
			}
			cfg.Mail.Sender = config.MailerFunc(func(context.Context, config.Message) error {
				sent <- struct{}{}
				return nil
			})
			if !mails {
				cfg.Mail, cfg.EmailVerification = config.Mail{}, ""
			}
		})
		c.SignedUp("ann")
		c.SignedUp("bob")
		c.set("ann", map[string]any{"delete_at": c.Clock.Now().Add(-time.Hour)})
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- c.Auth.Run(ctx) }()
		receive(c, swept, "a sweep")
		if mails {
			receive(c, sent, "a mail")
		}
		stop()
		if err := receive(c, done, "the end of Run"); err != nil {
			c.Errorf("with mails %t: %v", mails, err)
		}
	}
}

// oneInstanceSweeps at a time: the claim is a row that expires, so an instance that crashes while it sweeps blocks the
// others for at most an hour.
func oneInstanceSweeps(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Session.Absolute = time.Hour })
	c.SignedUp("ann")
	c.Clock.Advance(2 * time.Hour)
	dead := models.Counter{Name: "sweep", Count: 7, ResetAt: c.Clock.Now().Add(time.Hour)}
	if err := c.DB.Create(&dead).Error; err != nil {
		c.Fatal(err)
	}
	sweep := func(want int64) {
		c.Helper()
		if n, err := c.Auth.Sweep(context.Background()); n != want || err != nil {
			c.Errorf("swept %d sessions, want %d: %v", n, want, err)
		}
	}
	sweep(0)
	c.Clock.Advance(59 * time.Minute)
	sweep(0)
	c.Clock.Advance(time.Minute)
	sweep(1)
	if r := c.DB.Where("name = ?", "sweep").Limit(1).Find(&models.Counter{}); r.RowsAffected != 0 || r.Error != nil {
		c.Errorf("%d claims left: %v", r.RowsAffected, r.Error)
	}
	c.LoggedIn("ann")
	c.Clock.Advance(2 * time.Hour)
	const instances = 8
	var sweeping, swept atomic.Int64
	returned, others := make(chan struct{}, instances), make(chan struct{})
	all := newMeeting(instances)
	claims := func(db *gorm.DB) {
		if db.Statement.Table == (models.Counter{}).TableName() {
			all.join() // none has written yet, whatever they have read
		}
	}
	sweeps := func(db *gorm.DB) {
		if db.Statement.Table == (models.Session{}).TableName() && sweeping.Add(1) == 1 {
			<-others // the claim is held until all have asked for it
		}
	}
	for _, err := range []error{
		c.DB.Callback().Create().Before("*").Register("claims", claims), c.DB.Callback().Update().Before("*").Register("claims", claims),
		c.DB.Callback().Query().Before("*").Register("sweeps", sweeps),
	} {
		if err != nil {
			c.Fatal(err)
		}
	}
	for range instances {
		go func() {
			n, err := c.Auth.Sweep(context.Background())
			if err != nil {
				c.Error(err)
			}
			swept.Add(n)
			returned <- struct{}{}
		}()
	}
	for range instances - 1 {
		receive(c, returned, "the end of a sweep")
	}
	close(others)
	receive(c, returned, "the end of the last sweep")
	if sweeping.Load() != 1 || swept.Load() != 1 {
		c.Errorf("%d instances swept at once, and deleted %d sessions", sweeping.Load(), swept.Load())
	}
}
