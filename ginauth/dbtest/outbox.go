package dbtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var outboxCases = Group{Name: "outbox", Cases: []func(*Case){
	outboxTriesEightTimes, outboxGivesUpRefusedMails, outboxIsSharedByInstances, outboxSurvivesACrash,
	outboxIsEncryptedAndErased, outboxSurvivesANewSecret, outboxSkipsOutdatedMails, outboxRuns, outboxSurvivesAPanic,
	outboxRecordsASentMail, outboxFailuresAreLogged, outboxSurvivesManyRestarts, outboxStopsInTime,
	outboxWithoutWorkerIsLogged, runSendsAndSweeps, oneInstanceSweeps, mailerThatHangs, mailThatCrashesTheProcessIsGivenUp,
	bodiesOfVoidMailsAreErased, codesGoBeforeSignUps, noMailWaitsForever,
	panicsAroundAnAttemptHaveABackOff,
}}

// mailThatCrashesTheProcessIsGivenUp: a mail that is in flight each time the process crashes is not tried forever.
func mailThatCrashesTheProcessIsGivenUp(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	if err := c.DB.Model(&models.OutboxMail{}).Where("1 = 1").Update("tries", 8).Error; err != nil {
		c.Fatal(err)
	}
	c.NoMail()
	if m := c.stored(); m.State != models.MailFailed {
		c.Errorf("%s after %d tries", m.State, m.Tries)
	}
}

func bodiesOfVoidMailsAreErased(c *Case) {
	c.StartMail()
	c.askReset("nobody@example.com")
	c.NoMail()
	if m := c.stored(); m.State != models.MailVoid || len(m.Body) > 0 {
		c.Errorf("%s, %d bytes", m.State, len(m.Body))
	}
}

// stored reads the only mail in the outbox.
func (c *Case) stored() models.OutboxMail {
	c.Helper()
	var all []models.OutboxMail
	if err := c.DB.Find(&all).Error; err != nil || len(all) != 1 {
		c.Fatalf("%d mails, %v", len(all), err)
	}
	return all[0]
}

func (c *Case) stats() ginauth.OutboxStats {
	c.Helper()
	stats, err := c.Auth.OutboxStats(context.Background())
	if err != nil {
		c.Fatal(err)
	}
	return stats
}

// outboxTriesEightTimes covers T008 and T211: the request succeeds, and the mail waits longer before each try. After the
// last try it is given up with the reason. It can be sent later with a working link.
func outboxTriesEightTimes(c *Case) {
	c.StartMail()
	c.Box.Break(true)
	began := c.Clock.Now()
	c.SignedUp("ann")
	var pauses []time.Duration
	for try := 1; ; try++ {
		c.NoMail()
		m := c.stored()
		if m.Tries != try || !strings.Contains(m.Reason, "broken") {
			c.Fatalf("after try %d: %d tries, %s", try, m.Tries, m.Reason)
		}
		if m.State == models.MailFailed {
			break
		}
		pause := m.NextTryAt.Sub(c.Clock.Now())
		pauses = append(pauses, pause)
		c.Clock.Advance(pause - time.Millisecond)
		c.NoMail()
		if c.stored().Tries != try {
			c.Fatal("the mail was tried too early")
		}
		if s := c.stats(); s.Pending != 1 || s.Failed != 0 || s.Oldest != c.Clock.Now().Sub(began) {
			c.Errorf("stats %+v", s)
		}
		c.Clock.Advance(time.Millisecond)
	}
	if len(pauses) != 7 || pauses[0] != time.Minute || pauses[6] < 5*time.Hour || pauses[6] > 6*time.Hour {
		c.Errorf("pauses %v", pauses)
	}
	if s := c.stats(); s.Pending != 0 || s.Failed != 1 {
		c.Errorf("stats %+v", s)
	}
	if log := c.Log.String(); !strings.Contains(log, "a mail was given up") || strings.Contains(log, "ann@") {
		c.Errorf("logged: %s", log)
	}
	c.Box.Break(false)
	c.Clock.Advance(20 * 24 * time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	if n, err := c.Auth.RetryFailedMails(context.Background()); n != 1 || err != nil {
		c.Fatalf("%d, %v", n, err)
	}
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
}

func outboxGivesUpRefusedMails(c *Case) {
	c.StartMail(func(cfg *config.Config) {
		cfg.Mail.Sender = config.MailerFunc(func(context.Context, config.Message) error {
			return fmt.Errorf("smtp: %w", config.Permanent(errors.New("550 no such user\r\nhere")))
		})
	})
	c.SignedUp("ann")
	c.NoMail()
	if m := c.stored(); m.State != models.MailFailed || m.Tries != 1 || m.Reason != "smtp: 550 no such userhere" {
		c.Errorf("%s after %d tries: %q", m.State, m.Tries, m.Reason)
	}
}

// outboxIsSharedByInstances: several instances send concurrently, and each mail is sent once.
func outboxIsSharedByInstances(c *Case) {
	c.StartMail()
	const users = 12
	for i := range users {
		c.SignedUp(fmt.Sprintf("user%d", i))
	}
	instances := []*authtest.App{c.App}
	for range 3 {
		instances = append(instances, authtest.New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) { cfg.Now = c.Clock.Now }))
	}
	c.sentOnceBy(instances, users, func() (ids []string) {
		for _, m := range c.Box.Empty() {
			ids = append(ids, m.ID)
		}
		return ids
	})
}

