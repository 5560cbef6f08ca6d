package dbtest

// Who can recover with package mfa, and which browsers are not trusted.

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/models"
)

// recoveryIsNotForStaff and superusers unless For says so, also if they became that during the wait (T275).
func recoveryIsNotForStaff(c *Case) {
	for _, rank := range []string{"is_staff", "is_superuser"} {
		c.withLostApp()
		browser := c.Client()
		c.recovers(browser)
		c.Clock.Advance(recoveryWait)
		token, _ := c.asksToRecover(browser)
		code := c.lastMail("mfa_recovery_code").Code(c.T)
		c.set("ann", obj{rank: true})
		browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": code}).WantCode(403, "recovery_not_offered")
		for _, lang := range []string{"en", "de", "fr", "es", "pt", "zh", "ja"} {
			browser.Do("POST", "/auth/mfa/recovery/", obj{"ephemeral_token": token}, "Accept-Language", lang).WantCode(403, "recovery_not_offered")
		}
		c.NoMail()
		if c.user("ann").Factors != "totp" {
			c.Error("the factors are gone")
		}
	}
	some := recovery
	some.For = func(a models.Account) bool { return a.Base().IsStaff }
	c.withFeatures(mfa.Feature(mfa.Options{Recovery: some}))
	browser := c.as(c.Client())
	c.set("ann", obj{"is_staff": true, "is_superuser": false})
	_, r := c.asksToRecover(browser)
	r.Want(200)
	c.set("ann", obj{"is_staff": false})
	_, r = c.asksToRecover(browser)
	r.WantCode(403, "recovery_not_offered")
	_, err := ginauth.New(c.DB, c.Auth.Config(), mfa.Feature(mfa.Options{Recovery: mfa.Recovery{For: some.For}}))
	if err == nil || !strings.Contains(err.Error(), "mfa.Options.Recovery.Wait: mfa: must be set") {
		c.Error(err)
	}
}

// codesOfRecoveriesAreLimited: a mail that is not sent is not announced. The client has proven the password, so it may know.
func codesOfRecoveriesAreLimited(c *Case) {
	c.withLostApp(limited, func(cfg *config.Config) {
		cfg.Limits.Network, cfg.Limits.Mail = config.Limit{Attempts: 1000, Per: time.Minute}, config.Limit{Attempts: 1000, Per: time.Hour}
		cfg.Mail.MaxPerHour = 2
	})
	browser := c.Client()
	var r *authtest.Response
	for range 2 {
		_, r = c.asksToRecover(browser)
		r.Want(200)
	}
	code := c.lastMail("mfa_recovery_code").Code(c.T)
	token, r := c.asksToRecover(browser)
	if r.WantCode(429, "rate_limited"); r.Header.Get("Retry-After") != "3600" {
		c.Errorf("Retry-After is %q", r.Header.Get("Retry-After"))
	}
	c.NoMail()
	browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": code}).Want(200)
}

// trustedBrowsersRecoverAfterTheTrust: a login in a trusted browser has no ephemeral token, so the user ends the trust first.
func trustedBrowsersRecoverAfterTheTrust(c *Case) {
	phone := c.withLostApp()
	browser := c.Client()
	c.trust(browser, phone)
	browser.Post("/auth/logout/", nil).Want(200)
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	browser.Delete("/auth/mfa/trusted-browsers/").Want(204)
	if out := c.recovers(browser); out.RecoveryTimes == nil {
		c.Errorf("%+v", out)
	}
}

// trustExcusesNoRequiredUsers once the policy applies: otherwise the password alone would pass RequireStaff (T171).
func trustExcusesNoRequiredUsers(c *Case) {
	from := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	c.With(mfa.Feature(mfa.Options{TrustDays: 14, RequireFor: forStaff, RequireFrom: from})).StartMail()
	_, phone := c.withTOTP("ann")
	c.set("ann", obj{"is_staff": true})
	c.Clock.Advance(from.Sub(c.Clock.Now()) - time.Hour)
	browser := c.Client()
	c.trust(browser, phone)
	c.wantAsked(browser, false, "before RequireFrom")
	c.Clock.Advance(time.Hour)
	c.wantAsked(browser, true, "a required user")
	c.set("ann", obj{"is_staff": false})
	c.wantAsked(browser, false, "no longer required")
}
