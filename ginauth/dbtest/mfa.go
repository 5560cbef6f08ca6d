package dbtest

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/models"
)

// Package mfa: the contract of its routes.
var mfaCases = Group{Name: "mfa", Cases: []func(*Case){
	loginAsksForACode, activationOffersASecret, activationTurnsTheAppOn, activationTokensAreBound, codesTurnTheAppOff, statusOfFactors,
	recoveryCodesAreShownOnce, recoveryCodesReplaceTheApp, importedRecoveryCodesWork, mfaTextsOfTheContract, mfaTextsAreTranslated, mfaFieldsAreLimited,
	mfaMethods, factorsNeedARecentLogin, factorsEndOtherSessions, noticesOfFactors, mfaSettingsAreChecked,
	noDoorSkipsTheFactor, codesWorkOnce, codesOfTheClock, codesAreSpelledOneWay, raceForOneCode, raceForOneRecoveryCode, raceForTheLastFactor, raceToActivate, wrongCodesAreLimited,
	wrongCodesInASessionCount, missingMFAClosesTheAccount, takeoversRemoveTheApp, secretsFollowOldSecrets, mfaSecretsAreNotStored, deletedUsersLeaveNoFactors,
	sessionsStateTheirFactors, sessionsLoseTheLastFactor, accessTokensStateTheirFactors, requireTwoFactors, codesReauthenticate, oneFactorIsNotEnough, newPasswordsNeedTheFactor, resetRemovesFactors, twoFactorsByLogIn,
	loginsWithoutFactorsCostNothing,
	requiredFactorsAreSetUpAtLogin, requiredFactorsCloseSessions, requiredFactorsAtEveryDoor, graceEndsForEachUser, signUpsSetUpAtOnce, signUpsByProvidersSetUpAtOnce,
	usersWithoutAddressCannotSetUp, takeoversOfRequiredUsersSetUp, requiredSettingsAreChecked,
	djangoFactorsAreImported, djangoFactorsThatCannotBeImported, djangoDigitsOfTheProject,
	emailCodesAreAFactor, mailTwiceIsOneFactor, emailCodesNeedAnotherProof, emailCodesNextToAnApp, emailCodesAreLimited, emailCodesNeedAConfirmedAddress, emailCodesAreOptIn, raceForOneMailedCode, raceToSetUp,
	trustedBrowsersNeedNoCode, trustExcusesPasswordsOnly, trustEnds, trustIsListed, trustIsAskedForWithAFactor, trustSettingsAreChecked,
	trustExcusesNoRequiredUsers, recoveryIsNotForStaff, codesOfRecoveriesAreLimited, trustedBrowsersRecoverAfterTheTrust,
	mailboxRemovesNoFactor, thievesLoseTheirFactors, thievesLoseOnlyTheirFactors, unconfirmedNoticesRemoveAllFactors, noticesReclaimAccounts,
	lostFactorsAreRemoved, recoveriesAreCancelled, recoveryNeedsPasswordAndMail, raceToRecover, recoveryIsOptIn,
}}

func loginAsksForACode(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	browser := c.Client()
	browser.Post("/auth/login/", binding.Login{Username: "ann", Password: "wrong password"}).WantProblems("non_field_errors invalid_credentials")
	token := c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann")))
	browser.Get("/auth/user/").Want(401)
	verify := func(token, code string) *authtest.Response {
		return browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code})
	}
	verify("x", phone.Code()).WantProblems("ephemeral_token ticket_not_valid")
	verify(token, "000000").WantProblems("code factor_not_valid")
	verify(token, "no code").WantProblems("code factor_not_valid")
	code := phone.Code()
	var out binding.LoginResponse
	verify(token, code).Want(200).JSON(&out)
	if out.User == nil || out.User.Username != "ann" {
		c.Errorf("the login returns %+v", out)
	}
	browser.Get("/auth/user/").Want(200)
	verify(token, phone.Code()).WantProblems("ephemeral_token ticket_not_valid")
	token = c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann")))
	c.Clock.Advance(5*time.Minute + time.Second)
	verify(token, phone.Code()).WantProblems("ephemeral_token ticket_not_valid")
	c.LoggedIn(c.signUpOther("bob")).Get("/auth/user/").Want(200)
}

// signUpOther signs up a user and returns the name.
func (c *Case) signUpOther(name string) string {
	c.Helper()
	c.SignedUp(name)
	return name
}

// offerOf returns what GET mfa/totp/activate/ returns.
func (c *Case) offerOf(browser *authtest.Client) (out mfa.Offer) {
	c.Helper()
	browser.Get("/auth/mfa/totp/activate/").Want(200).JSON(&out)
	return out
}

