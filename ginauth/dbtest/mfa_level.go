package dbtest

// Assurance: what sessions have proven, and what needs it.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/models"
)

// provenIn returns what sessions/ says of the session of a client.
func provenIn(c *Case, browser *authtest.Client) string {
	c.Helper()
	for _, s := range listed(c, browser) {
		if s.Current {
			return fmt.Sprint(s.Method, " ", s.AMR, " ", s.ACR, " ", s.AuthTime.Sub(s.CreatedAt))
		}
	}
	return ""
}

// sessionsLoseTheLastFactor: once a user has no second factor and no passkey any more, no session has proven two factors.
func sessionsLoseTheLastFactor(c *Case) {
	c.With(mfa.Feature(mfa.Options{AllowOtherSessions: true}), passkeys(func(o *passkey.Options) { o.AllowOtherSessions = true })).StartMail()
	browser, phone := c.withTOTP("ann")
	other := c.LoggedInWith("ann", phone)
	key := c.Passkey(c.T, browser)
	byKey := c.Client()
	key.LogIn(byKey).Want(200)
	all := map[string]*authtest.Client{"that changed it": browser, "by password": other, "by passkey": byKey}
	want := func(acr string) {
		c.Helper()
		for name, b := range all {
			if got := provenIn(c, b); !strings.Contains(got, " "+acr+" ") {
				c.Errorf("the session %s has proven %s, want %s", name, got, acr)
			}
		}
	}
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.Code()}).Want(200)
	want("aal2")
	browser.Do("DELETE", fmt.Sprint("/auth/passkeys/", c.passkeysOf(browser)[0].ID, "/"), nil).Want(204)
	want("aal1")
	c.Clock.Advance(time.Minute)
	phone = c.TOTP(c.T, browser)
	delete(all, "by password")
	delete(all, "by passkey")
	want("aal2")
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.Code()}).Want(200)
	want("aal1")
}

func sessionsStateTheirFactors(c *Case) {
	c.startMFA(byCode)
	want := func(browser *authtest.Client, want string) {
		c.Helper()
		if got := provenIn(c, browser); got != want {
			c.Errorf("got %s, want %s", got, want)
		}
	}
	browser := c.verified("ann")
	want(browser, "register [pwd] aal1 0s")
	c.Clock.Advance(time.Minute)
	browser.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	want(browser, "register [pwd] aal1 1m0s")
	phone := c.TOTP(c.T, browser)
	want(browser, "register [mfa otp pwd] aal2 1m0s")
	other := c.Client()
	c.sendCode(other, "ann", phone.Code()).Want(200)
	want(other, "password [mfa otp pwd] aal2 0s")
	var row models.Session
	if err := c.DB.Where("method = ?", "password").First(&row).Error; err != nil || row.Factors != 2 || len(row.ProofList()) != 2 || row.ProofList()[1].Name != "totp" {
		c.Errorf("%+v, %v", row, err)
	}
	c.Mails()
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	third := c.Client()
	token := c.asksForCode(third.Post("/auth/login/code/confirm/", obj{"key": c.lastMail("login_code").Key(c.T)}))
	third.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.RecoveryCodes[0]}).Want(200)
	want(third, "code [mfa otp] aal2 0s")
}

func accessTokensStateTheirFactors(c *Case) {
	c.startMFA(withJWT)
	c.verified("ann")
	var out struct{ Access, Refresh string }
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&out)
	at := c.Clock.Now().Unix()
	if got, want := claimsOf(out.Access), fmt.Sprint("aal1 [pwd] ", at); got != want {
		c.Errorf("claims %s, want %s", got, want)
	}
	app := c.byToken(out.Access)
	phone := c.TOTP(c.T, app)
	c.Clock.Advance(time.Minute)
	next := c.refreshed(out.Refresh)
	if got, want := claimsOf(next.Access), fmt.Sprint("aal2 [mfa otp pwd] ", at); got != want {
		c.Errorf("refreshed claims %s, want %s", got, want)
	}
	c.sendCode(c.Client(), "ann", phone.Code()).Want(200).JSON(&out)
	at = c.Clock.Now().Unix()
	c.Clock.Advance(time.Hour)
	next = c.refreshed(out.Refresh) // a refresh is no login (T170)
	if got, want := claimsOf(next.Access), fmt.Sprint("aal2 [mfa otp pwd] ", at); got != want {
		c.Errorf("claims %s, want %s", got, want)
	}
	c.byToken(next.Access).Post("/auth/user/delete/", nil).WantCode(403, "fresh_login_required")
}

