package dbtest

// Codes in mails as a second factor of package mfa.

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

// startEmailCodes starts an application in which users can choose codes in mails.
func (c *Case) startEmailCodes(change ...func(*config.Config)) {
	c.Helper()
	c.With(mfa.Feature(mfa.Options{EmailCodes: true})).StartMail(change...)
}

// mailed asks for a code in a mail, and returns it. token is that of a challenge, or empty in a session.
func (c *Case) mailed(browser *authtest.Client, token string) string {
	c.Helper()
	browser.Post("/auth/mfa/email/send/", obj{"ephemeral_token": token}).Want(200)
	kind := "mfa_code"
	if token == "" && !strings.Contains(browser.Get("/auth/mfa/status/").Text, `"email"`) {
		kind = "email_code" // to turn them on
	}
	mail := c.lastMail(kind)
	if strings.Contains(mail.Text+mail.HTML, "Enter this code:") {
		c.Errorf("the instruction is there twice: %s", mail.Text)
	}
	return mail.Code(c.T)
}

// withEmailCodes signs a user up who has chosen codes in mails, and returns the recovery codes.
func (c *Case) withEmailCodes(name string) (browser *authtest.Client, recovery []string) {
	c.Helper()
	browser = c.verified(name)
	var out mfa.Activated
	browser.Post("/auth/mfa/email/activate/", obj{"code": c.mailed(browser, "")}).Want(200).JSON(&out)
	c.lastMail("email_code_on")
	return browser, out.RecoveryCodes
}

// challenged returns the token of a challenge that offers these factors.
func (c *Case) challenged(r *authtest.Response, factors ...string) string {
	c.Helper()
	var out binding.Challenge
	if r.Want(200).JSON(&out); !out.MFARequired || !slices.Equal(out.Factors, factors) {
		c.Fatalf("want a challenge for %q: %s", factors, r.Text)
	}
	return out.EphemeralToken
}

func emailCodesAreAFactor(c *Case) {
	c.startEmailCodes()
	browser, recovery := c.withEmailCodes("ann")
	if len(recovery) != 10 || c.user("ann").Factors != "email" {
		c.Fatalf("%d recovery codes, factors %q", len(recovery), c.user("ann").Factors)
	}
	browser.Post("/auth/mfa/email/activate/", obj{"code": "2222-2222"}).WantCode(400, "mfa_enabled")
	other := c.Client()
	token := c.challenged(other.Post("/auth/login/", authtest.Login("ann")), "email", "recovery_code")
	verify := func(code string) *authtest.Response {
		return other.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code})
	}
	verify("2222-2222").WantProblems("code factor_not_valid")
	code := c.mailed(other, token)
	verify(strings.ToLower(strings.ReplaceAll(code, "-", " "))).Want(200)
	if got := provenIn(c, other); got != "password [mfa otp pwd] aal2 0s" {
		c.Errorf("the session has proven %s", got)
	}
	token = c.challenged(other.Post("/auth/login/", authtest.Login("ann")), "email", "recovery_code")
	verify(code).WantProblems("code factor_not_valid") // used
	c.Clock.Advance(2 * time.Minute)
	old := c.mailed(other, token)
	c.Clock.Advance(2 * time.Minute)
	fresh := c.mailed(other, token)
	verify(old).WantProblems("code factor_not_valid") // replaced
	verify(fresh).Want(200)
	token = c.challenged(other.Post("/auth/login/", authtest.Login("ann")), "email", "recovery_code")
	verify(recovery[0]).Want(200)
	c.Clock.Advance(time.Hour)
	other.Post("/auth/emails/", obj{"email": "new@example.com"}).WantCode(403, "fresh_login_required")
	other.Post("/auth/reauthenticate/", obj{"code": c.mailed(other, "")}).Want(200)
	other.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	late := c.mailed(other, "")
	c.Clock.Advance(time.Hour)
	other.Post("/auth/reauthenticate/", obj{"code": late}).WantProblems("code factor_not_valid") // expired
	other.Post("/auth/mfa/email/deactivate/", obj{"code": c.mailed(other, ""), "password": authtest.Password}).Want(200)
	c.lastMail("email_code_off")
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
	if n := c.count(&mfa.RecoveryCode{}); n != 0 {
		c.Errorf("%d recovery codes are left", n)
	}
	other.Post("/auth/mfa/email/deactivate/", obj{"code": late}).WantCode(400, "mfa_disabled")
}

