package dbtest

// Texts, fields, settings.

import (
	"net/url"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
)

// mfaTextsOfTheContract: texts and shapes of dj-rest-auth, as a client without problem+json sees them.
func mfaTextsOfTheContract(c *Case) {
	c.startMFA()
	browser := c.verified("ann")
	send, want := c.bodiesOf(browser)
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
