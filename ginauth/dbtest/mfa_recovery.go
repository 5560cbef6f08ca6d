package dbtest

// Recovery of package mfa: users who lost all factors remove them, after a wait in which the owner can cancel.

import (
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/models"
)

const recoveryWait = 72 * time.Hour

var recovery = mfa.Recovery{Wait: recoveryWait, CancelURL: authtest.Site + "/recovery/{key}"}

// withLostApp starts an application with recovery, in which ann has an app and an address that was confirmed 31 days ago.
func (c *Case) withLostApp(change ...func(*config.Config)) *authtest.TOTP {
	c.Helper()
	c.With(mfa.Feature(mfa.Options{Recovery: recovery, TrustDays: 14})).StartMail(append(change, audited)...)
	_, phone := c.withTOTP("ann")
	c.Clock.Advance(31 * 24 * time.Hour)
	return phone
}

// storeRecovery stores the row of a recovery.
func (c *Case) storeRecovery(name string) {
	c.Helper()
	now := c.Clock.Now()
	row := mfa.LostFactors{UserID: c.user(name).ID, Factors: "totp", CreatedAt: now, ReadyAt: now.Add(recoveryWait), ExpiresAt: now.Add(2 * recoveryWait), IP: "192.0.2.1", UserAgent: testAgent}
	if err := c.DB.Create(&row).Error; err != nil {
		c.Fatal(err)
	}
}

// asksToRecover logs in with the password and asks for a recovery.
func (c *Case) asksToRecover(browser *authtest.Client) (token string, r *authtest.Response) {
	c.Helper()
	token = c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann")))
	return token, browser.Post("/auth/mfa/recovery/", obj{"ephemeral_token": token})
}

// recovers does one of the two steps of a recovery.
func (c *Case) recovers(browser *authtest.Client) (out mfa.RecoveryState) {
	c.Helper()
	token, r := c.asksToRecover(browser)
	if r.Want(200).JSON(&out); !out.EmailCode {
		c.Fatalf("no code: %s", r.Text)
	}
	code := c.lastMail("mfa_recovery_code").Code(c.T)
	browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": code}).Want(200).JSON(&out)
	return out
}

// recoveryIn returns what a session sees of a recovery.
func (c *Case) recoveryIn(browser *authtest.Client) *mfa.RecoveryTimes {
	c.Helper()
	var out mfa.Status
	browser.Get("/auth/mfa/status/").Want(200).JSON(&out)
	return out.Recovery
}

// lostFactorsAreRemoved after 72 hours, with the password and a mailed code before and after them. Every address and every session
// is told (T275).
func lostFactorsAreRemoved(c *Case) {
	phone := c.withLostApp()
	session := c.LoggedInWith("ann", phone)
	session.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	session.Post("/auth/registration/verify-email/", obj{"key": c.lastMail("verify").Key(c.T)}).Want(200)
	session.Post("/auth/emails/", obj{"email": "unconfirmed@example.com"}).Want(201)
	c.Mails()
	if c.recoveryIn(session) != nil {
		c.Error("a recovery runs")
	}
	owner := c.Client()
	token, r := c.asksToRecover(owner)
	mail := c.lastMail("mfa_recovery_code")
	if mail.To != "ann@example.com" || !strings.Contains(r.Text, `"email_code_required":true`) || strings.Contains(r.Text, "started_at") {
		c.Errorf("a code for %s: %s", mail.To, r.Text)
	}
	confirm := func(code string) *authtest.Response {
		return owner.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": code})
	}
	confirm("2222-2222").WantProblems("code factor_not_valid")
	began := c.Clock.Now()
	var out mfa.RecoveryState
	confirm(mail.Code(c.T)).Want(200).JSON(&out)
	if out.Recovered || out.RecoveryTimes == nil || !out.ReadyAt.Equal(began.Add(recoveryWait)) || out.ExpiresAt.Sub(out.ReadyAt) != 7*24*time.Hour {
		c.Fatalf("started: %+v", out)
	}
	confirm(mail.Code(c.T)).WantProblems("ephemeral_token ticket_not_valid")
	text := c.wantMailsTo("mfa_recovery_started", "ann@example.com", "new@example.com")
	_, from, _ := strings.Cut(text, "This will be possible from ")
	from, _, _ = strings.Cut(strings.Join(strings.Fields(from), " "), ".")
	if at, err := time.Parse("January 2, 2006 at 3:04 PM UTC", from); err != nil || at.Before(out.ReadyAt) || at.Sub(out.ReadyAt) >= time.Minute {
		c.Errorf("ready at %s; the mail says %q: %v", out.ReadyAt, from, err)
	}
	if seen := c.recoveryIn(session); seen == nil || !seen.ReadyAt.Equal(out.ReadyAt) {
		c.Errorf("a session sees %+v", seen)
	}
	c.Clock.Advance(recoveryWait - time.Minute)
	_, r = c.asksToRecover(c.Client())
	if r.Want(200); !strings.Contains(r.Text, `"email_code_required":false`) || !strings.Contains(r.Text, "ready_at") {
		c.Errorf("before the end of the wait: %s", r.Text)
	}
	c.NoMail()
	c.Clock.Advance(time.Minute)
	if out = c.recovers(owner); !out.Recovered || c.user("ann").Factors != "" || c.count(&mfa.TOTP{})+c.count(&mfa.RecoveryCode{})+c.count(&mfa.LostFactors{}) != 0 {
		c.Fatalf("completed: %+v, factors %q", out, c.user("ann").Factors)
	}
	session.Get("/auth/user/").Want(401)
	c.wantMailsTo("mfa_recovered", "ann@example.com", "new@example.com")
	c.wantRecorded("mfa_recovery_started", "mfa_recovered")
	owner.Post("/auth/login/", authtest.Login("ann")).Want(200)
	owner.Get("/auth/user/").Want(200)
}