func activationOffersASecret(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	out, again := c.offerOf(browser), c.offerOf(browser)
	if !regexp.MustCompile("^[A-Z2-7]{32}$").MatchString(out.Secret) || out.Secret == again.Secret {
		c.Errorf("secrets %q and %q", out.Secret, again.Secret)
	}
	if want := "otpauth://totp/My%20App:ann%40example.com?secret=" + out.Secret + "&issuer=My%20App"; out.TOTPURL != want {
		c.Errorf("URL %s, want %s", out.TOTPURL, want)
	}
	image, ok := strings.CutPrefix(out.QRCode, "data:image/svg+xml;base64,")
	svg, err := base64.StdEncoding.DecodeString(image)
	if !ok || err != nil || !strings.HasPrefix(string(svg), "<svg ") {
		c.Errorf("QR code %.60s", out.QRCode)
	}
	if strings.Contains(out.ActivationToken, out.Secret) || c.count(&mfa.TOTP{}) != 0 {
		c.Error("the secret is readable or stored")
	}
	c.TOTP(c.T, browser)
	browser.Get("/auth/mfa/totp/activate/").WantCode(400, "mfa_enabled")
	c.Client().Get("/auth/mfa/totp/activate/").Want(401)
}

func activationTurnsTheAppOn(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	offer := c.offerOf(browser)
	phone := c.TOTPWith(c.T, offer.Secret)
	now := c.Clock.Now()
	activate := func(token, code string) *authtest.Response {
		return browser.Post("/auth/mfa/totp/activate/", obj{"activation_token": token, "code": code})
	}
	activate(offer.ActivationToken, "000000").WantProblems("code factor_not_valid")
	activate("x", phone.At(now)).WantProblems("activation_token activation_token_not_valid")
	browser.Post("/auth/mfa/totp/activate/", obj{}).WantProblems("activation_token required", "code required")
	browser.Post("/auth/mfa/totp/activate/", obj{"activation_token": "x", "code": ""}).WantProblems("code blank")
	var out mfa.Activated
	activate(offer.ActivationToken, phone.At(now)).Want(200).JSON(&out)
	if len(out.RecoveryCodes) != 10 || !regexp.MustCompile("^[0-9a-f]{4}(-[0-9a-f]{4}){3}$").MatchString(out.RecoveryCodes[0]) {
		c.Errorf("recovery codes %q", out.RecoveryCodes)
	}
	if user := c.user("ann"); user.Factors != "totp" {
		c.Errorf("factors %q", user.Factors)
	}
	activate(offer.ActivationToken, phone.At(now.Add(30*time.Second))).WantCode(400, "mfa_enabled")
	browser.Get("/auth/user/").Want(200)
	c.sendCode(c.Client(), "ann", phone.At(now)).WantProblems("code factor_not_valid") // used up by the activation
	c.sendCode(c.Client(), "ann", phone.At(now.Add(30*time.Second))).Want(200)
}

// activationTokensAreBound to their user and the state of the account, for 5 minutes.
func activationTokensAreBound(c *Case) {
	c.startMFA()
	ann, bob := c.verified("ann"), c.verified("bob")
	offer := c.offerOf(ann)
	phone := c.TOTPWith(c.T, offer.Secret)
	activate := func(browser *authtest.Client) *authtest.Response {
		return browser.Post("/auth/mfa/totp/activate/", obj{"activation_token": offer.ActivationToken, "code": phone.At(c.Clock.Now())})
	}
	activate(bob).WantProblems("activation_token activation_token_foreign")
	ann.Post("/auth/password/change/", obj{"old_password": authtest.Password, "new_password1": "another good one", "new_password2": "another good one"}).Want(200)
	activate(ann).WantProblems("activation_token activation_token_not_valid")
	offer = c.offerOf(ann)
	phone.Secret = offer.Secret
	c.Clock.Advance(5*time.Minute + time.Second)
	ann.Post("/auth/reauthenticate/", obj{"password": "another good one"}).Want(200)
	activate(ann).WantProblems("activation_token activation_token_not_valid")
	offer = c.offerOf(ann)
	phone.Secret = offer.Secret
	other := c.offerOf(ann)
	activate(ann).Want(200)
	c.Clock.Advance(30 * time.Second)
	ann.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.At(c.Clock.Now())}).Want(200)
	activate(ann).WantProblems("activation_token activation_token_not_valid") // each works once
	offer, phone.Secret = other, other.Secret
	activate(ann).Want(200)
}

func codesTurnTheAppOff(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	off := func(code string) *authtest.Response {
		return browser.Post("/auth/mfa/totp/deactivate/", obj{"code": code})
	}
	off("123456").WantCode(400, "mfa_disabled")
	phone := c.TOTP(c.T, browser)
	browser.Post("/auth/mfa/totp/deactivate/", obj{}).WantProblems("code required")
	off("000000").WantProblems("code factor_not_valid")
	code := phone.Code()
	off(code).Want(200)
	if c.count(&mfa.TOTP{})+c.count(&mfa.RecoveryCode{}) != 0 || c.user("ann").Factors != "" {
		c.Error("something is left")
	}
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
	phone = c.TOTP(c.T, browser)
	off(phone.RecoveryCodes[3]).Want(200) // the user lost the app
}

