package dbtest

// Attacks on second factors of package mfa.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// noDoorSkipsTheFactor: each way in stops at the challenge, for each kind of credential, and makes no session (T146, T167).
// Then no sequence of further requests with what the client got leads into the account.
func noDoorSkipsTheFactor(c *Case) {
	idp := socialtest.New(c.T)
	company := acme()
	company.EmailDomains, company.LinkByEmail = []string{"example.com"}, true
	c.With(mfa.Feature(mfa.Options{}), idp.Feature(company)).StartMail(withEachCredential, byCode, func(cfg *config.Config) {
		cfg.LoginOnReset, cfg.LoginOnVerify = true, true
	})
	ann, phone := c.withTOTP("ann")
	c.connect(idp, ann, socialtest.Claims{"sub": "1004"})
	linked := 0
	account := c.user("ann")
	c.ownRoutes(func() models.Account { return &account })
	mail := func(path, kind string) authtest.Mail {
		c.Client().Post(path, obj{"email": "ann@example.com"}).Want(200)
		return c.lastMail(kind)
	}
	password := authtest.Password
	doors := map[string]func(*authtest.Client) *authtest.Response{
		"password": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/login/", obj{"username": "ann", "password": password})
		},
		"address": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/login/", obj{"email": "ann@example.com", "password": password})
		},
		"code": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": mail("/auth/login/code/", "login_code").Code(c.T)})
		},
		"link": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/login/code/confirm/", obj{"key": mail("/auth/login/code/", "login_code").Key(c.T)})
		},
		"provider": func(b *authtest.Client) *authtest.Response {
			return c.byAcme(idp, b, socialtest.Claims{"sub": "1004"})
		},
		"provider, linked by the address": func(b *authtest.Client) *authtest.Response {
			linked++
			return c.byAcme(idp, b, socialtest.Claims{"sub": fmt.Sprint("new ", linked), "email": "new@example.com", "email_verified": true})
		},
		"application": func(b *authtest.Client) *authtest.Response { return c.own(b, "/enter") },
		"reset": func(b *authtest.Client) *authtest.Response {
			reset := mail("/auth/password/reset/", "reset")
			password += "x"
			return b.Post("/auth/password/reset/confirm/", obj{"uid": reset.UID(c.T), "token": reset.Key(c.T), "new_password1": password, "new_password2": password})
		},
	}
	ann.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	key := c.lastMail("verify").Key(c.T)
	token := c.asksForCode(ann.Post("/auth/registration/verify-email/", obj{"key": key}))
	ann.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code()}).Want(200)
	for name, enter := range doors {
		for _, credential := range []string{"", "cookie", "token", "jwt"} {
			sessions, browser := c.count(&models.Session{}), c.Client()
			if credential != "" {
				browser.Header.Set("Auth-Credential", credential)
			}
			if name == "reset" {
				sessions = 0 // a new password ends all
			}
			token := c.asksForCode(enter(browser))
			if n := c.count(&models.Session{}); n != sessions {
				c.Errorf("%s, %s: %d sessions, %d before", name, credential, n, sessions)
			}
			c.leadsNowhere(browser, token)
			if n := c.count(&models.Session{}); n != sessions {
				c.Errorf("%s, %s: the challenge leads to a session", name, credential)
			}
		}
	}
	browser := c.Client()
	token = c.asksForCode(doors["password"](browser))
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code()}).Want(200)
}

