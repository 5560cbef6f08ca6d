package dbtest

// Trusted browsers of package mfa: logins by password without a code.

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// startTrust starts an application in which browsers can be trusted for 14 days.
func (c *Case) startTrust(change ...func(*config.Config)) {
	c.Helper()
	c.With(mfa.Feature(mfa.Options{TrustDays: 14})).StartMail(change...)
}

// trust logs ann in with a code and trusts the browser.
func (c *Case) trust(browser *authtest.Client, phone *authtest.TOTP) {
	c.Helper()
	c.trustAs("ann", browser, phone)
}

func (c *Case) trustAs(name string, browser *authtest.Client, phone *authtest.TOTP) {
	c.Helper()
	var waits binding.Challenge
	browser.Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&waits)
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": waits.EphemeralToken, "code": phone.Code(), "trust": true}).Want(200)
}

// wantAsked fails the test unless a login of ann asks for a code in a browser, or does not. The browser stays logged in.
func (c *Case) wantAsked(browser *authtest.Client, want bool, why string) {
	c.Helper()
	r := c.withCookie(trustedCookie(c, browser)).Post("/auth/login/", authtest.Login("ann")).Want(200)
	if got := strings.Contains(r.Text, "mfa_required"); got != want {
		c.Errorf("%s: asked for a code: %v", why, got)
	}
}

// trustedBrowsersNeedNoCode for 14 days, only for this user, and only here. The session has one factor, which changes
// nothing of the account (T171).
func trustedBrowsersNeedNoCode(c *Case) {
	c.startTrust()
	first, phone := c.withTOTP("ann")
	_, other := c.withTOTP("bob")
	c.wantAsked(first, true, "not trusted")
	browser := c.Client()
	c.trust(browser, phone)
	trusted := c.Clock.Now()
	browser.Post("/auth/logout/", nil).Want(200)
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if got := provenIn(c, browser); got != "password [pwd] aal1 0s" {
		c.Errorf("the session has proven %s", got)
	}
	browser.Post("/auth/emails/", obj{"email": "new@example.com", "password": authtest.Password}).WantCode(403, "factor_required")
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.Code(), "password": authtest.Password}).WantCode(403, "factor_required")
	browser.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	browser.Post("/auth/user/delete/", nil).WantCode(403, "factor_required")
	browser.Post("/auth/reauthenticate/", obj{"code": phone.Code()}).Want(200)
	browser.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	c.wantAsked(c.Client(), true, "another browser")
	c.asksForCode(browser.Clone().Post("/auth/login/", authtest.Login("bob")))
	browser.Clone().Post("/auth/login/", obj{"username": "ann", "password": "wrong password"}).WantProblems("non_field_errors invalid_credentials")
	shared := browser.Clone()
	token := c.asksForCode(shared.Post("/auth/login/", authtest.Login("bob")))
	shared.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": other.Code(), "trust": true}).Want(200)
	c.wantAsked(shared, false, "two users trust the browser")
	c.Clock.Advance(trusted.Add(14*24*time.Hour - time.Second).Sub(c.Clock.Now()))
	c.wantAsked(browser, false, "the last second")
	c.Clock.Advance(time.Second)
	c.wantAsked(browser, true, "after 14 days")
	if _, err := c.Auth.Sweep(c.Context()); err != nil || c.count(&mfa.TrustedBrowser{}) != 1 {
		c.Errorf("%d rows, %v", c.count(&mfa.TrustedBrowser{}), err)
	}
}