// mailTwiceIsOneFactor: a login by mail takes no code from a mail, and a session by mail gains no second factor from one (T167).
func mailTwiceIsOneFactor(c *Case) {
	c.startEmailCodes(byCode, func(cfg *config.Config) { cfg.LoginOnReset = true })
	_, recovery := c.withEmailCodes("ann")
	mail := func(path, kind string) authtest.Mail {
		c.Client().Post(path, obj{"email": "ann@example.com"}).Want(200)
		return c.lastMail(kind)
	}
	for range 2 {
		byMail, byPassword := c.Client(), c.Client()
		token := c.challenged(byMail.Post("/auth/login/code/confirm/", obj{"key": mail("/auth/login/code/", "login_code").Key(c.T)}), "recovery_code")
		byMail.Post("/auth/mfa/email/send/", obj{"ephemeral_token": token}).WantCode(403, "permission_denied")
		code := c.mailed(byPassword, c.challenged(byPassword.Post("/auth/login/", authtest.Login("ann")), "email", "recovery_code"))
		byMail.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code}).WantProblems("code factor_not_valid")
		byMail.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": recovery[0]}).Want(200)
		recovery = recovery[1:]
		c.Clock.Advance(time.Hour)
	}
	reset := mail("/auth/password/reset/", "reset")
	c.challenged(c.Client().Post("/auth/password/reset/confirm/", obj{
		"uid": reset.UID(c.T), "token": reset.Key(c.T), "new_password1": authtest.Password, "new_password2": authtest.Password,
	}), "recovery_code")
}

// emailCodesNeedAnotherProof: a session that a mail began, or an address that a provider has verified, cannot turn codes in mails on. It
// would be asked for a recovery code at once, or would count the mailbox twice (T167).
func emailCodesNeedAnotherProof(c *Case) {
	idp := socialtest.New(c.T)
	company := acme()
	company.EmailDomains, company.LinkByEmail = []string{"example.com"}, true
	c.With(mfa.Feature(mfa.Options{EmailCodes: true}), idp.Feature(company)).StartMail(byCode)
	c.verified("ann")
	c.verified("bob")
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	byMail, linked := c.Client(), c.Client()
	byMail.Post("/auth/login/code/confirm/", obj{"key": c.lastMail("login_code").Key(c.T)}).Want(200)
	c.byAcme(idp, linked, socialtest.Claims{"sub": "1", "email": "bob@example.com", "email_verified": true}).Want(200)
	for method, browser := range map[string]*authtest.Client{"code": byMail, "social:acme": linked} {
		browser.Post("/auth/mfa/email/activate/", obj{"code": c.mailed(browser, "")}).WantCode(403, "proven_by_mail_only")
		browser.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
		c.Clock.Advance(2 * time.Minute)
		browser.Post("/auth/mfa/email/activate/", obj{"code": c.mailed(browser, "")}).Want(200)
		if got := provenIn(c, browser); !strings.HasPrefix(got, method+" [") || !strings.Contains(got, " aal2 ") {
			c.Errorf("with the password it has proven %s", got)
		}
	}
}

// emailCodesNextToAnApp: each code proves its own factor, and imported recovery codes that look like codes in mails work.
func emailCodesNextToAnApp(c *Case) {
	c.startEmailCodes()
	browser, _ := c.withEmailCodes("ann")
	phone := c.TOTP(c.T, browser)
	factors := []string{"email", "totp", "recovery_code"}
	for _, code := range []func(*authtest.Client, string) string{
		c.mailed, func(*authtest.Client, string) string { return phone.Code() }, func(*authtest.Client, string) string { return phone.RecoveryCodes[0] },
	} {
		other := c.Client()
		token := c.challenged(other.Post("/auth/login/", authtest.Login("ann")), factors...)
		other.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code(other, token)}).Want(200)
	}
	c.Clock.Advance(time.Minute)
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": c.mailed(browser, "")}).Want(200)
	if user := c.user("ann"); user.Factors != "email" || c.count(&mfa.RecoveryCode{}) == 0 {
		c.Errorf("factors %q", user.Factors)
	}

	c.Mails()
	c.verified("bob")
	if err := mfa.Import(c.Context(), c.Auth, c.user("bob").ID, mfa.Imported{Secret: phone.Secret, RecoveryCodes: []string{"2345-6789", "bcdf-2222"}}); err != nil {
		c.Fatal(err)
	}
	bob := c.LoggedInWith("bob", phone)
	bob.Post("/auth/mfa/email/activate/", obj{"code": c.mailed(bob, "")}).Want(200)
	for _, code := range []string{"2345-6789", "bcdf-2222"} {
		other := c.Client()
		token := c.challenged(other.Post("/auth/login/", authtest.Login("bob")), factors...)
		other.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code}).Want(200)
		token = c.challenged(other.Post("/auth/login/", authtest.Login("bob")), factors...)
		other.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code}).WantProblems("code factor_not_valid")
	}
}

