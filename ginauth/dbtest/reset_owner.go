package dbtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// resetOpensTheFirstClaim: if several accounts have an unconfirmed address, the reset opens the oldest one that did not
// come by sign-up, otherwise the oldest. The mail names it.
func resetOpensTheFirstClaim(c *Case) {
	c.StartMail(mandatory)
	c.owner("first", "victim@example.com")
	c.Clock.Advance(time.Hour)
	c.owner("second", "victim@example.com")
	c.Mails()
	reset := func(opened, name string) {
		c.Helper()
		c.Clock.Advance(time.Hour)
		c.askReset("victim@example.com")
		if mail := c.Mail("reset"); !strings.Contains(mail.Text, "created on March 1, 2026 at "+opened+":00 PM") {
			c.Errorf("the mail of %s says %s", name, mail.Text)
		}
	}
	reset("12", "first")
	c.created("boss", "victim@example.com")
	reset("2", "boss")
	c.Clock.Advance(time.Hour)
	c.askReset("victim@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	c.Client().Post("/auth/login/", obj{"username": "boss", "password": "Mirror-Maze-88"}).Want(200)
}

// concurrentResetsShareATicket: two concurrent requests, as after a double click, mail the same link.
func concurrentResetsShareATicket(c *Case) {
	c.StartMail()
	for i := range 5 {
		name := fmt.Sprintf("user%d", i)
		c.verified(name)
		got := c.concurrently(2, func(int) *authtest.Response {
			return c.Client().Post("/auth/password/reset/", obj{"email": name + "@example.com"})
		})
		mails := c.Mails()
		if got[200] != 2 || len(mails) != 2 || mails[0].Key(c.T) != mails[1].Key(c.T) {
			c.Fatalf("%v, %d mails; log: %s", got, len(mails), c.Log)
		}
	}
}

func resetTakesOverAClaimedAccount(c *Case) {
	c.StartMail(withEverything)
	thief := c.foothold("victim")
	thief.browser.Post("/auth/emails/", obj{"email": "thief@example.com"}).Want(201)
	back := c.Mail("verify").Key(c.T)
	c.Clock.Advance(time.Second)
	c.askReset("victim@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	c.Mails()
	thief.wantRevoked(c, "victim")
	c.verify(back).WantCode(404, binding.CodeInvalidTicket)
	owner := c.Client()
	owner.Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
	if all := emails(owner); len(all) != 1 || !all[0].Verified {
		c.Errorf("addresses: %+v", all)
	}
}

// slowResetFailsWhenItsClaimEnds: a thief who claimed an address confirms another one while the owner of the address
// resets the password. Otherwise both would be in the account.
func slowResetFailsWhenItsClaimEnds(c *Case) {
	var m interruption
	type confirm struct{ binding.ConfirmReset }
	c.StartMail(func(cfg *config.Config) {
		cfg.Forms.ResetConfirm = config.Form(func(*confirm, *models.User) error { m.run(); return nil })
	})
	mail := c.confirmDuringRequest(&m, func() { c.askReset("victim@example.com") }, "reset")
	c.reset(mail, "Mirror-Maze-88").WantProblems("token ticket_not_valid")
}

// resetLinkIgnoresTheHostHeader: the configuration decides where the link leads, not the request.
func resetLinkIgnoresTheHostHeader(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Mail.URLs.Reset = "https://id.example/new?user={uid}&key={token}" })
	c.verified("ann")
	c.Client().Do("POST", "https://evil.example/auth/password/reset/", obj{"email": "ann@example.com"},
		"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "evil", "Forwarded", "host=evil.example;proto=evil").Want(200)
	if m := c.Mail("reset"); !strings.Contains(m.Text, "https://id.example/new?user=") || strings.Contains(m.Text+m.HTML, "evil") {
		c.Errorf("mailed %s", m.Text)
	}
}

// invitedUserSetsAPassword: the application made an account without a password, in every mode. The link of a reset sets
// the first password and confirms the address.
func invitedUserSetsAPassword(c *Case) {
	for _, mode := range []config.Verification{config.VerifyOptional, config.VerifyMandatory} {
		c.StartMail(func(cfg *config.Config) { cfg.EmailVerification = mode })
		if err := c.Auth.CreateUser(c.Context(), &models.User{Username: "ann", Email: "ann@example.com"}, ""); err != nil {
			c.Fatal(err)
		}
		c.askReset("ann@example.com")
		c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
		ann := c.Client()
		ann.Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
		if all := emails(ann); len(all) != 1 || !all[0].Verified {
			c.Errorf("%s: addresses: %+v", mode, all)
		}
	}
}