// outboxSurvivesACrash: an instance claimed a mail and crashed. Another instance takes the mail when the claim expires,
// not before.
func outboxSurvivesACrash(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	claimed := map[string]any{"tries": 1, "next_try_at": c.Clock.Now().Add(time.Minute)}
	if err := c.DB.Model(&models.OutboxMail{}).Where("1 = 1").Updates(claimed).Error; err != nil {
		c.Fatal(err)
	}
	c.Clock.Advance(59 * time.Second)
	c.NoMail()
	c.Clock.Advance(time.Second)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	if m := c.stored(); m.State != models.MailSent || m.SentAt == nil {
		c.Errorf("%s after %d tries: %q", m.State, m.Tries, m.Reason)
	}
}

func outboxIsEncryptedAndErased(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	before := c.stored()
	mail := c.Mail("verify")
	if before.State != models.MailPending || len(before.Body) < 500 {
		c.Errorf("got %d bytes, %s", len(before.Body), before.State)
	}
	for _, s := range []string{mail.Key(c.T), mail.Code(c.T), authtest.Site, "Confirm"} {
		if strings.Contains(string(before.Body), s) {
			c.Errorf("%q is in the outbox", s)
		}
	}
	if after := c.stored(); after.State != models.MailSent || len(after.Body) != 0 {
		c.Errorf("%s, %d bytes left", after.State, len(after.Body))
	}
}

// outboxSurvivesANewSecret: earlier mails are sent, and their links work.
func outboxSurvivesANewSecret(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	box, clock := &authtest.Mailbox{}, c.Clock
	renew := func(old ...config.Secret) *authtest.App {
		return authtest.New(c.T, c.DB, box.Configure, func(cfg *config.Config) {
			cfg.Now, cfg.Secret, cfg.OldSecrets = clock.Now, "another secret: 8sJ2kQw9Zx1Lm4Vb7Nc0Rt5Yp3Ue6Ia", old
		})
	}
	next := renew(authtest.Secret)
	mails := next.Mails(c.T, box)
	if len(mails) != 1 {
		c.Fatalf("%d mails", len(mails))
	}
	c.App = next
	c.Client().Post("/auth/registration/resend-email/", obj{"email": "ann@example.com"}).Want(200)
	if again := next.Mails(c.T, box); len(again) != 1 || again[0].Key(c.T) != mails[0].Key(c.T) {
		c.Errorf("resent: %v", again)
	}
	c.verify(mails[0].Key(c.T)).Want(200)

	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	stranger := authtest.New(c.T, c.DB, box.Configure, func(cfg *config.Config) { cfg.Now = clock.Now })
	if mails := stranger.Mails(c.T, box); len(mails) != 0 {
		c.Errorf("without the secret: %v", mails)
	}
	var m models.OutboxMail
	if err := c.DB.Where("kind = ?", "reset").Find(&m).Error; err != nil || m.State != models.MailPending || !strings.Contains(m.Reason, "OldSecrets") {
		c.Errorf("%s: %q, %v", m.State, m.Reason, err)
	}
	clock.Advance(time.Minute) // an instance that has the key sends it
	if mails := next.Mails(c.T, box); len(mails) != 1 || mails[0].Kind != "reset" {
		c.Errorf("got %v", mails)
	}
}

// outboxSkipsOutdatedMails: a mail whose link no longer works is not sent.
func outboxSkipsOutdatedMails(c *Case) {
	c.StartMail()
	c.Box.Break(true)
	c.SignedUp("ann")
	c.NoMail()
	c.Clock.Advance(2 * time.Minute)
	c.resend("ann@example.com")
	c.Box.Break(false)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	var n int64
	if err := c.DB.Model(&models.OutboxMail{}).Where("state = ?", models.MailVoid).Count(&n).Error; err != nil || n != 1 {
		c.Errorf("%d void mails, %v", n, err)
	}
}
