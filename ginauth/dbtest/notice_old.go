package dbtest

import (
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// movedAway makes a user who has removed the confirmed address that a notice went to.
func (c *Case) movedAway(name string) (browser *authtest.Client, notice obj) {
	c.Helper()
	c.verified(name)
	c.LoggedIn(name)
	c.Mails()
	browser = c.LoggedIn(name)
	notice = obj{"key": c.Mail("new_device").Key(c.T)}
	c.Clock.Advance(time.Second)
	email, mail := c.added(browser, "new-"+name+"@example.com")
	verifyIn(browser, mail.Key(c.T)).Want(200)
	browser.Post(emailPath(email.ID, "primary"), nil).Want(200)
	browser.Delete(emailPath(emails(browser)[0].ID, "")).Want(204)
	c.Mails()
	c.Clock.Advance(2 * time.Hour) // so that those mails do not count for a limit
	return browser, notice
}

// oldNoticeIsVoidAfterTheNextOwnerConfirms: a notice to a removed address does nothing once another account has
// confirmed the address.
func oldNoticeIsVoidAfterTheNextOwnerConfirms(c *Case) {
	for _, mode := range []func(*config.Config){mandatory, func(*config.Config) {}} {
		c.documented = nil
		c.StartMail(mode)
		_, notice := c.movedAway("ann")
		before := c.user("ann")
		c.owner("bob", "ann@example.com")
		c.verify(c.Mail("verify").Key(c.T)).Want(200)
		c.Client().Post("/auth/security/revoke/", notice).WantCode(404, binding.CodeInvalidTicket)
		if ann := c.user("ann"); ann.Password != before.Password || ann.SessionEpoch != before.SessionEpoch || ann.Email != "new-ann@example.com" {
			c.Errorf("ann is %+v", ann)
		}
		c.NoMail()
		c.Client().Post("/auth/login/", obj{"email": "ann@example.com", "password": authtest.Password}).Want(200)
	}
}

// oldNoticeTakesNoClaimedAddress: a notice to a removed address that other accounts now name takes it from none of them.
// The address comes back unconfirmed, and the mail with the link for a new password confirms it.
func oldNoticeTakesNoClaimedAddress(c *Case) {
	for what, claim := range map[string]func(){
		"a sign-up":  func() { c.owner("bob", "ann@example.com") },
		"an account": func() { c.created("bob", "ann@example.com") },
		"an added address": func() {
			c.verified("bob")
			bob := c.LoggedIn("bob")
			c.Mails()
			c.added(bob, "ann@example.com")
		},
	} {
		for _, mode := range []func(*config.Config){mandatory, func(*config.Config) {}} {
			var d hookLog
			c.documented = nil
			c.StartMail(mode, d.install)
			ann, notice := c.movedAway("ann")
			claim()
			c.Mails()
			bob := c.addresses("bob")
			d.take()
			c.Client().Post("/auth/security/revoke/", notice).Want(200)
			if notified := d.take(); notified != "after e-mail ann ann@example.com, after revoke ann" {
				c.Errorf("%s: got %s", what, notified)
			}
			ann.Get("/auth/user/").Want(401)
			mail := c.Mail("secured")
			if mail.To != "ann@example.com" || c.addresses("bob") != bob || c.addresses("ann") != "ann@example.com: ann@example.com false" {
				c.Errorf("%s: mail to %s, ann has %s, and bob %s, not %s", what, mail.To, c.addresses("ann"), c.addresses("bob"), bob)
				continue
			}
			if what == "an account" { // the link cannot take the address from that account either
				c.reset(mail, "Mirror-Maze-88").WantProblems("token ticket_not_valid")
				continue
			}
			c.reset(mail, "Mirror-Maze-88").Want(200)
			c.Client().Post("/auth/login/", obj{"email": "ann@example.com", "password": "Mirror-Maze-88"}).Want(200)
			if got := c.addresses("ann"); got != "ann@example.com: ann@example.com true" {
				c.Errorf("%s: ann has %s", what, got)
			}
		}
	}
}

// addresses returns the addresses of a user, the primary one first, and which of them are confirmed.
func (c *Case) addresses(name string) string {
	c.Helper()
	user := c.user(name)
	var all []models.Email
	if err := c.DB.Where("user_id = ?", user.ID).Order("id").Find(&all).Error; err != nil {
		c.Fatal(err)
	}
	text := user.Email + ":"
	for _, e := range all {
		text += fmt.Sprintf(" %s %v", e.Address, e.Verified())
	}
	return text
}

// noticeKeepsAClaimedAddress: an account has confirmed its address, and a stranger signs up with it. When the user says
// "it was not me", the account keeps the address, and so does the sign-up.
func noticeKeepsAClaimedAddress(c *Case) {
	c.StartMail(mandatory)
	c.verified("ann")
	c.LoggedIn("ann")
	ann := c.LoggedIn("ann")
	notice := c.Mail("new_device").Key(c.T)
	email, mail := c.added(ann, "second@example.com")
	verifyIn(ann, mail.Key(c.T)).Want(200)
	ann.Post(emailPath(email.ID, "primary"), nil).Want(200)
	c.squat("mallory", "ann@example.com")
	c.Mails()
	before := c.addresses("mallory")
	c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	c.Mail("secured")
	if got := c.addresses("ann"); got != "ann@example.com: ann@example.com true" || c.addresses("mallory") != before {
		c.Errorf("ann has %s, and mallory %s", got, c.addresses("mallory"))
	}
}