func statusOfFactors(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	read := func() string {
		c.Helper()
		return strings.TrimSpace(browser.Get("/auth/mfa/status/").Want(200).Text)
	}
	if got, want := read(), `{"mfa_enabled":false,"created_at":null,"last_used_at":null,"factors":[],"recovery_codes_remaining":0,"required":false,"required_from":null,"recovery":null}`; got != want {
		c.Errorf("off: %s", got)
	}
	phone := c.TOTP(c.T, browser)
	made := c.Clock.Now().Format(time.RFC3339)
	if got, want := read(), fmt.Sprintf(`{"mfa_enabled":true,"created_at":%q,"last_used_at":null,"factors":["totp"],"recovery_codes_remaining":10,"required":false,"required_from":null,"recovery":null}`, made); got != want {
		c.Errorf("on: %s, want %s", got, want)
	}
	c.sendCode(c.Client(), "ann", phone.Code()).Want(200)
	used := c.Clock.Now().Format(time.RFC3339)
	c.Clock.Advance(time.Minute)
	if got := read(); !strings.Contains(got, `"last_used_at":"`+used) {
		c.Errorf("used at %s: %s", used, got)
	}
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[0]).Want(200)
	used = c.Clock.Now().Format(time.RFC3339)
	if got := read(); !strings.Contains(got, `"last_used_at":"`+used) || !strings.Contains(got, `"recovery_codes_remaining":9`) {
		c.Errorf("used at %s: %s", used, got)
	}
	c.Client().Get("/auth/mfa/status/").Want(401)
}

func kindsOf(mails []authtest.Mail) (kinds []string) {
	for _, m := range mails {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

// noticesOfFactors: each change is mailed, and the link "this was not me" removes the factor.
func noticesOfFactors(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	phone := c.TOTP(c.T, browser)
	on := c.Mail("totp_on")
	if !strings.Contains(on.Text, "authenticator app") {
		c.Error(on.Text)
	}
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200)
	c.Mail("recovery_codes_new")
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.Code()}).Want(200)
	c.Mail("totp_off")
	c.TOTP(c.T, browser)
	on = c.Mail("totp_on")
	c.Client().Post("/auth/security/revoke/", obj{"key": on.Key(c.T)}).Want(200)
	if c.user("ann").Factors != "" || c.count(&mfa.TOTP{})+c.count(&mfa.RecoveryCode{}) != 0 {
		c.Error("the factor is left")
	}
}

func factorsNeedARecentLogin(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	c.Clock.Advance(time.Hour)
	offer := c.offerOf(browser)
	in := obj{"activation_token": offer.ActivationToken, "code": c.TOTPWith(c.T, offer.Secret).At(c.Clock.Now())}
	browser.Post("/auth/mfa/totp/activate/", in).WantCode(403, "fresh_login_required")
	in["password"] = "wrong"
	browser.Post("/auth/mfa/totp/activate/", in).WantProblems("password password_incorrect")
	in["password"] = authtest.Password
	browser.Post("/auth/mfa/totp/activate/", in).Want(200)
	c.Clock.Advance(time.Hour)
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).WantCode(403, "fresh_login_required")
	code := c.TOTPWith(c.T, offer.Secret).At(c.Clock.Now())
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": code}).WantCode(403, "fresh_login_required")
	browser.Post("/auth/mfa/recovery-codes/regenerate/", obj{"password": authtest.Password}).Want(200)
	browser.Post("/auth/mfa/totp/deactivate/", obj{"code": code, "password": authtest.Password}).Want(200)
}

// factorsEndOtherSessions, unless AllowOtherSessions is set. Personal tokens stay, as at DELETE sessions/.
func factorsEndOtherSessions(c *Case) {
	for _, keep := range []bool{false, true} {
		c.With(mfa.Feature(mfa.Options{AllowOtherSessions: keep})).StartMail(func(cfg *config.Config) {
			cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken}
		})
		browser := c.verified("ann")
		other := c.LoggedIn("ann")
		var token binding.NewToken
		browser.Post("/auth/tokens/", obj{"name": "ci"}).Want(201).JSON(&token)
		old := browser.Clone()
		c.TOTP(c.T, browser)
		want := map[bool]int{false: 401, true: 200}[keep]
		other.Get("/auth/user/").Want(want)
		browser.Get("/auth/user/").Want(200)
		old.Get("/auth/user/").Want(401) // a new key
		c.byToken(token.Key).Get("/auth/user/").Want(200)
		if keep {
			other.Post("/auth/user/delete/", obj{"password": authtest.Password}).WantCode(403, "factor_required")
		}
		if n := c.count(&models.Session{}); n != map[bool]int64{false: 2, true: 3}[keep] {
			c.Errorf("%d sessions", n)
		}
	}
}
