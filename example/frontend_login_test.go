package main

import (
	"fmt"
	"testing"
)

// TestFrontEndSecondFactor: set up an app, log in with it and with recovery codes, trust a browser, and confirm a sensitive action.
func TestFrontEndSecondFactor(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.signUp("ann")
		v.open("/account/factors", "Authenticator app")
		v.look("factors-off")
		v.press("Set up the app")
		v.Sees("Scan the code")
		v.look("totp")
		v.fill("code", "000000")
		v.press("Turn on the app")
		v.wrong("code", "")
		v.press("Cancel")
		codes := v.setUpApp()
		v.look("recovery")
		v.keepCodes()
		v.look("factors")

		v.logOut()
		v.open("/login", "Welcome back.")
		v.look("login")
		v.fill("username", "ann", "password", "Wrong-Password-1")
		v.press("Log in")
		v.Sees("We could not log you in")
		v.logIn("ann")
		v.Sees("Second step")
		v.look("second-step")
		v.fill("code", "000000")
		v.press("Log in")
		v.wrong("code", "")
		v.fill("code", codes[0])
		v.toggle(field("trust"))
		v.press("Log in")
		v.Sees("Hello ann")

		v.logOut()
		v.enter("ann")
		v.Sees("Hello ann") // without a code: the browser is trusted

		v.open("/account/factors", "This device")
		v.press("Create new codes")
		v.Sees("Confirm that it is you")
		v.look("confirm")
		v.Key("Escape")
		v.Until("the dialog to close", func() bool { return v.Eval(`document.querySelector("dialog")`) == nil })
		v.press("Create new codes")
		v.fill("code", codes[1])
		v.press("Continue")
		v.Sees("I have stored them")
		codes = v.recoveryCodes()
		v.press("I have stored them")
		v.press("Turn off the app")
		v.fill("code", codes[0])
		v.press("Turn off the app")
		v.Sees("Set up the app")
	})
}

// TestFrontEndOtherLogins: a passkey, a code and a link by mail, a new password by link and by code, and "this was not me".
func TestFrontEndOtherLogins(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.open("/signup", "Create your account")
		v.Authenticator()
		v.fill("username", "ann", "email", "ann@example")
		v.press("Sign up with a passkey")
		v.Sees("You need no password")
		v.has("username", "ann")
		v.fill("email", "ann@example.com")
		v.press("Use a password instead")
		v.Sees("It takes a minute.")
		v.has("email", "ann@example.com")
		v.press("Sign up with a passkey")
		v.Sees("You need no password")
		v.has("email", "ann@example.com")
		v.press("Continue")
		v.Sees("Hello ann")
		v.press("Log out")
		v.press("Log in")
		v.press("Use a passkey")
		v.Sees("Hello ann")
		v.passkeys()

		v.logOut()
		v.open("/login", "Welcome back.")
		v.press("Log in with a code by mail")
		v.fill("email", "ann@example.com")
		v.press("Send me a mail")
		v.Sees("Code from the mail")
		v.look("code")
		v.follow("Your login code", "/account/login/")
		v.press("Log in")
		v.Sees("Hello ann")
		v.open("/account/password", "You have no password yet.")
		v.look("password-first")
		v.logOut()
		v.forgotten()

		v.follow("Your password was changed", "/account/not-me/")
		v.Sees("Secure your account")
		v.look("notme")
		v.press("It was not me")
		v.Sees("Your account is secured")
	})
}

// passkeys renames a passkey, and tries to remove the last way to log in.
func (v *visitor) passkeys() {
	v.t.Helper()
	v.open("/account/passkeys", "Rename")
	v.look("passkeys")
	v.press("Rename the passkey")
	v.fill("name", "My laptop")
	v.press("Save")
	v.Sees("My laptop")
	v.press("Remove the passkey: My laptop")
	v.Sees("Remove this passkey?")
	v.press("Remove the passkey")
	v.refused()
}

// forgotten sets a new password with the link of a mail, and then with its code.
func (v *visitor) forgotten() {
	v.t.Helper()
	v.open("/login", "Welcome back.")
	v.fill("username", "ann@example.com")
	v.press("Forgot your password?")
	v.Sees("Set a new password")
	v.look("forgot")
	v.has("email", "ann@example.com")
	v.press("Send me a mail")
	v.Sees("Code from the mail")
	v.follow("Choose a new password", "/account/reset/")
	v.Sees("Choose a new password")
	v.look("reset")
	v.fill("password", "short")
	v.press("Set the password")
	v.wrong("password", "at least 8")
	v.fill("password", "Looking-Glass-7")
	v.press("Set the password")
	v.Sees("Welcome back.")
	v.open("/forgot", "Set a new password")
	v.fill("email", "ann@example.com")
	v.press("Send me a mail")
	v.fill("code", "AAAA-AAAA", "password", "Mirror-Maze-88")
	v.press("Set the password")
	v.wrong("code", "not valid")
	v.fill("code", v.code("Choose a new password"))
	v.press("Set the password")
	v.Sees("Welcome back.")
}

// TestFrontEndProvider: log in with an account at a provider, set a password, and disconnect it.
func TestFrontEndProvider(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.enterAtProvider("Ann Archer")
		v.Sees("Hello Ann")
		v.open("/account/connections", "Disconnect")
		v.look("connections")
		v.disconnect()
		v.refused()
		v.open("/account/password", "You have no password yet.")
		v.fill("password", "Looking-Glass-7")
		v.press("Set the password")
		v.Sees("Current password")
		v.open("/account/connections", "Disconnect")
		v.disconnect()
		v.Sees("No connected accounts")
		v.Sees("The providers here only log in.")
		v.gone("Connect dev")
		v.open("/auth/dev/login/?next=/account/social", "Ann Archer")
		v.Tap(`document.querySelector(".cancel")`)
		v.Sees("You cancelled the login.")
		v.look("social-cancelled")
	})
}

// disconnect presses the button, and that of the dialog.
func (v *visitor) disconnect() {
	v.t.Helper()
	v.press("Disconnect the account")
	v.wait(`document.querySelector("dialog")`)
	v.press("Disconnect the account")
}

// TestFrontEndLanguages: every text is there in every language, and a user's choice stays.
func TestFrontEndLanguages(t *testing.T) {
	v := visit(t, 390)
	for _, language := range []string{"de", "es", "fr", "ja", "pt", "zh", "en"} {
		v.open("/signup", "Basket")
		v.wait(`document.querySelector("footer select")`)
		v.Eval(fmt.Sprintf(`(e => { e.value = %q; e.dispatchEvent(new Event("change")); })(document.querySelector("footer select"))`, language))
		v.Until(language, func() bool { return v.Eval(`document.documentElement.lang`) == language })
		v.look("language-" + language)
		v.open("/signup", "Basket")
		v.Until(language+" again", func() bool { return v.Eval(`document.documentElement.lang`) == language })
	}
	v.operator()
	for _, language := range []string{"de", "es", "fr", "ja", "pt", "zh"} { // the longest pages
		v.Eval(fmt.Sprintf(`localStorage.setItem("language", %q)`, language))
		v.register(language)
		v.open("/operators?search="+language, language+"@example.com")
		v.look("users-" + language)
		v.Eval(`document.querySelector(".glance a").click()`)
		v.wait(`document.querySelector("summary")`)
		v.look("user-" + language)
	}
	v.checkConsole()
}
