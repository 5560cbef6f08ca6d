package authtest

import (
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// TOTP is an authenticator app of a user, for an App with the feature of package mfa. It is not safe for concurrent use.
type TOTP struct {
	Secret        string   // base32
	RecoveryCodes []string // that the user got

	t    testing.TB
	app  *App
	last int64 // the latest time step of a code
}

// period is the default of mfa.Options.Period.
const period = 30

// TOTP sets up an authenticator app for the logged-in user of browser, in one line:
//
//	phone := app.TOTP(t, browser)
//	...
//	browser.Post("/auth/mfa/verify/", map[string]any{"ephemeral_token": token, "code": phone.Code()}).Want(200)
//
// The feature must have the default digits and period. The login must be recent.
func (a *App) TOTP(t testing.TB, browser *Client) *TOTP {
	t.Helper()
	path := core.Of(a.Auth).Base() + "/mfa/totp/activate/"
	var offer struct {
		Secret string `json:"secret"`
		Token  string `json:"activation_token"`
	}
	browser.Get(path).Want(200).JSON(&offer)
	phone := a.TOTPWith(t, offer.Secret)
	var out struct {
		Codes []string `json:"recovery_codes"`
	}
	browser.Post(path, map[string]string{"activation_token": offer.Token, "code": phone.Code()}).Want(200).JSON(&out)
	phone.RecoveryCodes = out.Codes
	return phone
}

// TOTPWith returns an authenticator app with a secret in base32. It sends nothing.
func (a *App) TOTPWith(t testing.TB, secret string) *TOTP { return &TOTP{Secret: secret, t: t, app: a} }

// Code returns a code that was not returned before. A code works once, and the app shows each for 30 seconds, so the second
// call in that time moves App.Clock to the next one. After [Wrap] there is no Clock: it does not wait, and returns
// the present code, or the next one, which is valid already.
func (o *TOTP) Code() string {
	o.t.Helper()
	step := o.app.Auth.Config().Now().Unix() / period
	if step <= o.last {
		step = o.last + 1
		if o.app.Clock != nil {
			o.app.Clock.Advance(time.Unix(step*period, 0).Sub(o.app.Clock.Now()))
		}
	}
	o.last = step
	return o.At(time.Unix(step*period, 0))
}

// At returns the code at a time, whether or not it was returned before.
func (o *TOTP) At(at time.Time) string {
	o.t.Helper()
	code, err := hotp.GenerateCode(o.Secret, uint64(at.Unix()/period)) //nolint:gosec // after 1970
	if err != nil {
		o.t.Fatal(err)
	}
	return code
}
