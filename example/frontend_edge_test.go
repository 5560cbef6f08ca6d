package main

import (
	"net/url"
	"testing"
)

// TestFrontEndClosedSession: a session that is closed until its user sets up a second factor ends, on the next page and when the pages are
// loaded, and the next login sets it up.
func TestFrontEndClosedSession(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		const again = "Please log in again to set up a second factor."
		v.signUp("ann")
		v.query("UPDATE auth_user SET is_staff = ?", true)
		v.press("Account")
		v.Sees(again) // for 6 seconds
		v.Sees("Welcome back.")
		v.query("UPDATE auth_user SET is_staff = ?", false)
		v.logIn("ann")
		v.Sees("You are logged in as ann.")
		v.query("UPDATE auth_user SET is_staff = ?", true)
		v.open("/account", again)
		v.Sees("Welcome back.")
		v.logIn("ann")
		v.Sees("Set up a second factor")
	}, "OPERATOR_FACTOR=true")
}

// TestFrontEndOtherHosts: a path that is another host is not followed after a login.
func TestFrontEndOtherHosts(t *testing.T) {
	v := visit(t, 390)
	v.signUp("ann")
	v.logOut()
	paths := map[string]string{
		"//evil.example/": "/", `/\evil.example/`: "/", "/\t/evil.example/": "/", "https://evil.example/": "/", "javascript:alert(1)": "/",
		"/.//evil.example/": "/evil.example/", "/account": "/account",
	}
	for wanted, at := range paths {
		next := url.Values{"next": {wanted}, "then": {wanted}}.Encode()
		v.open("/login?"+next, "Welcome back.")
		v.logIn("ann")
		v.arrives(wanted, at)
		for _, page := range []string{"/login?", "/signup?", "/account/social?"} { // they lead on at once
			v.Visit(v.at + page + next)
			v.arrives(page+wanted, at)
		}
		v.logOut()
	}
	v.checkConsole()
}

// arrives waits until the browser shows a page of the example.
func (v *visitor) arrives(what, path string) {
	v.t.Helper()
	v.Until(what, func() bool { return v.Eval(`location.href`) == v.at+path })
	v.Sees(map[string]string{"/": "Hello ann", "/account": "You are logged in as ann.", "/evil.example/": "There is no such page"}[path])
}

// TestFrontEndNoOperator: a permission alone, without the rank, shows no way to the pages for operators.
func TestFrontEndNoOperator(t *testing.T) {
	v := visit(t, 390)
	v.signUp("ann")
	v.command("", "grant", "ann", "auth.view_user")
	v.open("/", "Hello ann")
	v.gone("Operators")
	v.open("/operators", "Something went wrong")
	v.query("UPDATE auth_user SET is_staff = ?", true)
	v.open("/", "Operators")
	v.press("Operators")
	v.Sees("ann@example.com")
	v.checkConsole()
}
