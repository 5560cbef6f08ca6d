package dbtest

// Which factors the link "it was not me" of a notice removes: those of a thief, and not those of an owner whose mails someone reads.

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
)

// notMe opens the link "it was not me" of a mail, sets a new password with the mail that follows, and returns a login with it.
func (c *Case) notMe(notice authtest.Mail, password string) *authtest.Response {
	c.Helper()
	c.Client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).Want(200)
	c.reset(c.lastMail("secured"), password).Want(200)
	return c.Client().Post("/auth/login/", obj{"username": "ann", "password": password})
}

// mailboxRemovesNoFactor that is older than the lifetime of notices: neither a reset, nor the link in the notice about it (T320).
func mailboxRemovesNoFactor(c *Case) {
	for _, with := range []mfa.Options{{}, {Recovery: recovery}, {EmailCodes: true}} {
		c.With(mfa.Feature(with), passkeys(func(o *passkey.Options) { o.SecondFactor = true })).StartMail(byCode)
		browser, phone := c.withTOTP("ann")
		key := c.Passkey(c.T, browser)
		factors := c.user("ann").Factors
		c.Clock.Advance(7*24*time.Hour + time.Minute)
		c.Mails()
		c.askReset("ann@example.com")
		c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
		r := c.notMe(c.lastMail("password_changed"), "Mirror-Maze-89")
		if user := c.user("ann"); user.Factors != factors || c.count(&mfa.RecoveryCode{}) != 10 {
			c.Fatalf("factors %q, %d codes: %s", user.Factors, c.count(&mfa.RecoveryCode{}), r.Text)
		}
		c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
		r = c.Client().Post("/auth/login/code/confirm/", obj{"key": c.lastMail("login_code").Key(c.T)})
		if got := r.Want(200).Text; !strings.Contains(got, "mfa_required") {
			c.Errorf("a login by mail needs no factor: %s", got)
		}
		key.LogIn(c.Client()).Want(200)
		owner := c.Client()
		var waits struct {
			Token string `json:"ephemeral_token"`
		}
		owner.Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-89"}).Want(200).JSON(&waits)
		owner.Post("/auth/mfa/verify/", obj{"ephemeral_token": waits.Token, "code": phone.Code()}).Want(200)
	}
}

// thievesLoseTheirFactors whichever notice the owner opens: that of the thief's login, of the factor, or of a later change (T320).
func thievesLoseTheirFactors(c *Case) {
	for _, kind := range []string{"new_device", "totp_on", "passkey_added", "recovery_codes_new", "password_changed"} {
		c.With(mfa.Feature(mfa.Options{}), passkeys(func(o *passkey.Options) { o.SecondFactor = true })).StartMail()
		c.verified("ann")
		c.Clock.Advance(31 * 24 * time.Hour)
		c.Mails()
		thief, password := c.LoggedIn("ann"), "a thief's password"
		c.Clock.Advance(time.Minute)
		c.TOTP(c.T, thief)
		c.Clock.Advance(time.Minute)
		key := c.Passkey(c.T, thief)
		c.Clock.Advance(6 * time.Hour)
		thief.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
		thief.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200)
		thief.Post("/auth/password/change/", obj{"old_password": authtest.Password, "new_password1": password, "new_password2": password}).Want(200)
		c.Clock.Advance(24 * time.Hour)
		r := c.notMe(c.lastMail(kind), "Mirror-Maze-88")
		if user := c.user("ann"); user.Factors != "" || c.count(&mfa.TOTP{})+c.count(&mfa.RecoveryCode{})+c.count(&passkey.Credential{}) != 0 {
			c.Errorf("%s: factors %q are left", kind, user.Factors)
		}
		if r.Want(200); strings.Contains(r.Text, "mfa_required") {
			c.Errorf("%s: %s", kind, r.Text)
		}
		key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
	}
}

// thievesLoseOnlyTheirFactors: the owner's older app stays, and a thief's newer passkey and recovery codes end.
func thievesLoseOnlyTheirFactors(c *Case) {
	c.With(mfa.Feature(mfa.Options{}), passkeys(func(o *passkey.Options) { o.SecondFactor = true })).StartMail()
	browser, phone := c.withTOTP("ann")
	c.Clock.Advance(31 * 24 * time.Hour)
	thief := c.LoggedInWith("ann", phone) // over the owner's shoulder
	key := c.Passkey(c.T, thief)
	thief.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200)
	c.notMe(c.lastMail("passkey_added"), "Mirror-Maze-88").Want(200)
	if got := fmt.Sprint(c.user("ann").Factors, c.count(&mfa.RecoveryCode{}), c.count(&passkey.Credential{})); got != "totp0 0" {
		c.Errorf("left: %s", got)
	}
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
	browser.Get("/auth/user/").Want(401)
}

// unconfirmedNoticesRemoveAllFactors: no one proved that the address belongs to the user, so its reader may have seen no notice before.
func unconfirmedNoticesRemoveAllFactors(c *Case) {
	c.startMFA(func(cfg *config.Config) { cfg.EmailVerification = config.VerifyOptional })
	browser := c.SignedUp("ann")
	phone := c.TOTP(c.T, browser)
	c.Clock.Advance(31 * 24 * time.Hour)
	c.Mails()
	c.LoggedInWith("ann", phone)
	c.Client().Post("/auth/security/revoke/", obj{"key": c.lastMail("new_device").Key(c.T)}).Want(200)
	if user := c.user("ann"); user.Factors != "" || c.count(&mfa.TOTP{})+c.count(&mfa.RecoveryCode{}) != 0 {
		c.Errorf("factors %q are left", user.Factors)
	}
}

// noticesReclaimAccounts: a stranger signed up with the address of its owner, who confirmed it without a session. Long after, the owner's
// notice about the stranger's login removes the stranger's passkey, which is older than all notices.
func noticesReclaimAccounts(c *Case) {
	c.With(mfa.Feature(mfa.Options{}), passkeys(func(o *passkey.Options) { o.SignUp = true })).StartMail(func(cfg *config.Config) { cfg.EmailVerification = config.VerifyOptional })
	key := c.NewPasskey(c.T)
	key.SignUp(c.Client(), obj{"username": "ann", "email": "ann@example.com"}).Want(201)
	c.Clock.Advance(time.Minute)
	c.verify(c.lastMail("verify").Key(c.T)).Want(200)
	c.Clock.Advance(31 * 24 * time.Hour)
	c.Mails()
	key.LogIn(c.Client()).Want(200)
	c.Client().Post("/auth/security/revoke/", obj{"key": c.lastMail("new_device").Key(c.T)}).Want(200)
	if n := c.count(&passkey.Credential{}); n != 0 {
		c.Errorf("%d passkeys are left", n)
	}
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
}