// leadsNowhere sends the token of a challenge to every route that takes a credential, with and without the browser's cookies.
func (c *Case) leadsNowhere(browser *authtest.Client, token string) {
	c.Helper()
	for _, scheme := range []string{"Bearer ", "Token "} {
		c.Client().Do("GET", "/auth/user/", nil, "Authorization", scheme+token).Want(401)
	}
	for path, body := range map[string]obj{
		"token/refresh/": {"refresh": token}, "token/verify/": {"token": token}, "login/code/confirm/": {"key": token},
		"registration/verify-email/": {"key": token}, "security/revoke/": {"key": token},
		"password/reset/confirm/": {"uid": token[:26], "token": token, "new_password1": "another good one", "new_password2": "another good one"},
		"mfa/verify/":             {"ephemeral_token": token, "code": "000000"},
		"mfa/totp/activate/":      {"activation_token": token, "code": "000000"}, "mfa/totp/deactivate/": {"code": "000000"},
		"mfa/recovery-codes/regenerate/": {"password": authtest.Password}, "mfa/recovery-codes/": {}, "reauthenticate/": {"password": authtest.Password},
		"password/change/": {"old_password": authtest.Password, "new_password1": "another good one", "new_password2": "another good one"},
		"user/delete/":     {"password": authtest.Password}, "tokens/": {"name": "x", "password": authtest.Password}, "logout/": {},
	} {
		r := browser.Do("POST", "/auth/"+path, body)
		if r.StatusCode < 300 && path != "logout/" {
			c.Errorf("%s with the token of a challenge: %d %s", path, r.StatusCode, r.Text)
		}
	}
	browser.Get("/auth/user/").Want(401)
	browser.Get("/auth/mfa/status/").Want(401)
}

// codesWorkOnce, also in another session, after logout, and at a route of another kind (T159).
func codesWorkOnce(c *Case) {
	c.startMFA()
	browser, phone := c.withTOTP("ann")
	code := phone.Code()
	c.sendCode(c.Client(), "ann", code).Want(200)
	c.sendCode(c.Client(), "ann", code).WantProblems("code factor_not_valid")
	browser.Post("/auth/reauthenticate/", obj{"code": code}).WantProblems("code factor_not_valid")
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": code}).WantProblems("code factor_not_valid")
	used := phone.Code()
	browser.Post("/auth/reauthenticate/", obj{"code": used}).Want(200)
	c.sendCode(c.Client(), "ann", used).WantProblems("code factor_not_valid")
	next := phone.At(c.Clock.Now().Add(30 * time.Second))
	present := phone.At(c.Clock.Now())
	c.sendCode(c.Client(), "ann", next).Want(200)
	c.sendCode(c.Client(), "ann", present).WantProblems("code factor_not_valid") // all steps before are used up
}

// codesOfTheClock: one step before and after are accepted. A clock that goes back makes no used code valid (T163).
func codesOfTheClock(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	c.Clock.Advance(time.Hour)
	for _, off := range []int{-2, 2, -1, 0, 1} {
		r := c.sendCode(c.Client(), "ann", phone.At(c.Clock.Now().Add(time.Duration(off)*30*time.Second)))
		if off*off == 4 {
			r.WantProblems("code factor_not_valid")
		} else {
			r.Want(200)
		}
	}
	c.Clock.Advance(-time.Minute)
	for _, off := range []int{-1, 0, 1} {
		c.sendCode(c.Client(), "ann", phone.At(c.Clock.Now().Add(time.Duration(off)*30*time.Second))).WantProblems("code factor_not_valid")
	}
}

// codesAreSpelledOneWay: spaces are removed, other digits and signs are wrong (T161).
func codesAreSpelledOneWay(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	code := phone.Code()
	wide := strings.Map(func(r rune) rune { return r - '0' + '０' }, code)
	for _, bad := range []string{wide, "+" + code, "0" + code, code + ".0", code[:5], code + "\t0", "-" + code, code[:3] + "-" + code[3:]} {
		c.sendCode(c.Client(), "ann", bad).WantProblems("code factor_not_valid")
	}
	c.sendCode(c.Client(), "ann", " "+code[:3]+" "+code[3:]+" ").Want(200)
}

