package dbtest

// Recovery codes.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
)

func recoveryCodesAreShownOnce(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	list := func(send func(string) *authtest.Response) mfa.Codes {
		c.Helper()
		var out mfa.Codes
		r := send("/auth/mfa/recovery-codes/").Want(200)
		r.JSON(&out)
		if out.Codes == nil || len(out.Codes) > 0 {
			c.Errorf("codes are shown: %s", r.Text)
		}
		return out
	}
	post := func(path string) *authtest.Response { return browser.Post(path, nil) }
	if n := list(browser.Get).Remaining; n != 0 {
		c.Errorf("%d remain", n)
	}
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).WantCode(400, "mfa_disabled")
	phone := c.TOTP(c.T, browser)
	if got, posted := list(browser.Get).Remaining, list(post).Remaining; got != 10 || posted != 10 {
		c.Errorf("%d and %d remain", got, posted)
	}
	var out mfa.Codes
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200).JSON(&out)
	if len(out.Codes) != 10 || out.Remaining != 10 || out.Codes[0] == phone.RecoveryCodes[0] {
		c.Errorf("regenerated: %+v", out)
	}
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[0]).WantProblems("code factor_not_valid")
	c.sendCode(c.Client(), "ann", out.Codes[0]).Want(200)
	if n := list(browser.Get).Remaining; n != 9 {
		c.Errorf("%d remain", n)
	}
}

// recoveryCodesReplaceTheApp once each, in any letter case, with or without dashes.
func recoveryCodesReplaceTheApp(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	_, other := c.withTOTP("bob")
	codes := phone.RecoveryCodes
	c.sendCode(c.Client(), "ann", other.RecoveryCodes[0]).WantProblems("code factor_not_valid")
	for i, spell := range []func(string) string{
		func(s string) string { return s }, strings.ToUpper, func(s string) string { return " " + s + " " },
		func(s string) string { return strings.ReplaceAll(s, "-", "") }, func(s string) string { return strings.ReplaceAll(s, "-", " ") },
	} {
		c.sendCode(c.Client(), "ann", spell(codes[i])).Want(200)
		c.sendCode(c.Client(), "ann", codes[i]).WantProblems("code factor_not_valid")
	}
	if kinds := fmt.Sprint(kindsOf(c.Mails())); !strings.Contains(kinds, "recovery_code_used") {
		c.Errorf("mails %s", kinds)
	}
}

// importedRecoveryCodesWork: codes of dj-rest-auth have 32 bits, "xxxx-xxxx".
func importedRecoveryCodesWork(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	c.verified("bob")
	app := mfa.Imported{Secret: strings.ToLower(phone.Secret), RecoveryCodes: []string{"4719-e01f", "0260-2B3F"}}
	if err := mfa.Import(c.Context(), c.Auth, c.user("bob").ID, app); err != nil {
		c.Fatal(err)
	}
	c.sendCode(c.Client(), "bob", "4719-e01f").Want(200)
	c.sendCode(c.Client(), "bob", "4719-e01f").WantProblems("code factor_not_valid")
	c.sendCode(c.Client(), "bob", "02602b3f").Want(200)
	c.sendCode(c.Client(), "bob", phone.Code()).Want(200)
	for id, want := range map[int64]error{c.user("ann").ID: core.ErrExists, 999: core.ErrNoRow} {
		if err := mfa.Import(c.Context(), c.Auth, id, app); !errors.Is(err, want) {
			c.Errorf("user %d: %v, want %v", id, err, want)
		}
	}
	for _, bad := range []mfa.Imported{{Secret: "abc"}, {Secret: "1" + phone.Secret}, {Secret: phone.Secret, Digits: 8}, {Secret: phone.Secret, RecoveryCodes: []string{"x"}}} {
		if err := mfa.Import(c.Context(), c.Auth, c.user("bob").ID, bad); err == nil || strings.Contains(err.Error(), phone.Secret) {
			c.Errorf("%+v: %v", bad, err)
		}
	}
}
