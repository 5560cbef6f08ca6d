package dbtest

// Passkeys as second factors, and what they prove in sessions.

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/models"
)

// startBoth starts an application with passkeys and authenticator apps.
func (c *Case) startBoth(change ...func(*passkey.Options)) {
	c.Helper()
	c.With(mfa.Feature(mfa.Options{}), passkeys(change...)).StartMail()
}

// waits wants a challenge with these factors, and returns its token.
func (c *Case) waits(r *authtest.Response, factors string) string {
	c.Helper()
	var out binding.Challenge
	r.Want(200).JSON(&out)
	if !out.MFARequired || out.EphemeralToken == "" || strings.Join(out.Factors, " ") != factors {
		c.Fatalf("want a challenge for %q, got %s", factors, r.Text)
	}
	return out.EphemeralToken
}

func byPassword(browser *authtest.Client, name string) *authtest.Response {
	return browser.Post("/auth/login/", authtest.Login(name))
}

// passkeysCompleteLogins of users who have another second factor, and only of those who have a passkey.
func passkeysCompleteLogins(c *Case) {
	c.startBoth()
	ann, key := c.withPasskey("ann")
	byPassword(c.Client(), "ann").Want(200) // no factor so far
	c.TOTP(c.T, ann)
	c.Mails()
	c.withTOTP("bob")
	c.waits(byPassword(c.Client(), "bob"), "totp recovery_code")
	browser := c.Client()
	token := c.waits(byPassword(browser, "ann"), "totp recovery_code passkey")
	var options passkey.RequestOptions
	begun := browser.Post("/auth/passkeys/verify/begin/", obj{"ephemeral_token": token}).Want(200)
	begun.JSON(&options)
	if len(options.AllowCredentials) != 1 || options.SessionID != "" || options.UserVerification != "preferred" {
		c.Errorf("%s", begun.Text)
	}
	key.Unverified = true // possession is enough after the password
	key.Verify(browser, token).Want(200)
	if got, want := provenIn(c, browser), "password [mfa pwd swk user] aal2 0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
	key.Unverified = false
	other := c.Client()
	key.LogIn(other).Want(200) // two factors at once
	if got, want := provenIn(c, other), "passkey [mfa swk user] aal2 0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
}

// secondFactorsAreBound to the login that waits, its user, and one try.
func secondFactorsAreBound(c *Case) {
	c.startBoth()
	ann, key := c.withPasskey("ann")
	c.TOTP(c.T, ann)
	c.Mails()
	bob, other := c.withPasskey("bob")
	c.TOTP(c.T, bob)
	browser := c.Client()
	token, second := c.waits(byPassword(browser, "ann"), "totp recovery_code passkey"), c.waits(byPassword(browser, "ann"), "totp recovery_code passkey")
	begin := func(token string) *authtest.Response {
		return browser.Post("/auth/passkeys/verify/begin/", obj{"ephemeral_token": token})
	}
	complete := func(token string, credential any) *authtest.Response {
		return browser.Post("/auth/passkeys/verify/complete/", obj{"ephemeral_token": token, "credential": credential})
	}
	begin("x").WantProblems("ephemeral_token ticket_not_valid")
	complete("x", key.Sign(begin(token).Want(200))).WantProblems("ephemeral_token ticket_not_valid")
	complete(second, key.Sign(begin(token).Want(200))).WantProblems("non_field_errors passkey_challenge")
	complete(token, key.Sign(c.beginsPasskey(browser, "login"))).WantProblems("non_field_errors passkey_challenge")
	complete(token, other.Sign(begin(token).Want(200))).WantProblems("non_field_errors passkey_unknown")
	begun := begin(token).Want(200)
	key.Origin = "https://evil.example"
	complete(token, key.Sign(begun)).WantProblems("non_field_errors passkey_failed")
	key.Origin = ""
	complete(token, key.Sign(begun)).WantProblems("non_field_errors passkey_challenge")
	begun = begin(token).Want(200)
	completesLogin(browser, begun, key.Sign(begun)).WantProblems("session_id blank")
	if r := c.Client().Post("/auth/passkeys/verify/complete/", obj{"ephemeral_token": token, "credential": key.Sign(begun)}); r.StatusCode != 400 {
		c.Errorf("another browser: %d", r.StatusCode)
	}
	credential := key.Sign(begin(second).Want(200))
	if won := c.raceOf(8, func(int) *authtest.Response {
		return browser.Clone().Post("/auth/passkeys/verify/complete/", obj{"ephemeral_token": second, "credential": credential})
	}); won != 1 {
		c.Errorf("%d logins", won)
	}
}

// wrongPasskeysAreLimited together with wrong codes.
func wrongPasskeysAreLimited(c *Case) {
	c.With(mfa.Feature(mfa.Options{}), passkeys()).StartMail(limited)
	ann, key := c.withPasskey("ann")
	phone := c.TOTP(c.T, ann)
	browser := c.Client()
	token := c.waits(byPassword(browser, "ann"), "totp recovery_code passkey")
	key.Origin = "https://evil.example"
	for range 10 {
		key.Verify(browser, token).WantProblems("non_field_errors passkey_failed")
	}
	key.Verify(browser, token).WantCode(429, "rate_limited")
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.RecoveryCodes[0]}).WantCode(429, "rate_limited")
}

