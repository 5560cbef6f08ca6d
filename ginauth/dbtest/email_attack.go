package dbtest

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// newPasswordRemovesUnconfirmedAddresses: a thief adds an address and waits. A new password, however it is set, removes
// unconfirmed addresses, and their mail cannot be sent again.
func newPasswordRemovesUnconfirmedAddresses(c *Case) {
	for i, renew := range []func(ann *authtest.Client){
		func(ann *authtest.Client) {
			ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
		},
		func(*authtest.Client) {
			c.askReset("ann@example.com")
			c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
		},
	} {
		c.StartMail()
		ann := c.verified("ann")
		thief := c.LoggedIn("ann")
		c.Mail("new_device")
		_, toThief := c.added(thief, "thief@example.com")
		c.Mails()
		c.Clock.Advance(time.Second)
		renew(ann)
		c.Mails()
		c.resend("thief@example.com")
		c.NoMail()
		verifyIn(thief, toThief.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
		c.askReset("thief@example.com")
		c.NoMail()
		if n := c.count(&models.Email{}); n != 1 {
			c.Errorf("way %d: %d addresses", i, n)
		}
	}
}

// mailsGoToTheStoredSpelling: another spelling of the same key may be another mailbox.
func mailsGoToTheStoredSpelling(c *Case) {
	c.StartMail()
	c.verified("ann")
	c.askReset("ANN@example.com")
	if to := c.Mail("reset").To; to != "ann@example.com" {
		c.Errorf("sent to %s", to)
	}
	c.SignedUp("bob")
	c.Mail("verify")
	c.resend("BOB@example.com")
	if to := c.Mail("verify").To; to != "bob@example.com" {
		c.Errorf("sent to %s", to)
	}
}

// migrateAgainMovesNoAddress: an account without a key, because another account has the address, does not get the key
// when Migrate runs again.
func migrateAgainMovesNoAddress(c *Case) {
	c.StartMail(mandatory)
	c.owner("ann", "first@example.com")
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	ann := c.LoggedIn("ann")
	c.Mails()
	second, mail := c.added(ann, "second@example.com")
	verifyIn(ann, mail.Key(c.T)).Want(200)
	c.owner("mallory", "second@example.com") // an account whose address another one has
	c.Mails()
	if err := c.Auth.Migrate(context.Background()); err != nil {
		c.Fatal(err)
	}
	if c.Log.String() != "" {
		c.Errorf("logged: %s", c.Log)
	}
	c.Client().Post("/auth/login/", obj{"email": "second@example.com", "password": authtest.Password}).Want(200)
	ann.Post(emailPath(second.ID, "primary"), nil).Want(200)
}

func slowAddressChangesFailWhenTheirSessionEnds(c *Case) {
	for _, try := range []func(thief *authtest.Client, other binding.Email) *authtest.Response{
		func(thief *authtest.Client, _ binding.Email) *authtest.Response {
			return thief.Post("/auth/emails/", obj{"email": "mallory@example.com", "password": authtest.Password})
		},
		func(thief *authtest.Client, other binding.Email) *authtest.Response {
			return thief.Do("DELETE", emailPath(other.ID, ""), obj{"password": authtest.Password})
		},
		func(thief *authtest.Client, other binding.Email) *authtest.Response {
			return thief.Post(emailPath(other.ID, "primary"), obj{"password": authtest.Password})
		},
	} {
		var m interruption
		c.documented = nil
		c.StartMail(m.inBackend)
		ann := c.verified("ann")
		other, mail := c.added(ann, "other@example.com")
		verifyIn(ann, mail.Key(c.T)).Want(200)
		thief := c.LoggedIn("ann")
		c.Mails()
		m.set(func() { ann.Delete("/auth/sessions/").Want(204) })
		try(thief, other).Want(401)
		if all := emails(ann); len(all) != 2 || all[0].Email != "ann@example.com" || !all[0].Primary {
			c.Errorf("ann has %v", all)
		}
	}
}
