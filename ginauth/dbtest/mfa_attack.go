package dbtest

// Attacks on second factors of package mfa.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// raceOf sends requests at once and returns how many succeed. The others must get 400 or 401.
func (c *Case) raceOf(n int, send func(i int) *authtest.Response) int64 {
	c.Helper()
	var won atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			switch r := send(i); r.StatusCode {
			case 200:
				won.Add(1)
			case 400, 401:
			default:
				c.Errorf("%d %s", r.StatusCode, r.Text)
			}
		})
	}
	close(start)
	all.Wait()
	return won.Load()
}

// raceForOneCode: of eight challenges with the same code, one wins (T160).
func raceForOneCode(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	c.raceWith(phone.Code())
}

// raceForOneRecoveryCode: of eight challenges with the same code, one wins (T166).
func raceForOneRecoveryCode(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	c.raceWith(phone.RecoveryCodes[0])
}

// raceWith sends one code of ann for eight challenges at once.
func (c *Case) raceWith(code string) {
	c.Helper()
	var browsers []*authtest.Client
	var tokens []string
	for range 8 {
		browser := c.Client()
		browsers, tokens = append(browsers, browser), append(tokens, c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann"))))
	}
	before := c.count(&models.Session{})
	won := c.raceOf(8, func(i int) *authtest.Response {
		return browsers[i].Post("/auth/mfa/verify/", obj{"ephemeral_token": tokens[i], "code": code})
	})
	if n := c.count(&models.Session{}) - before; won != 1 || n != 1 {
		c.Errorf("%d logged in, %d sessions", won, n)
	}
}

// raceForOneMailedCode: of eight challenges with the same code, one wins.
func raceForOneMailedCode(c *Case) {
	c.startEmailCodes()
	c.withEmailCodes("ann")
	var browsers []*authtest.Client
	var tokens []string
	for range 8 {
		browser := c.Client()
		browsers = append(browsers, browser)
		tokens = append(tokens, c.challenged(browser.Post("/auth/login/", authtest.Login("ann")), "email", "recovery_code"))
	}
	code := c.mailed(browsers[0], tokens[0])
	won := c.raceOf(8, func(i int) *authtest.Response {
		return browsers[i].Post("/auth/mfa/verify/", obj{"ephemeral_token": tokens[i], "code": code})
	})
	if won != 1 {
		c.Errorf("%d logged in", won)
	}
}

// raceToSetUp: of several logins that must set up an app, one wins, and its app works.
func raceToSetUp(c *Case) {
	c.startRequired()
	c.verified("ann")
	c.set("ann", obj{"is_staff": true})
	var browsers []*authtest.Client
	var bodies []obj
	for range 4 {
		browser := c.Client()
		browsers = append(browsers, browser)
		bodies = append(bodies, c.beginSetup(browser, c.mustSetUp(browser.Post("/auth/login/", authtest.Login("ann"))), true))
	}
	won := c.raceOf(4, func(i int) *authtest.Response { return browsers[i].Post("/auth/mfa/setup/confirm/", bodies[i]) })
	if won != 1 || c.count(&mfa.TOTP{}) != 1 || c.count(&models.Session{}) != 1 {
		c.Errorf("%d set up, %d apps, %d sessions", won, c.count(&mfa.TOTP{}), c.count(&models.Session{}))
	}
}

// raceForTheLastFactor: recovery codes that are created while another session removes the last factor are not stored (T166).
func raceForTheLastFactor(c *Case) {
	var removes interruption
	c.With(mfa.Feature(mfa.Options{AllowOtherSessions: true})).StartMail(func(cfg *config.Config) { cfg.Rand = &removes })
	browser, phone := c.withTOTP("ann")
	other := c.LoggedInWith("ann", phone)
	removes.set(func() { other.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.Code()}).Want(200) })
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).WantCode(400, "mfa_disabled")
	if n := c.count(&mfa.RecoveryCode{}); n != 0 {
		c.Errorf("%d recovery codes are left", n)
	}
}

// raceToActivate: of several activations at once, one wins, and its app works.
func raceToActivate(c *Case) {
	c.startMFA()
	c.verified("ann")
	type try struct {
		browser *authtest.Client
		offer   mfa.Offer
		phone   *authtest.TOTP
	}
	var tries []try
	for range 4 {
		browser := c.LoggedIn("ann")
		offer := c.offerOf(browser)
		tries = append(tries, try{browser, offer, c.TOTPWith(c.T, offer.Secret)})
	}
	var winner atomic.Int64
	won := c.raceOf(4, func(i int) *authtest.Response {
		t := tries[i]
		r := t.browser.Post("/auth/mfa/totp/activate/", obj{"activation_token": t.offer.ActivationToken, "code": t.phone.At(c.Clock.Now())})
		if r.StatusCode == 200 {
			winner.Store(int64(i))
		}
		return r
	})
	if won != 1 || c.count(&mfa.RecoveryCode{}) != 10 {
		c.Errorf("%d activations", won)
	}
	c.Clock.Advance(30 * time.Second)
	c.sendCode(c.Client(), "ann", tries[winner.Load()].phone.At(c.Clock.Now())).Want(200)
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