// passkeysEndTrust: a new passkey and a removed one are changes of factors, so trusted browsers are asked again.
func passkeysEndTrust(c *Case) {
	c.With(mfa.Feature(mfa.Options{TrustDays: 14}), passkeys()).StartMail()
	ann, phone := c.withTOTP("ann")
	browser := c.Client()
	c.trust(browser, phone)
	c.wantAsked(browser, false, "trusted")
	c.Passkey(c.T, ann)
	c.wantAsked(browser, true, "a new passkey")
	c.trust(browser, phone)
	c.wantAsked(browser, false, "trusted again")
	ann.Do("DELETE", fmt.Sprint("/auth/passkeys/", c.passkeysOf(ann)[0].ID, "/"), nil).Want(204)
	c.wantAsked(browser, true, "a removed passkey")
}

// passkeysAsSecondFactors: with SecondFactor, logins ask users who have a passkey for it.
func passkeysAsSecondFactors(c *Case) {
	c.startBoth(func(o *passkey.Options) { o.SecondFactor = true })
	browser := c.verified("ann")
	other := c.LoggedIn("ann")
	key := c.Passkey(c.T, browser)
	if got := c.user("ann").Factors; got != "passkey" {
		c.Errorf("factors %q", got)
	}
	other.Get("/auth/user/").Want(401)
	if got, want := provenIn(c, browser), "register [mfa pwd swk user] aal2 0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
	other = c.Client()
	key.Verify(other, c.waits(byPassword(other, "ann"), "passkey recovery_code")).Want(200)
	c.leadsNowhere(c.Client(), c.waits(byPassword(c.Client(), "ann"), "passkey recovery_code"))
	second := c.Passkey(c.T, browser)
	other.Get("/auth/user/").Want(200) // only the first one ends other sessions
	for _, one := range c.passkeysOf(browser) {
		browser.Do("DELETE", fmt.Sprint("/auth/passkeys/", one.ID, "/"), nil).Want(204)
	}
	if got := c.user("ann").Factors; got != "" {
		c.Errorf("factors %q", got)
	}
	second.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
	byPassword(c.Client(), "ann").Want(200)
	c.Passkey(c.T, browser)
	c.With(passkeys()) // turned off: who has the factor keeps it
	c.App = c.another(c.Box.Configure)
	c.waits(byPassword(c.Client(), "ann"), "passkey")
}

// unverifiedPasskeysAreOneFactor: a user with another factor is asked for it, and a passkey is no second factor after itself.
func unverifiedPasskeysAreOneFactor(c *Case) {
	c.startBoth(func(o *passkey.Options) { o.AllowUnverifiedUsers, o.SecondFactor = true, true })
	ann, key := c.withPasskey("ann")
	key.Unverified = true
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unverified") // it would be asked for itself
	phone := c.TOTP(c.T, ann)
	browser := c.Client()
	token := c.waits(key.LogIn(browser), "totp recovery_code")
	c.leadsNowhere(browser, token)
	browser.Post("/auth/passkeys/verify/begin/", obj{"ephemeral_token": token}).WantCode(403, "permission_denied")
	token = c.waits(key.LogIn(browser), "totp recovery_code")
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code()}).Want(200)
	if got, want := provenIn(c, browser), "passkey [mfa otp swk user] aal2 0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
}

// passkeysReauthenticate: the session is then recent, and has the factors that were proven.
func passkeysReauthenticate(c *Case) {
	c.startBoth(func(o *passkey.Options) { o.AllowUnverifiedUsers = true })
	c.Router.GET("/two", mfa.Require(c.Auth, 2), func(g *gin.Context) { g.Status(http.StatusNoContent) })
	two := func(browser *authtest.Client) *authtest.Response {
		own := c.browser()
		own.Cookies = browser.Clone().Cookies
		return own.Get("/two")
	}
	ann, key := c.withPasskey("ann")
	again := func(browser *authtest.Client) *authtest.Response {
		c.Helper()
		return browser.Post("/auth/passkeys/reauthenticate/complete/", obj{"credential": key.Sign(c.beginsPasskey(browser, "reauthenticate"))})
	}
	two(ann).WantCode(403, "factor_required") // a passkey proves two, so nothing has to be set up
	c.Clock.Advance(time.Hour)
	ann.Post("/auth/passkeys/register/begin/", nil).WantCode(403, "fresh_login_required")
	again(ann).Want(200)
	two(ann).Want(204)
	ann.Post("/auth/passkeys/register/begin/", nil).Want(200)
	if got, want := provenIn(c, ann), "register [mfa pwd swk user] aal2 1h0m0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
	key.Unverified = true
	alone := c.Client()
	key.LogIn(alone).Want(200)
	c.Clock.Advance(time.Hour)
	again(alone).Want(200)
	two(alone).WantCode(403, "factor_required") // the same passkey twice is one factor
	if got, want := provenIn(c, alone), "passkey [swk user] aal1 1h0m0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
	alone.Post("/auth/passkeys/register/begin/", nil).Want(200)
	after := c.LoggedIn("ann")
	again(after).Want(200)
	two(after).Want(204)
	key.Origin = "https://evil.example"
	again(after).WantProblems("non_field_errors passkey_failed")
	key.Origin = ""
	begun := c.beginsPasskey(after, "reauthenticate")
	again(ann).Want(200)
	c.Mails()
	for _, other := range []*authtest.Client{alone, c.verified("bob")} { // another session, another user
		other.Post("/auth/passkeys/reauthenticate/complete/", obj{"credential": key.Sign(begun)}).WantProblems("non_field_errors passkey_challenge")
	}
	c.LoggedIn("bob").Post("/auth/passkeys/reauthenticate/begin/", nil).WantProblems("non_field_errors passkey_unknown")
	two(c.LoggedIn("bob")).WantCode(403, "factor_setup_required")
}

