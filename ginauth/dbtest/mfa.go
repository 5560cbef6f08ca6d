package dbtest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
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

func recoveryCodesAreShownOnce(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	list := func(send func(string) *authtest.Response) mfa.Codes {
		c.Helper()
		var out mfa.Codes
		r := send("/auth/mfa/recovery-codes/").Want(200)
		r.JSON(&out)
		if out.Codes == nil || len(out.Codes) > 0 {
			c.Errorf("codes are shown: %s", r.Text)
		}
		return out
	}
	post := func(path string) *authtest.Response { return browser.Post(path, nil) }
	if n := list(browser.Get).Remaining; n != 0 {
		c.Errorf("%d remain", n)
	}
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).WantCode(400, "mfa_disabled")
	phone := c.TOTP(c.T, browser)
	if got, posted := list(browser.Get).Remaining, list(post).Remaining; got != 10 || posted != 10 {
		c.Errorf("%d and %d remain", got, posted)
	}
	var out mfa.Codes
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200).JSON(&out)
	if len(out.Codes) != 10 || out.Remaining != 10 || out.Codes[0] == phone.RecoveryCodes[0] {
		c.Errorf("regenerated: %+v", out)
	}
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[0]).WantProblems("code factor_not_valid")
	c.sendCode(c.Client(), "ann", out.Codes[0]).Want(200)
	if n := list(browser.Get).Remaining; n != 9 {
		c.Errorf("%d remain", n)
	}
}

// recoveryCodesReplaceTheApp once each, in any letter case, with or without dashes.
func recoveryCodesReplaceTheApp(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	_, other := c.withTOTP("bob")
	codes := phone.RecoveryCodes
	c.sendCode(c.Client(), "ann", other.RecoveryCodes[0]).WantProblems("code factor_not_valid")
	for i, spell := range []func(string) string{
		func(s string) string { return s }, strings.ToUpper, func(s string) string { return " " + s + " " },
		func(s string) string { return strings.ReplaceAll(s, "-", "") }, func(s string) string { return strings.ReplaceAll(s, "-", " ") },
	} {
		c.sendCode(c.Client(), "ann", spell(codes[i])).Want(200)
		c.sendCode(c.Client(), "ann", codes[i]).WantProblems("code factor_not_valid")
	}
	if kinds := fmt.Sprint(kindsOf(c.Mails())); !strings.Contains(kinds, "recovery_code_used") {
		c.Errorf("mails %s", kinds)
	}
}

