package dbtest

import (
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var limitCases = Group{Name: "limit", Cases: []func(*Case){
	mailsToAnAddressAreLimited, contestedMailIsNotLimited, limitsArePerKindOfMail, limitSurvivesDeletion,
	limitHoldsForConcurrentRequests, codesWorkAfterSignUpsOfOthers, claimsRevealNoOwner, mailsOfADayRevealNoSignUp,
}}

// contestedMailIsNotLimited: a stranger cannot prevent the mail that the response promises to the owner.
func contestedMailIsNotLimited(c *Case) {
	c.StartMail(mandatory)
	c.owner("victim", "victim@example.com")
	first := c.Mail("verify")
	for i := range 18 {
		c.Clock.Advance(time.Second)
		c.squat(fmt.Sprint("mallory", i), "victim@example.com")
		c.askReset("victim@example.com")
	}
	c.Mails()
	c.verify(first.Key(c.T)).Want(200)
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
}

// limitsArePerKindOfMail covers T097: resends that send nothing do not count for resets.
func limitsArePerKindOfMail(c *Case) {
	c.StartMail(byCode)
	c.verified("ann")
	for range 20 {
		c.resend("ann@example.com")
	}
	c.askReset("ann@example.com")
	c.Mail("reset")
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	c.Mail("login_code")
}

// codesWorkAfterSignUpsOfOthers covers T109: each sign-up with an address makes tickets for it. None of them prevents
// the code of an earlier mail from being found.
func codesWorkAfterSignUpsOfOthers(c *Case) {
	for _, most := range []int{0, -1} { // the default, and no limit of mails
		c.documented = nil
		c.StartMail(mandatory, func(cfg *config.Config) { cfg.Mail.MaxPerHour = most })
		sign := func(who string) {
			for i := range 12 {
				c.Clock.Advance(time.Second)
				c.squat(fmt.Sprint(who, i), "victim@example.com")
			}
			c.Mails()
		}
		c.owner("victim", "victim@example.com")
		form := obj{"email": "victim@example.com", "code": c.Mail("verify").Code(c.T)}
		sign("before")
		c.Client().Post("/auth/registration/verify-email/", form).Want(200)
		c.Mails()
		c.Clock.Advance(2 * time.Hour)
		c.askReset("victim@example.com")
		form = obj{"email": "victim@example.com", "code": c.Mail("reset").Code(c.T), "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}
		sign("after")
		c.Client().Post("/auth/password/reset/confirm/", form).Want(200)
		c.Client().Post("/auth/login/", obj{"username": "victim", "password": "Mirror-Maze-88"}).Want(200)
	}
}

// limitSurvivesDeletion covers T097: deleting and creating accounts does not allow more mails.
func limitSurvivesDeletion(c *Case) {
	c.StartMail()
	for i := range 30 {
		browser := c.SignedUp(fmt.Sprintf("user%d", i))
		browser.Post("/auth/emails/", obj{"email": "victim@example.com"}).Want(201)
		browser.Post("/auth/user/delete/", nil).Want(200)
	}
	n := 0
	for _, m := range c.Mails() {
		if m.To == "victim@example.com" {
			n++
		}
	}
	if n > 10 {
		c.Errorf("%d mails", n)
	}
}

// limitHoldsForConcurrentRequests covers T097: concurrent requests are counted one after the other, on every database.
func limitHoldsForConcurrentRequests(c *Case) {
	c.StartMail(mandatory)
	c.verified("ann")
	got := c.concurrently(40, func(int) *authtest.Response {
		return c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"})
	})
	if mails := c.Mails(); got[200] != 40 || len(mails) != 5 {
		c.Errorf("%v, %d mails; log: %s", got, len(mails), c.Log)
	}
	got = c.concurrently(30, func(i int) *authtest.Response {
		in := authtest.SignUp(fmt.Sprintf("user%d", i))
		in.Email = "victim@example.com"
		return c.Client().Post("/auth/registration/", in)
	})
	if mails := c.Mails(); got[201] != 30 || len(mails) != 10 {
		c.Errorf("%v, %d mails; log: %s", got, len(mails), c.Log)
	}
}

// mailsToAnAddressAreLimited covers T097: the limit is per kind of mail and hour. If no ticket is left, one more mail is
// sent, so that no one can lock the owner out.
func mailsToAnAddressAreLimited(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	var last authtest.Mail
	kinds := map[string]int{}
	ask := func(times int) {
		for range times {
			for _, m := range c.Mails() {
				kinds[m.Kind]++
				last = m
			}
			c.resend("ann@example.com")
			c.askReset("ann@example.com")
			c.Clock.Advance(61 * time.Second)
		}
	}
	ask(30)
	if kinds["verify"] != 5 || kinds["reset"] != 5 || len(kinds) != 2 {
		c.Errorf("mails in half an hour: %v", kinds)
	}
	ask(10)
	if kinds["verify"] != 5 || kinds["reset"] != 6 {
		c.Errorf("when no link was left: %v", kinds)
	}
	c.reset(last, "Mirror-Maze-88").Want(200)
}