// trustExcusesPasswordsOnly: all other doors ask for the code in a trusted browser (T167, T171).
func trustExcusesPasswordsOnly(c *Case) {
	idp := socialtest.New(c.T)
	c.With(mfa.Feature(mfa.Options{TrustDays: 14}), idp.Feature(acme())).StartMail(withEachCredential, byCode, func(cfg *config.Config) {
		cfg.LoginOnReset, cfg.LoginOnVerify = true, true
	})
	ann, phone := c.withTOTP("ann")
	c.connect(idp, ann, socialtest.Claims{"sub": "1004"})
	account := c.user("ann")
	c.ownRoutes(func() models.Account { return &account })
	ann.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	verify := c.lastMail("verify").Key(c.T)
	browser := c.Client()
	c.trust(browser, phone)
	browser.Post("/auth/logout/", nil).Want(200)
	for _, credential := range []string{"cookie", "token", "jwt"} {
		r := browser.Clone().Do("POST", "/auth/login/", authtest.Login("ann"), "Auth-Credential", credential)
		if r.Want(200); strings.Contains(r.Text, "mfa_required") {
			c.Errorf("%s: %s", credential, r.Text)
		}
	}
	mail := func(path, kind string) authtest.Mail {
		c.Client().Post(path, obj{"email": "ann@example.com"}).Want(200)
		return c.lastMail(kind)
	}
	ann.Cookies["trusted"], ann.Cookies["__Host-trusted"] = browser.Cookies["trusted"], browser.Cookies["__Host-trusted"]
	c.asksForCode(c.byAcme(idp, browser.Clone(), socialtest.Claims{"sub": "1004"}))
	c.asksForCode(c.own(browser.Clone(), "/enter"))
	c.asksForCode(browser.Clone().Post("/auth/login/code/confirm/", obj{"key": mail("/auth/login/code/", "login_code").Key(c.T)}))
	c.asksForCode(ann.Post("/auth/registration/verify-email/", obj{"key": verify}))
	reset := mail("/auth/password/reset/", "reset")
	c.asksForCode(browser.Clone().Post("/auth/password/reset/confirm/", obj{
		"uid": reset.UID(c.T), "token": reset.Key(c.T), "new_password1": authtest.Password, "new_password2": authtest.Password,
	}))
	c.wantAsked(browser, true, "after the reset")
}

// trustEnds with the password, with any change of factors, and with the other sessions.
func trustEnds(c *Case) {
	c.With(mfa.Feature(mfa.Options{TrustDays: 14, AllowOtherSessions: true})).StartMail(func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	browser, phone := c.withTOTP("ann")
	again := func() {
		token := c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann")))
		browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code(), "trust": true}).Want(200)
		c.wantAsked(browser, false, "trusted")
	}
	id := c.user("ann").ID
	for name, end := range map[string]func(){
		"a new password": func() {
			browser.Post("/auth/password/change/", obj{"old_password": authtest.Password, "new_password1": authtest.Password, "new_password2": authtest.Password}).Want(200)
		},
		"new recovery codes": func() { browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200) },
		"another app": func() {
			browser.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.Code()}).Want(200)
			c.Clock.Advance(time.Minute)
			phone = c.TOTP(c.T, browser)
		},
		"the end of other sessions": func() { browser.Delete("/auth/sessions/").Want(204) },
		"the end of all sessions": func() {
			if err := c.Auth.EndSessions(c.Context(), id); err != nil {
				c.Fatal(err)
			}
		},
		"the notice": func() {
			c.Mails()
			c.LoggedInWith("ann", phone)
			c.Client().Post("/auth/security/revoke/", obj{"key": c.lastMail("new_device").Key(c.T)}).Want(200)
			secured := c.lastMail("secured")
			c.Client().Post("/auth/password/reset/confirm/", obj{
				"uid": secured.UID(c.T), "token": secured.Key(c.T), "new_password1": authtest.Password, "new_password2": authtest.Password,
			}).Want(200)
			fresh := c.LoggedIn("ann")
			c.Clock.Advance(time.Minute)
			phone = c.TOTP(c.T, fresh)
		},
	} {
		again()
		end()
		c.wantAsked(browser, true, name)
	}
	again()
	if err := mfa.Reset(c.Context(), c.Auth, id); err != nil || c.count(&mfa.TrustedBrowser{}) != 0 {
		c.Errorf("%v, %d rows", err, c.count(&mfa.TrustedBrowser{}))
	}
}

// LoggedInWith logs a user in with a code.
func (c *Case) LoggedInWith(name string, phone *authtest.TOTP) *authtest.Client {
	c.Helper()
	browser := c.Client()
	c.sendCode(browser, name, phone.Code()).Want(200)
	return browser
}

