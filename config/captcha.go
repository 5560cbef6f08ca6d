package config

// Captcha: which routes ask for one.

import (
	"context"
	"slices"
)

// CaptchaHeader is the header of a request in which a client sends the solution of its captcha.
const CaptchaHeader = "Captcha-Answer"

// Captcha asks for captchas. Clients send the solution, the token of their widget, in the header `Captcha-Answer`. Without one
// the response is 400 with the code captcha_required for the field captcha, and with a wrong one the code is captcha_failed.
//
// The solution is checked once for a request, before any password is hashed. A wrong one counts in Limits.Network. If the
// verifier fails, the request continues, because the limits still hold, and the library logs an error, at most one a minute.
//
// Paths are those of the documentation without the trailing slash, such as "password/reset".
type Captcha struct {
	// Verifier checks solutions, such as [Turnstile]. Default: none, no route asks for a captcha.
	Verifier CaptchaVerifier

	// SiteKey is the public key of your widget. It is only shown to front ends, by GET config/. Default: none.
	SiteKey string

	// Always lists the routes that need a solution in each request. Default, with a Verifier: "registration".
	Always []string

	// AfterHalf lists routes that need a solution once half of a limit is used up: by failed logins with one
	// name or from one network, or by the sign-ups or mails of one network; see [Limits]. Only routes with
	// these limits can be here. With Limits.AllowUnlimited they never ask. Default, with a Verifier: "login".
	AfterHalf []string
}

// CaptchaVerifier checks the solution of a captcha. ip is the address of the client, or empty if it is unknown. An error means
// that it could not decide; the request then continues. Several requests can call Verify at the same time.
type CaptchaVerifier interface {
	Verify(ctx context.Context, answer, ip string) (bool, error)
}

// CaptchaVerifierFunc is a function that implements [CaptchaVerifier].
type CaptchaVerifierFunc func(ctx context.Context, answer, ip string) (bool, error)

// Verify calls f.
func (f CaptchaVerifierFunc) Verify(ctx context.Context, answer, ip string) (bool, error) {
	return f(ctx, answer, ip)
}

func (c Captcha) withDefaults() Captcha {
	c.Always, c.AfterHalf = slices.Clone(c.Always), slices.Clone(c.AfterHalf)
	if c.Verifier == nil {
		return c
	}
	if c.Always == nil {
		c.Always = []string{"registration"}
	}
	if c.AfterHalf == nil {
		c.AfterHalf = []string{"login"}
	}
	return c
}

func (c Config) checkCaptcha(bad report) {
	switch v := c.Captcha.Verifier.(type) {
	case nil:
		bad.check([]rule{
			{len(c.Captcha.Always) > 0, "Captcha.Always", "needs Captcha.Verifier"},
			{len(c.Captcha.AfterHalf) > 0, "Captcha.AfterHalf", "needs Captcha.Verifier"},
		})
	case CaptchaVerifierFunc:
		if v == nil {
			bad("Captcha.Verifier", "is nil")
		}
	case *SiteVerify:
		v.check(bad.of("Captcha.Verifier"))
	}
}