// wantMailsTo fails the test unless the mails of a kind went to these addresses, each with a link. It returns the text of one.
func (c *Case) wantMailsTo(kind string, want ...string) (text string) {
	c.Helper()
	var got []string
	for _, m := range c.Mails() {
		if m.Kind == kind && m.Key(c.T) != "" {
			got, text = append(got, m.To), m.Text
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		c.Errorf("%s went to %q, want %q", kind, got, want)
	}
	return text
}

// wantRecorded fails the test unless these events about recoveries were recorded since the last call of events.
func (c *Case) wantRecorded(want ...string) {
	c.Helper()
	var got []string
	for _, e := range c.events() {
		if strings.HasPrefix(e.Event, "mfa_recover") {
			got = append(got, e.Event)
		}
	}
	if !slices.Equal(got, want) {
		c.Errorf("recorded %q, want %q", got, want)
	}
}

// recoveryNeedsPasswordAndMail: each alone is not enough, nor is a young address, another browser, or a session with one factor (T275).
func recoveryNeedsPasswordAndMail(c *Case) {
	phone := c.withLostApp(byCode, limited, func(cfg *config.Config) { cfg.Limits.Network = config.Limit{Attempts: 1000, Per: time.Minute} })
	browser := c.Client()
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	byMail := c.asksForCode(browser.Post("/auth/login/code/confirm/", obj{"key": c.lastMail("login_code").Key(c.T)}))
	browser.Post("/auth/mfa/recovery/", obj{"ephemeral_token": byMail}).WantCode(403, "recovery_needs_password")
	browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": byMail, "code": "2222-2222"}).WantCode(403, "recovery_needs_password")
	browser.Post("/auth/mfa/recovery/", obj{"ephemeral_token": "x"}).WantProblems("ephemeral_token ticket_not_valid")
	browser.Post("/auth/mfa/recovery/cancel/", obj{}).Want(401)
	trusted := c.Client()
	c.trust(trusted, phone)
	trusted.Post("/auth/logout/", nil).Want(200)
	trusted.Post("/auth/login/", authtest.Login("ann")).Want(200)
	trusted.Post("/auth/mfa/recovery/cancel/", obj{}).WantCode(403, "factor_required")
	token, _ := c.asksToRecover(browser)
	code := c.lastMail("mfa_recovery_code").Code(c.T)
	c.Client().Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": code}).WantProblems("ephemeral_token ticket_not_valid")
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code}).WantProblems("code factor_not_valid")
	for range 9 {
		browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": "2222-2222"}).WantProblems("code factor_not_valid")
	}
	browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": "2222-2222"}).Want(400)
	browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": code}).WantCode(429, "rate_limited")
	_, other := c.withTOTP("bob")
	young := c.asksForCode(browser.Post("/auth/login/", authtest.Login("bob")))
	browser.Post("/auth/mfa/recovery/", obj{"ephemeral_token": young}).WantCode(403, "no_address_for_recovery")
	browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": young, "code": code}).WantCode(403, "no_address_for_recovery")
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": young, "code": other.Code()}).Want(200)
	if c.count(&mfa.LostFactors{}) != 0 {
		c.Error("a recovery was started")
	}
}

