package dbtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// What bounds mails and keeps the outbox going, whatever anybody asks or any mailer does.
var limitCases = []func(*Case){
	LimitsAreOfOneKind, LimitSurvivesDeletion, LimitHoldsInABurst, MailerThatHangs, MailThatKillsIsGivenUp, VoidBodiesAreErased,
	CodesOutliveSignUpsOfOthers,
}

// LimitsAreOfOneKind covers T097: resends that send nothing use up nobody's resets.
func LimitsAreOfOneKind(c *Case) {
	c.startMail(byCode)
	c.verified("ann")
	for range 20 {
		c.resend("ann@example.com")
	}
	c.askReset("ann@example.com")
	c.mail("reset")
	c.client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	c.mail("login_code")
}

// CodesOutliveSignUpsOfOthers covers T109: each sign-up with an address makes tickets for it, and none
// of them keeps the code of an earlier mail from being found.
func CodesOutliveSignUpsOfOthers(c *Case) {
	for _, most := range []int{0, -1} { // the default, and no limit of mails
		c.documented = nil
		c.startMail(mandatory, func(cfg *config.Config) { cfg.Mail.MaxPerHour = most })
		sign := func(who string) {
			for i := range 12 {
				c.Clock.Advance(time.Second)
				c.squat(fmt.Sprint(who, i), "victim@example.com")
			}
			c.mails()
		}
		c.owner("victim", "victim@example.com")
		form := obj{"email": "victim@example.com", "code": c.mail("verify").Code(c.T)}
		sign("before")
		c.client().Post("/auth/registration/verify-email/", form).Want(200)
		c.mails()
		c.Clock.Advance(2 * time.Hour)
		c.askReset("victim@example.com")
		form = obj{"email": "victim@example.com", "code": c.mail("reset").Code(c.T), "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}
		sign("after")
		c.client().Post("/auth/password/reset/confirm/", form).Want(200)
		c.client().Post("/auth/login/", obj{"username": "victim", "password": "Mirror-Maze-88"}).Want(200)
	}
}

// LimitSurvivesDeletion covers T097: accounts that come and go mail no more than one.
func LimitSurvivesDeletion(c *Case) {
	c.startMail()
	for i := range 30 {
		browser := c.signedUp(fmt.Sprintf("user%d", i))
		browser.Post("/auth/emails/", obj{"email": "victim@example.com"}).Want(201)
		browser.Post("/auth/user/delete/", nil).Want(200)
	}
	n := 0
	for _, m := range c.mails() {
		if m.To == "victim@example.com" {
			n++
		}
	}
	if n > 10 {
		c.Errorf("%d mails", n)
	}
}

// LimitHoldsInABurst covers T097: many at once count one after the other, on every database.
func LimitHoldsInABurst(c *Case) {
	c.startMail(mandatory)
	c.verified("ann")
	got := c.together(40, func(int) *authtest.Response {
		return c.client().Post("/auth/password/reset/", obj{"email": "ann@example.com"})
	})
	if mails := c.mails(); got[200] != 40 || len(mails) != 5 {
		c.Errorf("%v, %d mails; log: %s", got, len(mails), c.Log)
	}
	got = c.together(30, func(i int) *authtest.Response {
		in := authtest.SignUp(fmt.Sprintf("user%d", i))
		in.Email = "victim@example.com"
		return c.client().Post("/auth/registration/", in)
	})
	if mails := c.mails(); got[201] != 30 || len(mails) != 10 {
		c.Errorf("%v, %d mails; log: %s", got, len(mails), c.Log)
	}
}

// MailerThatHangs: one that ignores its context costs its own mail some time, and no other.
func MailerThatHangs(c *Case) {
	never := make(chan struct{})
	c.Cleanup(func() { close(never) })
	box := &authtest.Mailbox{}
	c.startMail(func(cfg *config.Config) {
		cfg.Mail.Timeout = time.Second
		cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, m config.Message) error {
			if m.To == "hole@example.com" {
				<-never
			}
			return box.Send(ctx, m)
		})
	})
	c.signedUp("hole")
	for i := range 9 {
		c.signedUp(fmt.Sprintf("user%d", i))
	}
	if n, err := c.Auth.SendOutbox(context.Background()); n != 9 || err != nil {
		c.Errorf("%d sent, %v", n, err)
	}
	if s := c.stats(); s.Pending != 1 || !strings.Contains(c.Log.String(), "did not come back") {
		c.Errorf("%+v, logged %s", s, c.Log)
	}
}

// MailThatKillsIsGivenUp: a mail during which the process died each time is not tried for ever.
func MailThatKillsIsGivenUp(c *Case) {
	c.startMail()
	c.signedUp("ann")
	if err := c.DB.Model(&models.OutboxMail{}).Where("1 = 1").Update("tries", 8).Error; err != nil {
		c.Fatal(err)
	}
	c.noMail()
	if m := c.stored(); m.State != models.MailFailed {
		c.Errorf("%s after %d tries", m.State, m.Tries)
	}
}

func VoidBodiesAreErased(c *Case) {
	c.startMail()
	c.askReset("nobody@example.com")
	c.noMail()
	if m := c.stored(); m.State != models.MailVoid || len(m.Body) > 0 {
		c.Errorf("%s, %d bytes", m.State, len(m.Body))
	}
}
