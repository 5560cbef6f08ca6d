package main

import (
	"fmt"
	"testing"
)

// arrived waits for the nth mail with a subject, and returns its code.
func (v *visitor) arrived(subject string, n int) string {
	v.t.Helper()
	v.newTab(func() { v.Eval(fmt.Sprintf(`void open(%q, "_blank", "noopener")`, v.inbox)) })
	v.Until(fmt.Sprint(n, " mails: ", subject), func() bool {
		v.Visit(v.inbox)
		v.Sees("Development inbox")
		return v.Eval(fmt.Sprintf(`[...document.querySelectorAll("nav li a")].filter(e => e.innerText.includes(%q)).length`, subject)) == float64(n)
	})
	v.CloseTab()
	return v.code(subject)
}

// TestFrontEndMailedFactor: codes in mails as the second factor, from the setup to the end.
func TestFrontEndMailedFactor(t *testing.T) {
	const subject = "Your code to continue logging in"
	onBothSizes(t, func(v *visitor) {
		v.signUp("ann")
		v.confirm()
		v.open("/account/factors", "Codes in mails")
		v.press("Turn on mailed codes")
		v.Sees("Code from the mail")
		v.look("mailcode")
		v.fill("code", "AAAA-AAAA")
		v.press("Continue")
		v.wrong("code", "")
		v.fill("code", v.arrived("Your code to turn on e-mail codes", 1))
		v.press("Continue")
		v.Sees("Two-step login is on")
		v.keepCodes()
		v.logOut()

		v.enter("ann")
		v.Sees("Second step")
		v.look("second-step-mail")
		v.press("Send me a code by mail")
		v.Sees("We have sent you a code by e-mail.")
		v.Sees("Open the development inbox")
		v.fill("code", v.arrived(subject, 1))
		v.toggle(field("trust"))
		v.press("Log in")
		v.Sees("Hello ann")

		v.open("/account/factors", "This device")
		v.press("Stop trusting this browser")
		v.Sees("No trusted browsers")
		v.press("Turn off mailed codes")
		v.fill("code", v.arrived(subject, 2))
		v.press("Turn off mailed codes")
		v.gone("10 codes left")
	})
}

// TestFrontEndMandatory: users who must confirm their address before they can log in.
func TestFrontEndMandatory(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.open("/signup", "Create your account")
		v.fill("username", "ann", "email", "ann@example.com", "password", "Looking-Glass-7")
		v.press("Create account")
		v.Sees("Code from the mail")
		v.look("signup-code")
		v.enter("ann")
		v.Sees("Confirm your address")
		v.look("unverified")
		v.fill("email", "ann@example.com")
		v.press("Send the mail again")
		v.Sees("Code from the mail")
		v.fill("code", "AAAA-AAAA")
		v.press("Confirm the address")
		v.wrong("code", "not valid")
		v.fill("code", v.arrived("Confirm your e-mail address", 2))
		v.press("Confirm the address")
		v.Sees("Welcome back.")
		v.logIn("ann")
		v.Sees("Hello ann")
	}, "EMAIL_VERIFICATION=mandatory")
}
