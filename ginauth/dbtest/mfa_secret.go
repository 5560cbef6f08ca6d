package dbtest

// What the database has of a factor: sealed with new and old secrets, and gone with the user.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
)

// secretsFollowOldSecrets: after a change of Secret everything works, and a secret that is used is encrypted anew.
func secretsFollowOldSecrets(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	change := func(secret string, old ...config.Secret) {
		cfg := c.Auth.Config()
		cfg.Secret, cfg.OldSecrets = config.Secret(secret), old
		c.restart(cfg, mfa.Feature(mfa.Options{}))
	}
	sealed := func() string {
		var row mfa.TOTP
		if err := c.DB.First(&row).Error; err != nil {
			c.Fatal(err)
		}
		return row.Secret
	}
	before := sealed()
	change("another secret that is long enough for the tests", authtest.Secret)
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[0]).Want(200)
	if sealed() != before {
		c.Error("encrypted anew without a use")
	}
	c.sendCode(c.Client(), "ann", phone.Code()).Want(200)
	after := sealed()
	if after == before {
		c.Error("not encrypted anew")
	}
	c.sendCode(c.Client(), "ann", phone.Code()).Want(200)
	if sealed() != after {
		c.Error("encrypted anew twice")
	}
	change("another secret that is long enough for the tests")
	c.sendCode(c.Client(), "ann", phone.Code()).Want(200)
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[1]).WantProblems("code factor_not_valid")
	change("a third secret that does not know the others at all")
	c.sendCode(c.Client(), "ann", phone.Code()).Want(503)
}

// mfaSecretsAreNotStored in a form that a client sends (T164, T166).
func mfaSecretsAreNotStored(c *Case) {
	c.startMFA()
	browser, phone := c.withTOTP("ann")
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[0]).Want(200)
	c.Mails()
	offer := c.offerOf(c.verified("bob"))
	var apps []mfa.TOTP
	var codes []mfa.RecoveryCode
	if err := errors.Join(c.DB.Find(&apps).Error, c.DB.Find(&codes).Error); err != nil {
		c.Fatal(err)
	}
	dump := c.dump() + c.Log.String() + fmt.Sprint(apps, codes)
	for _, secret := range append([]string{phone.Secret, offer.Secret, offer.ActivationToken}, phone.RecoveryCodes...) {
		if strings.Contains(dump, secret) || strings.Contains(dump, strings.ReplaceAll(secret, "-", "")) {
			c.Errorf("%s is stored", secret)
		}
	}
	for _, path := range []string{"totp/activate", "status", "recovery-codes"} {
		if r := browser.Get("/auth/mfa/" + path + "/"); strings.Contains(r.Text, phone.Secret) || r.Header.Get("Cache-Control") != "no-store" {
			c.Errorf("%s: %s %v", path, r.Text, r.Header)
		}
	}
}

func deletedUsersLeaveNoFactors(c *Case) {
	c.startMFA()
	browser, _ := c.withTOTP("ann")
	c.withTOTP("bob")
	browser.Post("/auth/user/delete/", nil).Want(200)
	if n := fmt.Sprint(c.count(&mfa.TOTP{}), c.count(&mfa.RecoveryCode{})); n != "1 10" {
		c.Errorf("%s rows, want those of bob", n)
	}
}
