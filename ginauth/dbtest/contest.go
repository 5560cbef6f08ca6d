package dbtest

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// What happens when several people signed up with one address, and its owner shows that it
// is his by a link that may be of another's sign-up (T114).
var contestCases = []func(*Case){ContestedAddressNeedsANewPassword, ContestIsOverForWhoIsLoggedIn, LinkOfAnotherIsRefused}

const thiefs = "Thiefs-Maze-99"

// squat signs somebody up with the address of another and a password of his own.
func (c *Case) squat(name, address string) *authtest.Client {
	c.Helper()
	in := authtest.SignUp(name)
	in.Email, in.Password1, in.Password2 = address, thiefs, thiefs
	browser := c.client()
	browser.Post("/auth/registration/", in).Want(201)
	return browser
}

// ContestedAddressNeedsANewPassword: whichever link the owner opens, no password from before
// and no session counts any more, and a mail brings him in.
func ContestedAddressNeedsANewPassword(c *Case) {
	for name, change := range map[string]func(*config.Config){
		"mandatory": mandatory, "optional": func(*config.Config) {},
		"logging in": func(cfg *config.Config) { mandatory(cfg); cfg.LoginOnVerify = true },
	} {
		for _, last := range []bool{false, true} {
			c.documented = nil
			c.startMail(change)
			c.owner("victim", "victim@example.com")
			first := c.mail("verify")
			c.Clock.Advance(time.Second)
			thief := c.squat("mallory", "victim@example.com")
			mail := c.mail("verify")
			if !last {
				mail = first
			}
			if text := c.verify(mail.Key(c.T)).Want(200).Text; !strings.Contains(text, "mailed you a link to set a new password") {
				c.Errorf("answers %s", text)
			}
			for _, in := range []obj{
				{"username": "victim", "password": authtest.Password}, {"username": "mallory", "password": thiefs},
				{"email": "victim@example.com", "password": authtest.Password}, {"email": "victim@example.com", "password": thiefs},
			} {
				c.client().Post("/auth/login/", in).WantCode(400, binding.CodeInvalid)
			}
			thief.Get("/auth/user/").Want(401)
			reset := c.mail("reset")
			c.client().Post("/auth/password/reset/confirm/", resetForm(reset.UID(c.T), reset.Key(c.T), "Mirror-Maze-88")).Want(200)
			c.client().Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
			if c.Failed() {
				c.Fatalf("%s, the last link %v", name, last)
			}
		}
	}
}

// ContestIsOverForWhoIsLoggedIn: his browser tells whose the link is, so his password stays.
func ContestIsOverForWhoIsLoggedIn(c *Case) {
	c.startMail()
	victim := c.owner("victim", "victim@example.com")
	mail := c.mail("verify")
	thief := c.squat("mallory", "victim@example.com")
	c.mails()
	verifyIn(victim, mail.Key(c.T)).Want(200)
	c.noMail()
	victim.Get("/auth/user/").Want(200)
	thief.Get("/auth/user/").Want(401)
	c.client().Post("/auth/login/", obj{"email": "victim@example.com", "password": authtest.Password}).Want(200)
}

// LinkOfAnotherIsRefused: in the browser of one user no link takes the address for another's
// account; the link stays good.
func LinkOfAnotherIsRefused(c *Case) {
	c.startMail()
	victim := c.owner("victim", "victim@example.com")
	c.mails()
	c.squat("mallory", "victim@example.com")
	mail := c.mail("verify")
	verifyIn(victim, mail.Key(c.T)).WantCode(403, binding.CodePermissionDenied)
	if emails(victim)[0].Verified {
		c.Error("it is confirmed")
	}
	c.verify(mail.Key(c.T)).Want(200)
}
