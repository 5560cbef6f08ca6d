package dbtest

// Factors that a stranger set in an account before its owner took it over.

import (
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// takeoverRemovesFactors: the link in a notice removes factors that a stranger may have set.
func takeoverRemovesFactors(c *Case) {
	p := c.startPins()
	c.SignedUp("ann")
	thief := c.LoggedIn("ann")
	c.Mails()
	thief.Post("/auth/password/change/", obj{"old_password": authtest.Login("ann").Password, "new_password1": "a thief's word", "new_password2": "a thief's word"}).Want(200)
	notice := c.Mail("password_changed").Key(c.T)
	thief.Post("/auth/pin/", obj{"word": "a thief's"}).Want(200)
	c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	if user := c.user("ann"); user.Factors != "" {
		c.Errorf("factors are %q", user.Factors)
	}
	if id, heard := p.events.Load("disarm"); !heard || id != c.user("ann").ID {
		c.Errorf("OnDisarm was called for %v", id)
	}
}

// resetOfAnUnconfirmedAddressRemovesFactors: a stranger who signed up with another person's address cannot keep them out
// with a factor.
func resetOfAnUnconfirmedAddressRemovesFactors(c *Case) {
	c.startPins(func(cfg *config.Config) { cfg.LoginOnReset = true })
	stranger := c.SignedUp("ann")
	stranger.Post("/auth/pin/", obj{"word": "a stranger's"}).Want(200)
	c.Mails()
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	reset, owner := c.Mail("reset"), c.Client()
	owner.Post("/auth/password/reset/confirm/", obj{"uid": reset.UID(c.T), "token": reset.Key(c.T),
		"new_password1": "another good one", "new_password2": "another good one"}).Want(200)
	owner.Get("/auth/user/").Want(200)
	if user := c.user("ann"); user.Factors != "" {
		c.Errorf("factors are %q", user.Factors)
	}
}

// linkOfAnUnconfirmedAddressRemovesFactors: a link works like a reset here. Otherwise the owner who opens it could never
// log in. In the user's own session the factors stay.
func linkOfAnUnconfirmedAddressRemovesFactors(c *Case) {
	c.startPins()
	for name, want := range map[string]string{"ann": "", "bob": "pin"} {
		signedUp := c.SignedUp(name)
		key := c.Mail("verify").Key(c.T)
		signedUp.Post("/auth/pin/", obj{"word": "open " + name}).Want(200)
		browser := map[string]*authtest.Client{"ann": c.Client(), "bob": signedUp}[name]
		browser.Post("/auth/registration/verify-email/", obj{"key": key}).Want(200)
		if user := c.user(name); user.Factors != want {
			c.Errorf("%s: factors are %q, want %q", name, user.Factors, want)
		}
		c.Mails()
	}
}
