package dbtest

import (
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// startMail is start with a mailbox.
func (c *Case) startMail(change ...func(*config.Config)) {
	c.Helper()
	c.Box = &authtest.Mailbox{}
	c.start(append([]func(*config.Config){c.Box.Configure}, change...)...)
}

func mandatory(cfg *config.Config) { cfg.EmailVerification = config.VerifyMandatory }

// mails sends the outbox and returns what arrived.
func (c *Case) mails() []authtest.Mail {
	c.Helper()
	return c.Mails(c.T, c.Box)
}

// mail is mails where one of the kind is expected and no other.
func (c *Case) mail(kind string) authtest.Mail {
	c.Helper()
	mails := c.mails()
	if len(mails) != 1 || mails[0].Kind != kind {
		c.Fatalf("got %d mails, want one of kind %s: %v", len(mails), kind, mails)
	}
	return mails[0]
}

// noMail wants no mail.
func (c *Case) noMail() {
	c.Helper()
	if mails := c.mails(); len(mails) > 0 {
		c.Fatalf("got mails: %v", mails)
	}
}

// kinds counts the mails that arrived.
func (c *Case) kinds() map[string]int {
	c.Helper()
	kinds := map[string]int{}
	for _, m := range c.mails() {
		kinds[m.Kind]++
	}
	return kinds
}

// noMailTo wants no mail of a kind to an address.
func (c *Case) noMailTo(kind, address string) {
	c.Helper()
	for _, m := range c.mails() {
		if m.Kind == kind && m.To == address {
			c.Errorf("a mail of kind %s went to %s", kind, address)
		}
	}
}