// emailCodesAreLimited: mails to an address, and wrong codes of a user (T162).
func emailCodesAreLimited(c *Case) {
	c.startEmailCodes(limited, func(cfg *config.Config) {
		cfg.Limits.Network, cfg.Limits.Mail = config.Limit{Attempts: 1000, Per: time.Minute}, config.Limit{Attempts: 1000, Per: time.Hour}
		cfg.Mail.MaxPerHour = 3
	})
	c.withEmailCodes("ann")
	c.Mails()
	other := c.Client()
	sent := 0
	for i := range 8 {
		token := c.challenged(other.Post("/auth/login/", authtest.Login("ann")), "email", "recovery_code")
		r := other.Post("/auth/mfa/email/send/", obj{"ephemeral_token": token})
		if r.StatusCode == 200 {
			sent++
		} else if r.WantCode(429, "rate_limited"); r.Header.Get("Retry-After") != fmt.Sprint(3600-90*i) { // the hour began with the first mail
			c.Errorf("Retry-After is %q", r.Header.Get("Retry-After"))
		}
		c.Clock.Advance(90 * time.Second)
	}
	if sent == 0 || sent == 8 {
		c.Errorf("%d requests were told that a mail was sent", sent)
	}
	if kinds := fmt.Sprint(kindsOf(c.Mails())); strings.Count(kinds, "mfa_code") > 3 {
		c.Errorf("mails %s", kinds)
	}
	token := c.challenged(other.Post("/auth/login/", authtest.Login("ann")), "email", "recovery_code")
	for range 10 {
		other.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": "2222-2222"}).WantProblems("code factor_not_valid")
	}
	other.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": "2222-2222"}).Want(429)
}

func emailCodesNeedAConfirmedAddress(c *Case) {
	c.startEmailCodes()
	browser := c.SignedUp("ann")
	c.Mails()
	browser.Post("/auth/mfa/email/send/", obj{}).WantCode(403, "no_address_for_code")
	c.NoMail()
	c.Client().Post("/auth/mfa/email/send/", obj{}).WantCode(401, "not_authenticated")
	c.Client().Post("/auth/mfa/email/send/", obj{"ephemeral_token": "x"}).WantProblems("ephemeral_token ticket_not_valid")
	_, phone := c.withTOTP("bob")
	other := c.Client()
	token := c.challenged(other.Post("/auth/login/", authtest.Login("bob")), "totp", "recovery_code")
	other.Post("/auth/mfa/email/send/", obj{"ephemeral_token": token}).WantCode(403, "permission_denied")
	other.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code()}).Want(200)
}

// emailCodesAreOptIn: the option adds the routes, and without it users who chose them are closed, as with any missing factor.
func emailCodesAreOptIn(c *Case) {
	c.startEmailCodes()
	c.withEmailCodes("ann")
	c.withFeatures(mfa.Feature(mfa.Options{}))
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(503)
	if r := c.browser().Post("/auth/mfa/email/send/", obj{}); r.StatusCode != 404 {
		c.Errorf("status %d", r.StatusCode)
	}
	silent := c.Auth.Config()
	silent.Mail, silent.EmailVerification = config.Mail{}, config.VerifyNone
	if _, err := ginauth.New(c.DB, silent, mfa.Feature(mfa.Options{EmailCodes: true})); err == nil || !strings.Contains(err.Error(), "mfa.Options.EmailCodes") {
		c.Errorf("without a sender: %v", err)
	}
}