// raceToRecover: of concurrent starts one wins, and of completion and cancellation.
func raceToRecover(c *Case) {
	phone := c.withLostApp()
	session := c.LoggedInWith("ann", phone)
	confirm := func() []func() *authtest.Response {
		var all []func() *authtest.Response
		var code string
		for range 4 {
			browser := c.Client()
			token, _ := c.asksToRecover(browser)
			for _, m := range c.Mails() {
				if m.Kind == "mfa_recovery_code" {
					code = m.Code(c.T)
				}
			}
			all = append(all, func() *authtest.Response {
				return browser.Post("/auth/mfa/recovery/confirm/", obj{"ephemeral_token": token, "code": code})
			})
		}
		return all
	}
	starts := confirm()
	if won := c.raceOf(len(starts), func(i int) *authtest.Response { return starts[i]() }); won != 1 {
		c.Errorf("%d starts", won)
	}
	c.wantMailsTo("mfa_recovery_started", "ann@example.com")
	c.wantRecorded("mfa_recovery_started")
	c.Clock.Advance(recoveryWait)
	starts = confirm()
	completes := starts[0]
	won := c.raceOf(2, func(i int) *authtest.Response {
		if i == 0 {
			return completes()
		}
		r := session.Post("/auth/mfa/recovery/cancel/", obj{})
		if r.StatusCode == 404 { // removed before
			r.StatusCode = 400
		}
		return r
	})
	completed := c.user("ann").Factors == ""
	if n := c.count(&models.Session{}); completed != (n == 0) {
		c.Errorf("completed %v, and %d sessions", completed, n)
	}
	if won == 0 || completed && won != 1 {
		c.Errorf("%d won, completed %v", won, completed)
	}
}

// recoveryIsOptIn: without the option there are no routes.
func recoveryIsOptIn(c *Case) {
	c.startMFA()
	if r := c.browser().Post("/auth/mfa/recovery/", obj{}); r.StatusCode != 404 {
		c.Errorf("status %d", r.StatusCode)
	}
	silent := c.Auth.Config()
	silent.Mail, silent.EmailVerification = config.Mail{}, config.VerifyNone
	for text, bad := range map[string]struct {
		cfg config.Config
		mfa.Recovery
	}{
		"mfa.Options.Recovery.Wait: mfa: is 71h0m0s":      {c.Auth.Config(), mfa.Recovery{Wait: 71 * time.Hour, CancelURL: recovery.CancelURL}},
		"mfa.Options.Recovery.Wait: mfa: is 721h0m0s":     {c.Auth.Config(), mfa.Recovery{Wait: 721 * time.Hour, CancelURL: recovery.CancelURL}},
		"mfa.Options.Recovery.Wait: mfa: must be set":     {c.Auth.Config(), mfa.Recovery{CancelURL: recovery.CancelURL}},
		"mfa.Options.Recovery.CancelURL: mfa: is missing": {c.Auth.Config(), mfa.Recovery{Wait: recoveryWait}},
		"mfa.Options.Recovery.CancelURL: mfa: \"http://a": {c.Auth.Config(), mfa.Recovery{Wait: recoveryWait, CancelURL: "http://app.example.com/{key}"}},
		"mfa.Options.Recovery.Wait: mfa: needs Mail":      {silent, recovery},
	} {
		if _, err := ginauth.New(c.DB, bad.cfg, mfa.Feature(mfa.Options{Recovery: bad.Recovery})); err == nil || !strings.Contains(err.Error(), text) {
			c.Errorf("want %q: %v", text, err)
		}
	}
}
