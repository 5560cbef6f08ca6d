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

// mailerThatHangs: a mailer that ignores its context delays its own mail and no other.
func mailerThatHangs(c *Case) {
	never := make(chan struct{})
	c.Cleanup(func() { close(never) })
	box := &authtest.Mailbox{}
	c.StartMail(func(cfg *config.Config) {
		cfg.Mail.Timeout = time.Second
		cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, m config.Message) error {
			if m.To == "hole@example.com" {
				<-never
			}
			return box.Send(ctx, m)
		})
	})
	c.SignedUp("hole")
	for i := range 9 {
		c.SignedUp(fmt.Sprintf("user%d", i))
	}
	if n, err := c.Auth.SendOutbox(context.Background()); n != 9 || err != nil {
		c.Errorf("%d sent, %v", n, err)
	}
	if s := c.stats(); s.Pending != 1 || !strings.Contains(c.Log.String(), "did not return") {
		c.Errorf("%+v, logged %s", s, c.Log)
	}
}

// outboxRuns covers T219: the worker sends new mails of its instance at once, and due mails when it stops.
func outboxRuns(c *Case) {
	arrived := make(chan config.Message, 10)
	hold := make(chan struct{})
	c.StartMail(func(cfg *config.Config) {
		cfg.Mail.Poll = time.Hour // so that only the new mail wakes it
		cfg.Mail.Sender = config.MailerFunc(func(_ context.Context, m config.Message) error {
			arrived <- m
			<-hold
			return nil
		})
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Auth.RunOutbox(ctx) }()
	c.SignedUp("ann")
	receive(c, arrived, "a mail")
	c.SignedUp("bob") // written while the first one is being sent
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

// receive waits for a value of another goroutine, for a minute at most.
func receive[T any](c *Case, from <-chan T, what string) (got T) {
	c.Helper()
	select {
	case got = <-from:
	case <-time.After(time.Minute):
		c.Fatalf("no %s within a minute", what)
	}
	return got
}

func outboxSurvivesAPanic(c *Case) {
	c.StartMail(func(cfg *config.Config) {
		cfg.Mail.Sender = config.MailerFunc(func(context.Context, config.Message) error { panic("canary") })
	})
	c.SignedUp("ann")
	c.NoMail()
	if m := c.stored(); m.State != models.MailPending || !strings.Contains(m.Reason, "panicked") {
		c.Errorf("%s after %d tries: %q", m.State, m.Tries, m.Reason)
	}
	if strings.Contains(c.Log.String(), "canary") {
		c.Errorf("logged: %s", c.Log)
	}
}

// panicsAroundAnAttemptHaveABackOff: a row whose attempt panics outside of the mailer waits as long as after any failed attempt, whatever the
// claim is. If recording that it was sent panics, it is recorded by the next statement, and the mail is not sent again.
func panicsAroundAnAttemptHaveABackOff(c *Case) {
	var statement atomic.Value // the one that panics
	statement.Store("")
	c.StartMail(func(cfg *config.Config) { cfg.Mail.Timeout = 5 * time.Second })
	c.beforeAll("jumpy", func(db *gorm.DB) {
		columns, _ := db.Statement.Dest.(map[string]any)
		isTicket, isSent := db.Statement.Table == (models.Ticket{}).TableName(), columns["state"] == models.MailSent
		if now := statement.Load(); !db.DryRun && (now == "ticket" && isTicket || now == "sent" && isSent && statement.CompareAndSwap(now, "")) {
			panic("canary")
		}
	})
	c.SignedUp("ann")
	statement.Store("ticket")
	for i, pause := range []time.Duration{time.Minute, 2*time.Minute + 40*time.Second} {
		c.NoMail()
		m := c.stored()
		if m.State != models.MailPending || m.Tries != i+1 || m.NextTryAt.Sub(c.Clock.Now()) != pause || m.Reason != "panic of type string" {
			c.Errorf("%s after %d tries, due in %s: %q", m.State, m.Tries, m.NextTryAt.Sub(c.Clock.Now()), m.Reason)
		}
		c.Clock.Advance(pause)
	}
	statement.Store("sent")
	c.Mail("verify")
	c.Clock.Advance(time.Hour)
	c.NoMail()
	if m := c.stored(); m.State != models.MailSent || m.Tries != 3 {
		c.Errorf("%s after %d tries: %q", m.State, m.Tries, m.Reason)
	}
	if log := c.Log.String(); strings.Contains(log, "canary") || strings.Count(log, "ginauth: panic") != 3 {
		c.Errorf("logged: %s", log)
	}
}

// outboxRecordsASentMail: if the database fails after a mail was sent, the worker repeats the statement until the mail
// is recorded as sent.
func outboxRecordsASentMail(c *Case) {
	blown := fuse{only: func(db *gorm.DB) bool { // the worker reads more mails at the same time
		columns, _ := db.Statement.Dest.(map[string]any)
		return columns["state"] == models.MailSent
	}}
	c.StartMail()
	blown.install(c)
	blown.once.Store(3)
	c.SignedUp("ann")
	c.Mail("verify")
	c.Clock.Advance(time.Hour)
	c.NoMail()
	if m := c.stored(); m.State != models.MailSent || m.Tries != 1 || blown.once.Load() > 0 {
		c.Errorf("%s after %d tries: %q; %d statements did not fail", m.State, m.Tries, m.Reason, blown.once.Load())
	}
}

// outboxFailuresAreLogged: any failing statement of the worker is logged, and RunOutbox continues. When it is stopped,
// it returns nil.
func outboxFailuresAreLogged(c *Case) {
	var blown fuse
	c.StartMail()
	blown.install(c)
	c.SignedUp("ann")
	stopped, stop := context.WithCancel(c.Context())
	stop()
	for n := int64(1); n <= 6; n++ { // void mails, new and tried mails put off by a wrong clock, due mails, the claim, the ticket
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
	c.Mail("verify")
}

// outboxStopsInTime: a mail server that hangs does not delay the end of the process. After the restart the mail is sent
// at once.
func outboxStopsInTime(c *Case) {
	for name, heeds := range map[string]bool{"a mailer that heeds its context": true, "one that does not": false} {
		begun, never := make(chan struct{}), make(chan struct{})
		c.StartMail(func(cfg *config.Config) {
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
		c.SignedUp("ann")
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

// outboxSurvivesManyRestarts: while a mail server hangs, a shutdown does not count as a try.
func outboxSurvivesManyRestarts(c *Case) {
	begun := make(chan struct{}, 1)
	c.StartMail(func(cfg *config.Config) {
		cfg.Mail.ShutdownTimeout, cfg.Mail.Timeout = time.Millisecond, 10*time.Minute
		cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, _ config.Message) error {
			begun <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
	})
	c.SignedUp("ann")
	for range 8 { // the number of tries
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
