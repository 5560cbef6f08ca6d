package main

import (
	"testing"
	"time"
)

const (
	day          = 24 * time.Hour
	lostCode     = "Your code to remove lost second factors"
	lostStarted  = "The second factors of your account are going to be removed"
	lostFactors  = "Lost your device and the recovery codes?"
	leave        = "Log out and log in again"
	cancelRemove = "Cancel the removal"
)

// lost goes from a login to the page where users begin who lost their factors.
func (v *visitor) lost() {
	v.t.Helper()
	v.enter("ann")
	v.Sees("Second step")
	v.press(lostFactors)
	v.Sees("Remove lost second factors")
}

// asksToLeave presses the button of the page about second factors, and confirms it.
func (v *visitor) asksToLeave() {
	v.t.Helper()
	v.press(leave)
	v.Sees("this browser is no longer trusted")
	v.look("lost-leave")
	v.press(leave)
	v.Sees("Welcome back.")
}

// TestFrontEndLostFactorsTrust: the way to the recovery asks first, and ends the trust in this browser alone. Operators, who cannot recover,
// do not see it.
func TestFrontEndLostFactorsTrust(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.signUp("ann")
		codes := v.secure()
		v.logOut()
		v.enter("ann")
		v.Sees("Second step")
		v.fill("code", codes[0])
		v.toggle(field("trust"))
		v.press("Log in")
		v.Sees("Hello ann")
		v.query("INSERT INTO auth_trusted_browser (id, user_id, key_hash, epoch, created_at, expires_at, uses, ip, user_agent) "+
			"SELECT '0123456789abcdef0123456789', id, 'x', session_epoch, ?, ?, 0, '192.0.2.7', '' FROM auth_user", ago(day), ago(-day))

		v.open("/account/factors", "This device")
		v.press(leave)
		v.Sees("this browser is no longer trusted")
		v.press("Cancel")
		v.gone("this browser is no longer trusted")
		v.open("/account/factors", "This device")
		v.asksToLeave()
		v.enter("ann")
		v.Sees("Second step")
		v.fill("code", codes[1])
		v.press("Log in")
		v.Sees("Hello ann")
		v.open("/account/factors", "192.0.2.7")
		v.gone("This device")
		v.Sees(leave)
		v.query("UPDATE auth_user SET is_staff = ?", true)
		v.open("/account/factors", "192.0.2.7")
		v.gone(leave)
	})
}

// TestFrontEndLostFactors: a user who lost the app and the recovery codes begins, cancels with the link of the mail, begins again, waits,
// and removes them.
func TestFrontEndLostFactors(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.signUp("ann")
		v.confirm()
		v.secure()
		v.asksToLeave()

		v.lost()
		v.look("lost")
		v.press("Send me the first code")
		v.refused()
		v.Sees("confirmed at least 30 days ago")
		v.query("UPDATE auth_email SET verified_at = ?", ago(31*day))
		v.press("Send me the first code")
		v.Sees("Code from the mail")
		v.look("lost-code")
		v.fill("code", "AAAA-AAAA")
		v.press("Begin the wait")
		v.wrong("code", "")
		v.fill("code", v.arrived(lostCode, 1))
		v.press("Begin the wait")
		v.Sees("Please wait")
		v.look("lost-wait")
		v.cancelsByLink()

		v.lost()
		v.press("Send me the first code")
		v.refused()
		v.Sees("24 hours after the last start")
		v.query("UPDATE auth_lost_factors SET created_at = ?", ago(2*day))
		v.press("Send me the first code")
		v.fill("code", v.arrived(lostCode, 2))
		v.press("Begin the wait")
		v.Sees("Please wait")
		v.lost()
		v.press("Send me the first code")
		v.Sees("Please wait")

		v.query("UPDATE auth_lost_factors SET ready_at = ?", ago(time.Minute))
		v.lost()
		v.press("Send me the first code")
		v.Sees("The wait is over")
		v.look("lost-last")
		v.fill("code", v.arrived(lostCode, 3))
		v.press("Remove my second factors")
		v.Sees("Your second factors are removed")
		v.look("lost-done")
		v.press("Log in")
		v.logIn("ann")
		v.Sees("Hello ann")
		v.open("/account/factors", "Set up the app")
		v.open("/account/activity", "Lost second factors removed")
	})
}

// cancelsByLink follows the link of the mail twice.
func (v *visitor) cancelsByLink() {
	v.t.Helper()
	v.follow(lostStarted, "/account/recovery/")
	v.Sees("Keep your second factors")
	v.look("lost-cancel")
	v.press(cancelRemove)
	v.Sees("The removal was cancelled")
	v.look("lost-cancelled")
	v.follow(lostStarted, "/account/recovery/")
	v.press(cancelRemove)
	v.Sees("This link does not work")
}

// TestFrontEndLostFactorsWarning: sessions say that someone removes the factors. One that has not proven two factors asks for a code to cancel it.
func TestFrontEndLostFactorsWarning(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.signUp("ann")
		codes := v.secure()
		v.query("INSERT INTO auth_lost_factors (user_id, epoch, factors, created_at, ready_at, expires_at, ip, user_agent) "+
			"SELECT id, session_epoch, factors, ?, ?, ?, '', '' FROM auth_user", ago(day), ago(-2*day), ago(-9*day))
		v.query("UPDATE auth_session SET factors = 1")
		v.open("/account/factors", "Your second factors are going to be removed")
		v.look("lost-warning")
		v.open("/", "Your second factors are going to be removed")
		v.look("lost-warning-home")
		v.press(cancelRemove)
		v.Sees("Confirm that it is you")
		v.fill("code", codes[0])
		v.press("Continue")
		v.Sees("The removal was cancelled.")
		v.gone("Your second factors are going to be removed")
	})
}