// trustIsListed, and ended by its user only (T015).
func trustIsListed(c *Case) {
	c.startTrust(audited)
	first, phone := c.withTOTP("ann")
	bob := c.verified("bob")
	one, two := c.Client(), c.Client()
	c.trust(one, phone)
	c.trust(two, phone)
	two.Post("/auth/login/", authtest.Login("ann")).Want(200)
	list := func(browser *authtest.Client) (out []mfa.Trusted) {
		c.Helper()
		browser.Get("/auth/mfa/trusted-browsers/").Want(200).JSON(&out)
		return out
	}
	all := list(two)
	if len(all) != 2 || !all[0].Current || all[1].Current || all[0].LastUsedAt == nil || all[1].LastUsedAt != nil || all[0].ExpiresAt.Sub(all[0].CreatedAt) != 14*24*time.Hour {
		c.Fatalf("listed %+v", all)
	}
	if n := len(list(bob)); n != 0 {
		c.Errorf("bob sees %d", n)
	}
	bob.Delete("/auth/mfa/trusted-browsers/" + all[0].ID + "/").Want(404)
	bob.Delete("/auth/mfa/trusted-browsers/").Want(204)
	for _, id := range []string{"x", strings.ToUpper(all[0].ID), "%00", all[0].ID + "0"} {
		first.Delete("/auth/mfa/trusted-browsers/" + id + "/").Want(404)
	}
	c.wantAsked(two, false, "others cannot end it")
	first.Delete("/auth/mfa/trusted-browsers/" + all[0].ID + "/").Want(204)
	c.wantAsked(two, true, "ended")
	c.wantAsked(one, false, "the other one stays")
	first.Delete("/auth/mfa/trusted-browsers/").Want(204)
	c.wantAsked(one, true, "all ended")
	first.Delete("/auth/mfa/trusted-browsers/" + all[0].ID + "/").Want(404)
	c.Client().Get("/auth/mfa/trusted-browsers/").Want(401)
	events, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: c.user("ann").ID, Names: []config.EventName{"browser_trusted", "browser_distrusted"}})
	if err != nil || len(events) != 4 {
		c.Errorf("events %v, %v", events, err)
	}
	for range 22 {
		c.trust(c.Client(), phone)
	}
	if n := len(list(first)); n != 20 {
		c.Errorf("%d browsers are trusted", n)
	}
}

// trustIsAskedForWithAFactor: not without it, not where it is off, and not in a login that is not to be remembered.
func trustIsAskedForWithAFactor(c *Case) {
	c.startTrust()
	_, phone := c.withTOTP("ann")
	browser := c.Client()
	token := c.asksForCode(browser.Post("/auth/login/", obj{"username": "ann", "password": authtest.Password, "trust": true, "remember": false}))
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": "000000", "trust": true}).WantProblems("code factor_not_valid")
	c.wantAsked(browser, true, "a wrong code")
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code(), "trust": true}).Want(200)
	c.wantAsked(browser, true, "a session that is not remembered")
	if cookie := trustedCookie(c, browser); cookie != "" {
		c.Errorf("cookie %q", cookie)
	}
	planted := strings.Repeat("x", 43)
	browser = c.withCookie(planted)
	c.trust(browser, phone)
	all := strings.Split(trustedCookie(c, browser), ".")
	if len(all) != 2 || all[0] == planted || all[1] != planted {
		c.Fatalf("a planted key is kept as the new one: %q", all)
	}
	if strings.Contains(c.dump()+c.Log.String()+fmt.Sprint(c.browsers()), all[0]) {
		c.Error("the key is stored")
	}
	c.wantAsked(c.withCookie(planted), true, "a planted key")
	c.withFeatures(mfa.Feature(mfa.Options{}))
	off := c.as(browser)
	token = c.asksForCode(off.Post("/auth/login/", authtest.Login("ann")))
	off.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code(), "trust": true}).Want(200)
	c.asksForCode(off.Post("/auth/login/", authtest.Login("ann")))
}

func (c *Case) browsers() (rows []mfa.TrustedBrowser) {
	if err := c.DB.Find(&rows).Error; err != nil {
		c.Fatal(err)
	}
	return rows
}

// withCookie returns a browser that has only the cookie of trusted browsers.
func (c *Case) withCookie(value string) *authtest.Client {
	browser, cookie := c.Client(), c.Auth.Config().Cookie
	browser.Cookies[strings.TrimSuffix(cookie.FullName(), cookie.Name)+"trusted"] = value
	return browser
}

func trustedCookie(c *Case, browser *authtest.Client) string {
	for name, value := range browser.Cookies {
		if strings.HasSuffix(name, "trusted") {
			return value
		}
	}
	return ""
}

func trustSettingsAreChecked(c *Case) {
	c.With(mfa.Feature(mfa.Options{TrustDays: 31})).StartMail(production)
	c.says(c.found(c.Auth), "for 31 days", "mfa.Options")
	for days, cfg := range map[int]config.Config{-1: c.Auth.Config(), 91: c.Auth.Config(), 14: c.Auth.Config()} {
		if days == 14 {
			cfg.Login = []config.Credential{config.OpaqueToken}
		}
		if _, err := ginauth.New(c.DB, cfg, mfa.Feature(mfa.Options{TrustDays: days})); err == nil || !strings.Contains(err.Error(), "mfa.Options.TrustDays") {
			c.Errorf("%d days: %v", days, err)
		}
	}
}
