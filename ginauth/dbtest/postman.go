package dbtest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var postmanCases = []func(*Case){OutboxRuns, OutboxSurvivesAPanic, OutboxNotesOrSendsAgain, OutboxFailuresAreLogged}

// OutboxRuns covers T219: the worker sends at once what its own instance writes, and what is
// due when it is told to stop.
func OutboxRuns(c *Case) {
	arrived := make(chan config.Message, 10)
	hold := make(chan struct{})
	c.startMail(func(cfg *config.Config) {
		cfg.Mail.Poll = time.Hour // so that only the nudge can be what wakes it
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
	<-arrived
	c.signedUp("bob") // written while the first is being sent
	stop()
	close(hold)
	<-arrived
	if err := <-done; err != nil {
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
	var blown fuse
	var box authtest.Mailbox
	c.startMail(func(cfg *config.Config) {
		cfg.Mail.Timeout = 5 * time.Second
		cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, m config.Message) error {
			blown.once.Store(3) // the next three statements
			return box.Send(ctx, m)
		})
	})
	blown.install(c)
	c.signedUp("ann")
	c.noMail()
	c.Clock.Advance(time.Hour)
	c.noMail()
	if m := c.stored(); m.State != models.MailSent || len(box.Empty()) != 1 {
		c.Errorf("%s after %d tries: %q", m.State, m.Tries, m.Reason)
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
	if !strings.Contains(c.Log.String(), "mail 1: ") {
		c.Errorf("logged: %s", c.Log)
	}
	c.Clock.Advance(time.Hour)
	c.mail("verify")
}