// wrongCodesAreLimited over all challenges and both kinds of codes, and a new challenge does not reset the count (T162). A
// browser that the user knows has its own count (T169).
func wrongCodesAreLimited(c *Case) {
	c.startMFA(limited, func(cfg *config.Config) { cfg.Limits.Network = config.Limit{Attempts: 1000, Per: time.Minute} })
	known, phone := c.withTOTP("ann")
	c.Clock.Advance(30 * time.Second)
	for i := range 10 {
		bad := []string{"000000", "0000-0000-0000-0000"}[i%2]
		c.sendCode(c.Client(), "ann", bad).WantProblems("code factor_not_valid")
	}
	code := phone.At(c.Clock.Now())
	if r := c.sendCode(c.Client(), "ann", code).Want(429); r.Header.Get("Retry-After") != "30" {
		c.Errorf("Retry-After %s", r.Header.Get("Retry-After"))
	}
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[0]).Want(429)
	c.sendCode(known.Clone(), "ann", code).Want(200)
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[0]).Want(429)
	c.Clock.Advance(30 * time.Second)
	c.sendCode(c.Client(), "ann", phone.Code()).Want(200)
	c.sendCode(c.Client(), "ann", "000000").WantProblems("code factor_not_valid") // the count begins again
}

// wrongCodesInASessionCount: a stolen session does not allow more guesses.
func wrongCodesInASessionCount(c *Case) {
	var failed []string
	c.startMFA(limited, func(cfg *config.Config) {
		cfg.Hooks.AfterLoginFailed = func(_ context.Context, e config.Event) error { failed = append(failed, e.Method); return nil }
	})
	browser, phone := c.withTOTP("ann")
	c.Clock.Advance(30 * time.Second)
	for i := range 10 {
		if i%2 == 0 {
			browser.Post("/auth/reauthenticate/", obj{"code": "000000"}).WantProblems("code factor_not_valid")
		} else {
			browser.Post("/auth/mfa/totp/deactivate/", obj{"code": "000000"}).WantProblems("code factor_not_valid")
		}
	}
	browser.Post("/auth/reauthenticate/", obj{"code": phone.At(c.Clock.Now())}).Want(429)
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.At(c.Clock.Now())}).Want(429)
	if len(failed) != 10 || slices.Compact(failed)[0] != "factor" {
		c.Errorf("failed: %v", failed)
	}
}

// missingMFAClosesTheAccount: without the feature in New, no user with an app can log in with one factor.
func missingMFAClosesTheAccount(c *Case) {
	c.startMFA()
	browser, _ := c.withTOTP("ann")
	c.withFeatures()
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(503)
	c.as(browser).Get("/auth/user/").Want(503)
	if !strings.Contains(c.Log.String(), "no feature of this Auth declares") {
		c.Error("nothing is logged")
	}
	if err := mfa.Reset(c.Context(), c.Auth, c.user("ann").ID); err == nil || !strings.Contains(err.Error(), "mfa.Feature") {
		c.Errorf("Reset: %v", err)
	}
}

// takeoversRemoveTheApp that a stranger set up before the owner of the address came (T114).
func takeoversRemoveTheApp(c *Case) {
	c.startMFA(func(cfg *config.Config) { cfg.LoginOnReset = true })
	stranger := c.SignedUp("ann")
	phone := c.TOTP(c.T, stranger)
	c.Mails()
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	reset, owner := c.Mail("reset"), c.Client()
	owner.Post("/auth/password/reset/confirm/", obj{
		"uid": reset.UID(c.T), "token": reset.Key(c.T), "new_password1": "another good one", "new_password2": "another good one",
	}).Want(200)
	owner.Get("/auth/user/").Want(200)
	stranger.Get("/auth/user/").Want(401)
	if n := c.count(&mfa.TOTP{}) + c.count(&mfa.RecoveryCode{}); n != 0 || c.user("ann").Factors != "" {
		c.Errorf("%d rows are left", n)
	}
	c.TOTP(c.T, owner)
	browser := c.Client()
	token := c.asksForCode(browser.Post("/auth/login/", obj{"username": "ann", "password": "another good one"}))
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.RecoveryCodes[0]}).WantProblems("code factor_not_valid")
}