// resetRemovesPasskeys: each counts as two factors, so an operator's reset removes them as well.
func resetRemovesPasskeys(c *Case) {
	c.startBoth()
	_, key := c.withPasskey("ann")
	c.setFactorOf("ann", "totp")
	if err := mfa.Reset(c.Context(), c.Auth, c.user("ann").ID); err != nil {
		c.Fatal(err)
	}
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
	if n := c.count(&passkey.Credential{}) + c.count(&models.Session{}); n != 0 {
		c.Errorf("%d rows are left", n)
	}
}

// resetKeepsTheLastWayIn: a user who has only passkeys, and no address for a mail, could not get in without them.
func resetKeepsTheLastWayIn(c *Case) {
	c.With(passkeys(func(o *passkey.Options) { o.SignUp = true }), mfa.Feature(mfa.Options{})).StartMail()
	reset := func(name string, key *authtest.Passkey) *authtest.Response {
		c.Helper()
		c.setFactorOf(name, "totp")
		if err := mfa.Reset(c.Context(), c.Auth, c.user(name).ID); err != nil || c.user(name).Factors != "" {
			c.Fatal(err)
		}
		return key.LogIn(c.Client())
	}
	key := c.NewPasskey(c.T)
	key.SignUp(c.Client(), obj{"username": "ann"}).Want(201)
	reset("ann", key).Want(200)
	key = c.NewPasskey(c.T)
	key.SignUp(c.Client(), obj{"username": "bob", "email": "bob@example.com"}).Want(201)
	c.verify(c.lastMail("verify").Key(c.T)).Want(200)
	reset("bob", key).WantProblems("non_field_errors passkey_unknown")
	c.askReset("bob@example.com")
	c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
	c.Client().Post("/auth/login/", obj{"username": "bob", "password": "Mirror-Maze-88"}).Want(200)
}

// setFactorOf gives a user a factor without its row.
func (c *Case) setFactorOf(name, factor string) {
	c.Helper()
	if err := c.setFactor(c.user(name).ID, factor, true); err != nil {
		c.Fatal(err)
	}
}

// recoveryCodesEndWithTheLastFactor of any feature, and a first factor keeps none that an earlier version left (T166).
func recoveryCodesEndWithTheLastFactor(c *Case) {
	c.With(mfa.Feature(mfa.Options{RequireFor: forStaff}), passkeys(func(o *passkey.Options) { o.SecondFactor = true })).StartMail()
	browser, _ := c.withPasskey("ann")
	c.Passkey(c.T, browser)
	var made mfa.Codes
	renew := func() { browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200).JSON(&made) }
	remove := func(left int64) {
		c.Helper()
		browser.Do("DELETE", fmt.Sprint("/auth/passkeys/", c.passkeysOf(browser)[0].ID, "/"), nil).Want(204)
		if n := c.count(&mfa.RecoveryCode{}); n != left {
			c.Errorf("%d recovery codes are left, want %d", n, left)
		}
	}
	verify := func(factors string) *authtest.Response {
		c.Helper()
		other := c.Client()
		token := c.waits(byPassword(other, "ann"), factors)
		return other.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": made.Codes[0]})
	}
	renew()
	remove(10)
	remove(0)
	c.Passkey(c.T, browser)
	verify("passkey recovery_code").WantProblems("code factor_not_valid")
	renew()
	c.set("ann", obj{"factors": ""}) // as an earlier version left the rows
	c.Passkey(c.T, browser)
	verify("passkey recovery_code").WantProblems("code factor_not_valid")
	renew()
	c.set("ann", obj{"factors": "", "is_staff": true})
	first := c.Client()
	first.Post("/auth/mfa/setup/confirm/", c.beginSetup(first, c.mustSetUp(byPassword(first, "ann")), true)).Want(200)
	verify("totp recovery_code passkey").WantProblems("code factor_not_valid")
	first.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200).JSON(&made)
	verify("totp recovery_code passkey").Want(200)
}
