package dbtest

// Users with a passkey.

import (
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
)

// passkeys returns the feature with options of the application at https://example.com.
func passkeys(change ...func(*passkey.Options)) core.Feature {
	o := passkey.Options{Origins: []string{"https://example.com"}, RPName: "My App"}
	for _, f := range change {
		f(&o)
	}
	return passkey.Feature(o)
}

// startPasskeys starts an application with the feature.
func (c *Case) startPasskeys(change ...func(*config.Config)) {
	c.Helper()
	c.With(passkeys()).StartMail(change...)
}

// withPasskey signs a user up, confirms the address and adds a passkey.
func (c *Case) withPasskey(name string) (*authtest.Client, *authtest.Passkey) {
	c.Helper()
	browser := c.verified(name)
	key := c.Passkey(c.T, browser)
	c.Mails()
	return browser, key
}
