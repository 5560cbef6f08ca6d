package dbtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var workerCases = []func(*Case){OutboxRuns, OutboxSurvivesAPanic, OutboxNotesOrSendsAgain, OutboxFailuresAreLogged, OutboxSurvivesManyRestarts,
	OutboxStopsInTime, OutboxWithoutWorkerIsLogged, RunSendsAndSweeps, OneInstanceSweeps}

// OutboxRuns covers T219: the worker sends at once what its own instance writes, and what is
// due when it is told to stop.
func OutboxRuns(c *Case) {
	arrived := make(chan config.Message, 10)
	hold := make(chan struct{})
	c.startMail(func(cfg *config.Config) {
		cfg.Mail.Poll = time.Hour // so that nothing but the new mail wakes it
		cfg.Mail.Sender = config.MailerFunc(func(_ context.Context, m config.Message) error {
			arrived <- m
			<-hold
			return nil
		})
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Auth.RunOutbox(ctx) }()
	c.signedUp("ann")
	receive(c, arrived, "a mail")
	c.signedUp("bob") // written while the first is being sent
	stop()
	close(hold)
	receive(c, arrived, "the second mail")
	if err := receive(c, done, "the end of RunOutbox"); err != nil {
		c.Error(err)
	}
	if s := c.stats(); s.Pending != 0 {
		c.Errorf("stats %+v", s)
	}
	plain := authtest.New(c.T, c.DB)
	if err := plain.Auth.RunOutbox(context.Background()); !errors.Is(err, ginauth.ErrNoMailer) {
		c.Errorf("without a mailer: %v", err)
	}
}

// receive waits for what another goroutine sends. A minute is longer than any machine takes.
func receive[T any](c *Case, from <-chan T, what string) (got T) {
	c.Helper()
	select {
	case got = <-from:
	case <-time.After(time.Minute):
		c.Fatalf("a minute has passed without %s", what)
	}
	return got
}

func OutboxSurvivesAPanic(c *Case) {
	c.startMail(func(cfg *config.Config) {
		cfg.Mail.Sender = config.MailerFunc(func(context.Context, config.Message) error { panic("canary") })
	})
	c.signedUp("ann")
	c.noMail()
	if m := c.stored(); m.State != models.MailPending || !strings.Contains(m.Reason, "panicked") {
		c.Errorf("%s after %d tries: %q", m.State, m.Tries, m.Reason)
	}
	if strings.Contains(c.Log.String(), "canary") {
		c.Errorf("logged: %s", c.Log)
	}
}

// OutboxNotesOrSendsAgain: a database that fails after the mail went out is asked again until
// it has noted that.
func OutboxNotesOrSendsAgain(c *Case) {
	blown := fuse{only: func(db *gorm.DB) bool { // the worker asks for more mails at the same time
		columns, _ := db.Statement.Dest.(map[string]any)
		return columns["state"] == models.MailSent
	}}
	c.startMail()
	blown.install(c)
	blown.once.Store(3)
	c.signedUp("ann")
	c.mail("verify")
	c.Clock.Advance(time.Hour)
	c.noMail()
	if m := c.stored(); m.State != models.MailSent || m.Tries != 1 || blown.once.Load() > 0 {
		c.Errorf("%s after %d tries: %q; %d statements were to fail and did not", m.State, m.Tries, m.Reason, blown.once.Load())
	}
}

// OutboxFailuresAreLogged: whichever statement of the worker fails, it is logged, and RunOutbox
// goes on; told to stop, it returns nil.
func OutboxFailuresAreLogged(c *Case) {
	var blown fuse
	c.startMail()
	blown.install(c)
	c.signedUp("ann")
	stopped, stop := context.WithCancel(c.Context())
	stop()
	for n := int64(1); n <= 4; n++ { // void mails, due ones, the claim, the ticket
		c.Clock.Advance(time.Hour)
		before := len(c.Log.String())
		blown.left.Store(n)
		err := c.Auth.RunOutbox(stopped)
		blown.left.Store(0)
		if logged := c.Log.String()[before:]; err != nil || !strings.Contains(logged, "the database failed the outbox") {
			c.Errorf("statement %d: %v, logged %s", n, err, logged)
		}
	}
	if !strings.Contains(c.Log.String(), fmt.Sprintf("mail %d: ", c.stored().ID)) {
		c.Errorf("logged: %s", c.Log)
	}
	c.Clock.Advance(time.Hour)
	c.mail("verify")
}

// OutboxStopsInTime: a mail server that hangs does not keep the process from ending, and the mail
// goes out after the restart, at once.
func OutboxStopsInTime(c *Case) {
	for name, heeds := range map[string]bool{"a mailer that heeds its context": true, "one that does not": false} {
		begun, never := make(chan struct{}), make(chan struct{})
		c.startMail(func(cfg *config.Config) {
			cfg.Mail.ShutdownTimeout, cfg.Mail.Timeout = 50*time.Millisecond, 30*time.Second
			cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, _ config.Message) error {
				close(begun)
				if heeds {
					<-ctx.Done()
					return ctx.Err()
				}
				<-never
				return nil
			})
		})
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- c.Auth.RunOutbox(ctx) }()
		c.signedUp("ann")
		receive(c, begun, "a mail")
		stop()
		if err := receive(c, done, "the end of RunOutbox"); err != nil {
			c.Errorf("%s: %v", name, err)
		}
		close(never)
		if m := c.stored(); m.State != models.MailPending || m.Tries != 0 || m.NextTryAt.After(c.Clock.Now()) {
			c.Errorf("%s: %s after %d tries, due in %v", name, m.State, m.Tries, m.NextTryAt.Sub(c.Clock.Now()))
		}
		next := authtest.New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) { cfg.Now = c.Clock.Now })
		if mails := next.Mails(c.T, c.Box); len(mails) != 1 {
			c.Errorf("%s: %d mails after the restart", name, len(mails))
		}
	}
}

