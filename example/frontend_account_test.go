package main

import (
	"fmt"
	"net/http"
	"testing"
)

// TestFrontEndFirstMinute: sign up, use the list, and confirm the address by the link in the development inbox.
func TestFrontEndFirstMinute(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.open("/", "Never forget the milk.")
		v.look("welcome")
		v.press("Sign up")
		v.Sees("Create your account")
		v.look("signup")
		v.press("Create account")
		v.wrong("username", "cannot be empty")
		v.wrong("password", "cannot be empty")
		v.fill("username", "ann", "email", "no address", "password", "short")
		v.press("Create account")
		v.wrong("email", "e-mail")
		v.look("signup-problems")
		v.fill("email", "ann@example.com")
		v.press("Create account")
		v.wrong("password", "at least 8")
		v.fill("password", "Looking-Glass-7")
		v.press("Create account")
		v.Sees("Your list is empty")
		v.look("list-empty")
		v.press("Add")
		v.wrong("text", "cannot be empty")
		for _, item := range []string{"Bread", "Six eggs", "Coffee"} {
			v.fill("text", item)
			v.press("Add")
			v.Sees(item)
		}
		v.toggle(`document.querySelector(".items input")`)
		v.Sees("1 of 3 done")
		v.look("list")
		v.press("Remove what is done")
		v.Sees("0 of 2 done")

		v.Visit(v.at + "/dev/mail")
		v.Sees("Confirm your e-mail address")
		v.look("inbox")
		if v.width < 500 { // the list of mails has a page of its own
			v.Tap(`document.querySelector("nav li a")`)
			v.Sees("As it looks")
			v.look("inbox-mail")
		}
		v.newTab(func() { // the link in the frame, with the keyboard
			v.Eval(`document.querySelector("iframe").focus()`)
			v.Key("Tab")
			v.Key("Enter")
		})
		v.Sees("Confirm your address")
		v.look("verify")
		v.press("Confirm the address")
		v.Sees("Hello ann")
		v.follow("Confirm your e-mail address", "/account/verify-email/")
		v.press("Confirm the address")
		v.Sees("This link does not work")
		v.look("dead")
		v.press("E-mail addresses")
		v.Sees("Primary")
	})
}

// TestFrontEndAccount: profile, addresses, password, devices, tokens, activity, export and deletion.
func TestFrontEndAccount(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.signUp("ann")
		v.press("Account")
		v.Sees("You are logged in as ann.")
		v.look("overview")

		v.open("/account/profile", "First name")
		v.fill("username", "not valid", "first_name", "Ann")
		v.press("Save")
		v.wrong("username", "letters")
		v.fill("username", "annie")
		v.press("Save")
		v.Sees("Saved.")
		v.look("profile")

		v.addresses()

		v.open("/account/password", "Current password")
		v.fill("old_password", "Wrong-Password-1", "password", "Mirror-Maze-88")
		v.press("Change the password")
		v.wrong("old_password", "password")
		v.look("password")
		v.fill("old_password", "Looking-Glass-7", "password", "Mirror-Maze-88")
		v.press("Change the password")
		v.Until("an empty form", func() bool { return v.Eval(field("password")+`.value`) == "" })

		v.devices()
		v.tokens()

		v.open("/account/activity", "Password changed")
		v.Sees("Personal token created")
		v.look("activity")

		v.open("/account/data", "Download your data")
		v.look("data")
		v.press("Download my data")
		v.Sees("Your data was downloaded.")
		v.press("Delete my account")
		v.Sees("You cannot undo it.")
		v.look("delete")
		v.press("Cancel")
		v.gone("You cannot undo it.")
		v.press("Delete my account")
		v.Sees("You cannot undo it.")
		v.press("Delete my account")
		v.Sees("Never forget the milk.")
		v.open("/account", "Welcome back.")
	})
}

// addresses confirms an address by its code, adds another one, makes it the primary one, and removes the first.
func (v *visitor) addresses() {
	v.t.Helper()
	v.open("/account/emails", "Confirm ann@example.com")
	v.fill("code", "AAAA-AAAA")
	v.press("Confirm the address")
	v.wrong("code", "not valid")
	v.fill("code", v.code("Confirm your e-mail address"))
	v.press("Confirm the address")
	v.gone("Not confirmed")
	v.fill("email", "ann@work.example")
	v.press("Add an address")
	v.Sees("Confirm ann@work.example")
	v.look("emails")
	v.fill("code", v.code("ann@work.example"))
	v.press("Confirm the address")
	v.press("Make primary")
	v.press("Remove the address: ann@example.com")
	v.Sees("Remove this address?")
	v.press("Remove the address")
	v.gone("ann@example.com")
}

// devices ends the session of another device.
func (v *visitor) devices() {
	v.t.Helper()
	for range 2 {
		if status := v.api(http.MethodPost, "/auth/login/", "", `{"username": "annie", "password": "Mirror-Maze-88"}`); status != 200 {
			v.t.Fatalf("another device: %d", status)
		}
	}
	v.open("/account/devices", "Log out all other devices")
	v.look("devices")
	v.press("End this session: Go")
	v.Until("one device less", func() bool { return v.Eval(`document.querySelectorAll(".row").length`) == 2.0 })
	v.press("Log out all other devices")
	v.Sees("You are logged in on this device only.")
}

// tokens creates a personal token, uses and revokes it.
func (v *visitor) tokens() {
	v.t.Helper()
	v.open("/account/tokens", "No tokens yet")
	v.look("tokens")
	v.press("Create a token")
	v.wrong("name", "cannot be empty")
	v.fill("name", "Kitchen display")
	v.press("Create a token")
	v.Sees("It is not shown again.")
	v.look("token")
	key := fmt.Sprint(v.Eval(`document.getElementById("key").innerText`))
	if read, write := v.api(http.MethodGet, "/api/items", key, ""), v.api(http.MethodPost, "/api/items", key, `{"text": "Milk"}`); read != 200 || write != 403 {
		v.t.Errorf("the token reads: %d, and writes: %d", read, write)
	}
	v.press("Done")
	v.Sees("list:read")
	v.Sees("no use recorded yet")
	v.press("Revoke the token: Kitchen display")
	v.press("Revoke the token")
	v.Sees("No tokens yet")
	if status := v.api(http.MethodGet, "/api/items", key, ""); status != 401 {
		v.t.Errorf("a revoked token: %d", status)
	}
}