func kindsOf(mails []authtest.Mail) (kinds []string) {
	for _, m := range mails {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

// mfaTextsOfTheContract: texts and shapes of dj-rest-auth, as a client without problem+json sees them.
func mfaTextsOfTheContract(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	send := func(method, path string, body any) string {
		return strings.TrimSpace(browser.Do(method, path, body, "Accept", "application/json").Text)
	}
	want := func(got, want string) {
		c.Helper()
		if got != want {
			c.Errorf("got %s, want %s", got, want)
		}
	}
	offer := c.offerOf(browser)
	want(send("POST", "/auth/mfa/totp/deactivate/", obj{"code": "123456"}), `{"detail":"MFA is not enabled.","code":"mfa_disabled"}`)
	want(send("POST", "/auth/mfa/recovery-codes/regenerate/", nil), `{"detail":"MFA is not enabled.","code":"mfa_disabled"}`)
	want(send("POST", "/auth/mfa/totp/activate/", obj{"activation_token": "x", "code": "1"}), `{"activation_token":["Invalid or expired activation token."]}`)
	want(send("POST", "/auth/mfa/totp/activate/", obj{"activation_token": offer.ActivationToken, "code": 123456}),
		`{"code":["Invalid code. Please check your authenticator app and try again."]}`)
	phone := c.TOTP(c.T, browser)
	want(send("POST", "/auth/mfa/totp/activate/", obj{"activation_token": "x", "code": "1"}),
		`{"detail":"MFA is already enabled. Deactivate it before activating again.","code":"mfa_enabled"}`)
	want(send("POST", "/auth/mfa/totp/deactivate/", obj{"code": "1"}), `{"code":["Invalid code."]}`)
	want(send("POST", "/auth/mfa/verify/", obj{"ephemeral_token": "x", "code": "1"}), `{"ephemeral_token":["Invalid or expired token."]}`)
	want(send("POST", "/auth/mfa/verify/", obj{}), `{"code":["This field is required."],"ephemeral_token":["This field is required."]}`)
	token := c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann")))
	want(send("POST", "/auth/mfa/verify/", obj{"ephemeral_token": token, "code": "1"}), `{"code":["Invalid code."]}`)
	c.Mails()
	bob := c.verified("bob")
	r := bob.Do("POST", "/auth/mfa/totp/activate/", obj{"activation_token": c.offerOf(c.verified("eve")).ActivationToken, "code": "1"}, "Accept", "application/json")
	want(strings.TrimSpace(r.Text), `{"activation_token":["Invalid activation token for this user."]}`)
	want(send("POST", "/auth/mfa/totp/deactivate/", obj{"code": phone.Code()}), `{"detail":"TOTP has been deactivated."}`)
}

func mfaTextsAreTranslated(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	seen := map[string]bool{}
	for _, lang := range []string{"en", "de", "fr", "es", "pt", "zh", "ja"} {
		for path, body := range map[string]any{
			"/auth/mfa/totp/deactivate/": obj{"code": "1"}, "/auth/mfa/verify/": obj{"ephemeral_token": "x", "code": "1"},
			"/auth/mfa/totp/activate/": obj{"activation_token": "x", "code": "1"},
		} {
			text := browser.Do("POST", path, body, "Accept-Language", lang, "Accept", "application/json").Want(400).Text
			if seen[text] {
				c.Errorf("%s: the same text as in another language: %s", lang, text)
			}
			seen[text] = true
		}
	}
}

func mfaFieldsAreLimited(c *Case) {
	c.startMFA()
	long := strings.Repeat("1", 33)
	c.Client().Post("/auth/mfa/verify/", obj{"ephemeral_token": "x", "code": long}).WantProblems("code max_length")
	c.Client().Post("/auth/mfa/verify/", obj{"ephemeral_token": strings.Repeat("x", 513), "code": "1"}).WantProblems("ephemeral_token max_length")
	c.Client().Post("/auth/mfa/verify/", obj{"ephemeral_token": nil, "code": nil}).WantProblems("ephemeral_token null", "code null")
	_, phone := c.withTOTP("ann")
	browser := c.Client()
	token := c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann")))
	browser.Post("/auth/mfa/verify", url.Values{"ephemeral_token": {token}, "code": {phone.Code()}}).Want(200)
}

func mfaMethods(c *Case) {
	c.startMFA()
	for path, allow := range map[string]string{
		"mfa/verify": "POST, OPTIONS", "mfa/totp/activate": "GET, HEAD, POST, OPTIONS", "mfa/totp/deactivate": "POST, OPTIONS",
		"mfa/status": "GET, HEAD, OPTIONS", "mfa/recovery-codes": "GET, HEAD, POST, OPTIONS", "mfa/recovery-codes/regenerate": "POST, OPTIONS",
	} {
		if got := c.Client().Delete("/auth/" + path + "/").Want(405).Header.Get("Allow"); got != allow {
			c.Errorf("%s: Allow is %q, want %q", path, got, allow)
		}
	}
}

// mfaSettingsAreChecked by New and Check.
func mfaSettingsAreChecked(c *Case) {
	c.With(mfa.Feature(mfa.Options{AllowOtherSessions: true, Period: time.Minute, Digits: 8})).StartMail(production)
	findings := c.found(c.Auth)
	c.says(findings, "AllowOtherSessions", "mfa.Options")
	c.says(findings, "some authenticator apps always use 30 seconds")
	browser := c.verified("ann")
	offer := c.offerOf(browser)
	if !strings.HasSuffix(offer.TOTPURL, "&digits=8&period=60") {
		c.Errorf("URL %s", offer.TOTPURL)
	}
	_, err := ginauth.New(c.DB, c.Auth.Config(), mfa.Feature(mfa.Options{Issuer: "My: App", Digits: 7, Period: time.Second, RecoveryCodes: 4}))
	for _, name := range []string{"Issuer", "Digits", "Period", "RecoveryCodes"} {
		if err == nil || !strings.Contains(err.Error(), "mfa.Options."+name) {
			c.Errorf("%s is not refused: %v", name, err)
		}
	}
}

// importedRecoveryCodesWork: codes of dj-rest-auth have 32 bits, "xxxx-xxxx".
func importedRecoveryCodesWork(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	c.verified("bob")
	app := mfa.Imported{Secret: strings.ToLower(phone.Secret), RecoveryCodes: []string{"4719-e01f", "0260-2B3F"}}
	if err := mfa.Import(c.Context(), c.Auth, c.user("bob").ID, app); err != nil {
		c.Fatal(err)
	}
	c.sendCode(c.Client(), "bob", "4719-e01f").Want(200)
	c.sendCode(c.Client(), "bob", "4719-e01f").WantProblems("code factor_not_valid")
	c.sendCode(c.Client(), "bob", "02602b3f").Want(200)
	c.sendCode(c.Client(), "bob", phone.Code()).Want(200)
	for id, want := range map[int64]error{c.user("ann").ID: core.ErrExists, 999: core.ErrNoRow} {
		if err := mfa.Import(c.Context(), c.Auth, id, app); !errors.Is(err, want) {
			c.Errorf("user %d: %v, want %v", id, err, want)
		}
	}
	for _, bad := range []mfa.Imported{{Secret: "abc"}, {Secret: "1" + phone.Secret}, {Secret: phone.Secret, Digits: 8}, {Secret: phone.Secret, RecoveryCodes: []string{"x"}}} {
		if err := mfa.Import(c.Context(), c.Auth, c.user("bob").ID, bad); err == nil || strings.Contains(err.Error(), phone.Secret) {
			c.Errorf("%+v: %v", bad, err)
		}
	}
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
