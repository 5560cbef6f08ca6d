package main

// Steps that several browser tests have: accounts, logins and second factors.

import (
	"fmt"
	"strings"
)

// signUp creates an account, and ends at its list.
func (v *visitor) signUp(name string) {
	v.t.Helper()
	v.open("/signup", "Create your account")
	v.fill("username", name, "email", name+"@example.com", "password", "Looking-Glass-7")
	v.press("Create account")
	v.Sees("Hello " + name)
}

// logIn fills in the page for logins.
func (v *visitor) logIn(name string) {
	v.t.Helper()
	v.fill("username", name, "password", "Looking-Glass-7")
	v.press("Log in")
}

// enter logs a user in at the page for logins, and stops after the password.
func (v *visitor) enter(name string) {
	v.t.Helper()
	v.open("/login", "Welcome back.")
	v.logIn(name)
}

// logOut presses the button of the header.
func (v *visitor) logOut() {
	v.t.Helper()
	v.press("Log out")
	v.Sees("Never forget the milk.")
}

// setUpApp adds an authenticator app, and returns the recovery codes.
func (v *visitor) setUpApp() []string {
	v.t.Helper()
	v.press("Set up the app")
	v.Sees("Scan the code")
	v.secret = fmt.Sprint(v.Eval(`document.querySelector(".secret").innerText`))
	v.fill("code", v.totp(0))
	v.press("Turn on the app")
	v.Sees("Two-step login is on")
	return v.recoveryCodes()
}

// secure adds an authenticator app to the account of the user, and returns the recovery codes.
func (v *visitor) secure() []string {
	v.t.Helper()
	v.open("/account/factors", "Authenticator app")
	codes := v.setUpApp()
	v.keepCodes()
	return codes
}

// keepCodes leaves the page that shows new recovery codes.
func (v *visitor) keepCodes() {
	v.t.Helper()
	v.press("I have stored them")
	v.Sees("10 codes left")
}

// recoveryCodes returns those that the page shows.
func (v *visitor) recoveryCodes() []string {
	return strings.Fields(fmt.Sprint(v.Eval(`[...document.querySelectorAll(".code-list code")].map(e => e.innerText).join(" ")`)))
}

// confirm confirms the address of ann by the code of its mail.
func (v *visitor) confirm() {
	v.t.Helper()
	v.open("/account/emails", "Confirm ann@example.com")
	v.fill("code", v.code("Confirm your e-mail address"))
	v.press("Confirm the address")
	v.gone("Not confirmed")
}

// refused waits for a problem below a button.
func (v *visitor) refused() {
	v.t.Helper()
	v.Until("a problem", func() bool {
		return v.Eval(`[...document.querySelectorAll(".action .problem")].some(e => e.textContent)`) == true
	})
}

// gone waits until the page does not show a text any more.
func (v *visitor) gone(text string) {
	v.t.Helper()
	v.Until(text+" to go", func() bool { return v.Eval(fmt.Sprintf(`!document.body.innerText.includes(%q)`, text)) == true })
}

// atProvider presses a button that leads to the provider for development, and logs in there.
func (v *visitor) atProvider(button, name string) {
	v.t.Helper()
	v.press(button)
	v.Sees(name)
	v.Resize(v.width, 800, "light")
	v.Tap(`[...document.querySelectorAll("li a")].find(e => e.innerText.includes("` + name + `"))`)
}

// enterAtProvider logs in at the provider for development.
func (v *visitor) enterAtProvider(name string) {
	v.t.Helper()
	v.open("/login", "Welcome back.")
	v.atProvider("Continue with dev", name)
}

// operator creates a superuser, and logs in.
func (v *visitor) operator() {
	v.t.Helper()
	v.command("Looking-Glass-7\n", "createuser", "--username", "root", "--email", "root@example.com", "--staff", "--superuser", "--password-stdin")
	v.enter("root")
	v.Sees("Hello root")
}

// set chooses an option, or sets what is not typed.
func (v *visitor) set(name, value string) {
	v.t.Helper()
	v.wait(field(name))
	v.Eval(fmt.Sprintf(`%s.value = %q`, field(name), value))
}

// has checks what is in a field.
func (v *visitor) has(name, value string) {
	v.t.Helper()
	v.wait(field(name))
	if got := v.Eval(field(name) + ".value"); got != value {
		v.t.Errorf("%s has %v, not %s", name, got, value)
	}
}