func claimsOf(access string) string {
	claims := payload(access)
	at, _ := claims["auth_time"].(float64)
	return fmt.Sprint(claims["acr"], " ", claims["amr"], " ", int64(at))
}

func requireTwoFactors(c *Case) {
	c.With(mfa.Feature(mfa.Options{AllowOtherSessions: true})).StartMail(func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken}
	})
	for n := 1; n <= 2; n++ {
		c.Router.GET(fmt.Sprint("/need/", n), mfa.Require(c.Auth, n), func(g *gin.Context) { g.Status(http.StatusNoContent) })
	}
	need := func(browser *authtest.Client, n, status int, code binding.Code) {
		c.Helper()
		own := c.browser()
		own.Cookies, own.Header = browser.Clone().Cookies, browser.Header.Clone()
		r := own.Get(fmt.Sprint("/need/", n)).Want(status)
		if code != "" {
			r.WantCode(status, code)
		}
		if code == "factor_required" && r.Header.Get("WWW-Authenticate") != `Bearer error="insufficient_user_authentication", acr_values="aal2"` {
			c.Errorf("WWW-Authenticate is %q", r.Header.Get("WWW-Authenticate"))
		}
	}
	need(c.Client(), 1, 401, "not_authenticated")
	browser := c.verified("ann")
	other := c.LoggedIn("ann")
	need(browser, 1, 204, "")
	need(browser, 2, 403, "factor_setup_required")
	phone := c.TOTP(c.T, browser)
	need(browser, 2, 204, "")
	need(other, 1, 204, "")
	need(other, 2, 403, "factor_required")
	other.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	need(other, 2, 403, "factor_required")
	other.Post("/auth/reauthenticate/", obj{"code": phone.Code()}).Want(200)
	need(other, 2, 204, "")
	var made struct{ Key string }
	browser.Post("/auth/tokens/", obj{"name": "ci"}).Want(201).JSON(&made)
	need(c.byToken(made.Key), 1, 403, "insufficient_scope")
	for _, bad := range []int{0, 3} {
		func() {
			defer func() {
				if recover() == nil {
					c.Errorf("Require(auth, %d) does not panic", bad)
				}
			}()
			mfa.Require(c.Auth, bad)
		}()
	}
}

// codesReauthenticate: a code makes the session recent, with a new key.
func codesReauthenticate(c *Case) {
	c.startMFA()
	browser, phone := c.withTOTP("ann")
	c.Clock.Advance(time.Hour)
	browser.Post("/auth/emails/", obj{"email": "new@example.com"}).WantCode(403, "fresh_login_required")
	browser.Post("/auth/reauthenticate/", obj{}).WantProblems("password required")
	browser.Post("/auth/reauthenticate/", obj{"code": "000000"}).WantProblems("code factor_not_valid")
	browser.Post("/auth/reauthenticate/", obj{"code": "no code"}).WantProblems("code factor_not_valid")
	old := browser.Clone()
	browser.Post("/auth/reauthenticate/", obj{"code": phone.Code()}).Want(200)
	old.Get("/auth/user/").Want(401)
	browser.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	c.Clock.Advance(time.Hour)
	browser.Post("/auth/reauthenticate/", obj{"code": phone.RecoveryCodes[0]}).Want(200)
	browser.Post("/auth/reauthenticate/", obj{"password": "wrong", "code": phone.Code()}).WantProblems("password password_incorrect")
	c.Mails()
	bob := c.verified("bob")
	bob.Post("/auth/reauthenticate/", obj{"code": phone.Code()}).WantProblems("code factor_not_valid")
	bob.Post("/auth/reauthenticate/", obj{"code": phone.RecoveryCodes[1]}).WantProblems("code factor_not_valid")
}

// oneFactorIsNotEnough: a session that has not proven the user's second factor cannot change the account, even with the
// password.
func oneFactorIsNotEnough(c *Case) {
	c.With(mfa.Feature(mfa.Options{AllowOtherSessions: true})).StartMail()
	browser := c.verified("ann")
	other := c.LoggedIn("ann")
	phone := c.TOTP(c.T, browser)
	for path, body := range map[string]obj{
		"emails/": {"email": "new@example.com", "password": authtest.Password}, "user/delete/": {"password": authtest.Password},
		"mfa/totp/deactivate/": {"code": phone.Code(), "password": authtest.Password}, "mfa/recovery-codes/regenerate/": {"password": authtest.Password},
	} {
		other.Post("/auth/"+path, body).WantCode(403, "factor_required")
	}
	other.Get("/auth/user/").Want(200)
	other.Post("/auth/reauthenticate/", obj{"code": phone.Code()}).Want(200)
	other.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200)
}