// OutboxSurvivesManyRestarts: while a mail server hangs, shutting the process down uses up no try.
func OutboxSurvivesManyRestarts(c *Case) {
	begun := make(chan struct{}, 1)
	c.startMail(func(cfg *config.Config) {
		cfg.Mail.ShutdownTimeout, cfg.Mail.Timeout = time.Millisecond, 10*time.Minute
		cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, _ config.Message) error {
			begun <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
	})
	c.signedUp("ann")
	for range 8 { // as many as there are tries
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- c.Auth.RunOutbox(ctx) }()
		receive(c, begun, "a mail that is due after a restart")
		stop()
		if err := receive(c, done, "the end of RunOutbox"); err != nil {
			c.Error(err)
		}
	}
	next := authtest.New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) { cfg.Now = c.Clock.Now })
	if mails := next.Mails(c.T, c.Box); len(mails) != 1 {
		m := c.stored()
		c.Errorf("%d mails after the last restart; %s after %d tries: %s", len(mails), m.State, m.Tries, m.Reason)
	}
}

// OutboxWithoutWorkerIsLogged: once, and only if no process sends mails.
func OutboxWithoutWorkerIsLogged(c *Case) {
	const warning = "no process sends them"
	c.startMail()
	c.signedUp("ann")
	c.Clock.Advance(6 * time.Minute)
	other := authtest.New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) { cfg.Now = c.Clock.Now })
	other.Mails(c.T, c.Box)
	c.signedUp("bob")
	if strings.Contains(c.Log.String(), warning) {
		c.Errorf("though another instance sends: %s", c.Log)
	}
	for _, name := range []string{"cyd", "dan", "eve"} {
		c.Clock.Advance(6 * time.Minute)
		c.signedUp(name)
	}
	if n := strings.Count(c.Log.String(), warning); n != 1 || strings.Count(c.Log.String(), "auth.Run ") != 1 {
		c.Errorf("%d warnings: %s", n, c.Log)
	}
	c.startMail()
	c.signedUp("ann")
	c.mail("verify")
	for _, name := range []string{"bob", "cyd"} {
		c.Clock.Advance(6 * time.Minute)
		c.signedUp(name)
	}
	if strings.Contains(c.Log.String(), warning) {
		c.Errorf("though this instance sends: %s", c.Log)
	}
}

// RunSendsAndSweeps: it sends mails, sweeps at the start, and returns nil when its context ends;
// without a mailer it only sweeps.
func RunSendsAndSweeps(c *Case) {
	for _, mails := range []bool{true, false} {
		swept, sent := make(chan struct{}, 1), make(chan struct{}, 2)
		c.startMail(func(cfg *config.Config) {
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
		c.signedUp("ann")
		c.signedUp("bob")
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

// OneInstanceSweeps at a time: the claim is a row that ends by itself, so an instance that died
// while it swept keeps the others from it for an hour at most.
func OneInstanceSweeps(c *Case) {
	c.start(func(cfg *config.Config) { cfg.Session.Absolute = time.Hour })
	c.signedUp("ann")
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
	c.loggedIn("ann")
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
