package dbtest

// Users with an authenticator app.

import (
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
)

// startMFA starts an application with the feature.
func (c *Case) startMFA(change ...func(*config.Config)) {
	c.Helper()
	c.With(mfa.Feature(mfa.Options{Issuer: "My App"})).StartMail(change...)
}

// withTOTP signs a user up, confirms the address and sets up an authenticator app.
func (c *Case) withTOTP(name string) (*authtest.Client, *authtest.TOTP) {
	c.Helper()
	browser := c.verified(name)
	phone := c.TOTP(c.T, browser)
	c.Mails()
	return browser, phone
}

// asksForCode wants a challenge that names the app and gives no credential, and returns its token.
func (c *Case) asksForCode(r *authtest.Response) string {
	c.Helper()
	var out binding.Challenge
	r.Want(200).JSON(&out)
	if !out.MFARequired || out.EphemeralToken == "" || !slices.Equal(out.Factors, []string{mfa.FactorTOTP, mfa.FactorRecovery}) {
		c.Fatalf("no challenge: %s", r.Text)
	}
	for _, word := range []string{`"key"`, `"access"`, `"refresh"`, `"user"`} {
		if strings.Contains(r.Text, word) {
			c.Errorf("the challenge has %s: %s", word, r.Text)
		}
	}
	return out.EphemeralToken
}

// sendCode logs in with the password and sends a code.
func (c *Case) sendCode(browser *authtest.Client, name, code string) *authtest.Response {
	c.Helper()
	token := c.asksForCode(browser.Post("/auth/login/", authtest.Login(name)))
	return browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code})
}