// resetRemovesFactors: an operator lets a user in who lost everything (T172).
func resetRemovesFactors(c *Case) {
	c.startMFA(audited)
	browser, phone := c.withTOTP("ann")
	id := c.user("ann").ID
	if err := mfa.Reset(c.Context(), c.Auth, id); err != nil {
		c.Fatal(err)
	}
	c.Mail("mfa_reset")
	browser.Get("/auth/user/").Want(401)
	again := c.LoggedIn("ann")
	again.Get("/auth/user/").Want(200)
	if n := c.count(&mfa.TOTP{}) + c.count(&mfa.RecoveryCode{}); n != 0 {
		c.Errorf("%d rows are left", n)
	}
	if err := mfa.Reset(c.Context(), c.Auth, id); err != nil { // nothing to do
		c.Error(err)
	}
	again.Get("/auth/user/").Want(200)
	if err := mfa.Reset(c.Context(), c.Auth, 999); !errors.Is(err, core.ErrNoRow) {
		c.Errorf("unknown user: %v", err)
	}
	events, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: id, Names: []config.EventName{"mfa_reset", "totp_on"}})
	if err != nil || len(events) != 2 || events[0].Event != "mfa_reset" {
		c.Errorf("%v %v", events, err)
	}
	c.TOTP(c.T, again)
	again.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.RecoveryCodes[0]}).WantProblems("code factor_not_valid")
}

// twoFactorsByLogIn: the application can vouch for both factors.
func twoFactorsByLogIn(c *Case) {
	c.startMFA()
	c.withTOTP("ann")
	account := c.user("ann")
	c.Router.POST("/vouched", func(g *gin.Context) {
		body, err := c.Auth.LogIn(g, &account, ginauth.WithTwoFactors())
		if err != nil {
			c.Auth.Fail(g, err)
			return
		}
		g.JSON(http.StatusOK, body)
	})
	browser := c.browser()
	c.own(browser, "/vouched").Want(200)
	if got := provenIn(c, browser); got != "application [mfa] aal2 0s" {
		c.Error(got)
	}
}

// loginsWithoutFactorsCostNothing: the statements of a login and of a request are the same without the feature, and with all of it
// switched on.
func loginsWithoutFactorsCostNothing(c *Case) {
	var m meter
	measure := func() string {
		browser := c.browser()
		m.take()
		browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
		browser.Get("/auth/user/").Want(200)
		return m.take()
	}
	c.StartMail()
	m.install(c)
	c.verified("ann")
	without := measure()
	c.restart(c.Auth.Config(), mfa.Feature(mfa.Options{TrustDays: 14, EmailCodes: true, RequireFor: forStaff}))
	if err := c.Auth.Migrate(context.Background()); err != nil {
		c.Fatal(err)
	}
	c.Logf("a login and a request: %d statements", strings.Count(without, "\n")+1)
	if with := measure(); with != without {
		c.Errorf("with the feature:\n%s\nwithout:\n%s", with, without)
	}
}

// newPasswordsNeedTheFactor in a session that has not proven it: one that a trusted browser excused, or that is older than the
// factor, whether or not the old password is required (T171). A name is no credential, so it needs none.
func newPasswordsNeedTheFactor(c *Case) {
	feature := mfa.Feature(mfa.Options{TrustDays: 14, AllowOtherSessions: true})
	c.With(feature).StartMail()
	first := c.verified("ann")
	older := c.LoggedIn("ann")
	phone := c.TOTP(c.T, first)
	browser := c.Client()
	c.trust(browser, phone)
	browser.Post("/auth/logout/", nil).Want(200)
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	refused := func(browser *authtest.Client, olds ...string) {
		c.Helper()
		for _, old := range olds {
			browser.Post("/auth/password/change/", change(old, "Mirror-Maze-88")).WantCode(403, "factor_required")
		}
	}
	refused(browser, authtest.Password, "wrong", "")
	refused(older, authtest.Password, "wrong", "")
	cfg := c.Auth.Config()
	cfg.AllowPasswordChangeWithoutOld = true
	c.restart(cfg, feature)
	browser, older = c.as(browser), c.as(older)
	refused(browser, authtest.Password, "")
	refused(older, authtest.Password, "")
	browser.Patch("/auth/user/", obj{"username": "anna"}).Want(200)
	browser.Post("/auth/reauthenticate/", obj{"code": phone.Code()}).Want(200)
	browser.Post("/auth/password/change/", change("", "Mirror-Maze-88")).Want(200)
	c.as(first).Get("/auth/user/").Want(401)
}
