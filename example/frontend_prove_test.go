package main

import (
	"testing"
)

// sensitive creates a personal token, for which the server asks who the user is.
func (v *visitor) sensitive() {
	v.t.Helper()
	v.age()
	v.open("/account/tokens", "Create a token")
	v.fill("name", "Kitchen display")
	v.press("Create a token")
	v.Sees("Confirm that it is you")
}

// TestFrontEndReauthentication: a sensitive action of an old session, with the password, a passkey, and a login at a provider.
func TestFrontEndReauthentication(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.signUp("ann")
		v.sensitive()
		v.look("prove-password")
		v.fill("password", "Wrong-Password-1")
		v.press("Continue")
		v.wrong("password", "password")
		v.fill("password", "Looking-Glass-7")
		v.press("Continue")
		v.Sees("It is not shown again.")

		v.open("/account/passkeys", "No passkeys yet")
		v.Authenticator()
		v.fill("name", "My laptop")
		v.press("Add a passkey")
		v.Sees("My laptop")
		v.sensitive()
		v.look("prove-passkey")
		v.press("Use a passkey")
		v.Sees("It is not shown again.")

		v.logOut()
		v.enterAtProvider("Ann Archer")
		v.Sees("Hello Ann")
		v.sensitive()
		v.look("prove-provider")
		v.atProvider("Log in at dev again", "Ann Archer")
		v.Sees("Create a token")
		v.fill("name", "Kitchen display")
		v.press("Create a token")
		v.Sees("It is not shown again.")
	})
}

// TestFrontEndSecondSteps: the second step with the code of an app, and with a passkey.
func TestFrontEndSecondSteps(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.signUp("ann")
		v.secure()
		v.open("/account/passkeys", "No passkeys yet")
		v.Authenticator()
		v.press("Add a passkey")
		v.Sees("Rename")
		v.logOut()

		v.enter("ann")
		v.Sees("Second step")
		v.look("second-step-passkey")
		v.fill("code", v.totp(1))
		v.press("Log in")
		v.Sees("Hello ann")
		v.logOut()

		v.enter("ann")
		v.Sees("Second step")
		v.press("Use a passkey")
		v.Sees("Hello ann")
		v.open("/account/devices", "Two factors")
	})
}

// TestFrontEndRequiredFactor: the login of an operator who must set up an app first.
func TestFrontEndRequiredFactor(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.command("Looking-Glass-7\n", "createuser", "--username", "root", "--email", "root@example.com", "--superuser", "--password-stdin")
		v.open("/login?next=/operators", "Welcome back.")
		v.logIn("root")
		v.Sees("Set up a second factor")
		v.look("setup")
		v.secret, _ = v.Eval(`document.querySelector(".secret").innerText`).(string)
		v.fill("code", v.totp(0), "email_code", "AAAA-AAAA")
		v.press("Turn on the app")
		v.wrong("email_code", "")
		v.fill("email_code", v.code("root@example.com"))
		v.press("Turn on the app")
		v.Sees("Two-step login is on")
		v.press("I have stored them")
		v.Sees("root@example.com")
		v.logOut()
		v.enter("root")
		v.Sees("Second step")
	}, "OPERATOR_FACTOR=true")
}

// TestFrontEndCompletion: a new user of a provider that knows no address.
func TestFrontEndCompletion(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.enterAtProvider("Eve Without Address")
		v.Sees("One more thing")
		v.look("completion")
		v.fill("email", "no address")
		v.press("Create account")
		v.wrong("email", "e-mail")
		v.fill("email", "eve@example.com")
		v.press("Create account")
		v.Sees("Code from the mail")
		v.fill("code", v.code("eve@example.com"))
		v.press("Confirm the address")
		v.Sees("Welcome back.")
		v.enterAtProvider("Eve Without Address")
		v.Sees("Hello Eve")
	}, "EMAIL_VERIFICATION=mandatory")
}
