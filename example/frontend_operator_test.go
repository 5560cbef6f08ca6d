package main

import (
	"fmt"
	"testing"
	"time"
)

// TestFrontEndUsers: search and list users, one page after the other, and add one.
func TestFrontEndUsers(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.operator()
		v.people(30)
		v.press("Operators")
		v.Sees("user29")
		v.look("users")
		v.press("Next page")
		v.Sees("user00")
		v.gone("user29")
		v.press("First page")
		v.Sees("user29")
		v.fill("search", "user1")
		v.press("Search")
		v.gone("user29")
		v.Sees("user19")
		v.fill("search", "nobody")
		v.press("Search")
		v.Sees("No users found")
		v.look("users-none")
		v.fill("search", "")
		v.set("show", "superusers")
		v.press("Search")
		v.Sees("root@example.com")
		v.gone("user29")
		v.press("Add a user")
		v.fill("username", "not valid")
		v.press("Add a user")
		v.wrong("username", "letters")
		v.look("user-add")
		v.fill("username", "eve", "email", "eve@example.com")
		v.press("Add a user")
		v.Sees("eve@example.com")
		v.open("/operators/users/1", "This is your own account.")
		v.look("user-own")
	})
}

// TestFrontEndUserActions: what operators do to a user.
func TestFrontEndUserActions(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.operator()
		v.register("ann")
		v.open("/operators/users?search=ann", "ann@example.com")
		v.Tap(`document.querySelector(".glance a")`)
		v.Sees("Account created")
		v.look("user")
		v.bans()
		v.press("Deactivate")
		v.Sees("Activate")
		if v.mayLogIn() {
			v.t.Error("a user who is not active can log in")
		}
		v.press("Activate")
		v.Sees("Deactivate")

		v.press("Confirm the address: ann@example.com")
		v.gone("Not confirmed")
		v.fill("email", "no address")
		v.press("Confirm without a mail")
		v.wrong("email", "e-mail")
		v.fill("email", "ann@work.example")
		v.press("Confirm without a mail")
		v.Sees("ann@work.example")

		if !v.mayLogIn() {
			v.t.Error("ann cannot log in")
		}
		v.press("Send a link")
		v.Until("a mail", func() bool { return v.Eval(`document.getElementById("toast").innerText`) != "" })
		v.open("/operators/users/2", "with the password")
		v.press("Log out: Go")
		v.Sees("Logged out.")
		if !v.mayLogIn() {
			v.t.Error("ann cannot log in")
		}
		v.open("/operators/users/2", "with the password")
		v.press("End all sessions and tokens")
		v.Sees("all personal tokens stop working")
		v.press("End all sessions and tokens")
		v.Sees("Not logged in anywhere.")
		v.press("Require a new one")
		v.Sees("The current password stops working")
		v.press("Require a new one")
		v.Sees("The user has to set a new password.")
		if v.mayLogIn() {
			v.t.Error("the old password works")
		}
		v.press("Show older events")
		v.Sees("Account created")
		v.press("Delete the user")
		v.Sees("This deletes ann")
		v.look("user-delete")
		v.press("Delete the user")
		v.Sees("The user was deleted.")
		v.open("/operators/users/2", "Something went wrong")
	})
}

// bans bans ann until tomorrow, and ends the ban.
func (v *visitor) bans() {
	v.t.Helper()
	v.press("Ban")
	v.fill("reason", "Spam")
	v.set("until", "2020-01-01T10:00")
	v.press("Ban")
	v.wrong("until", "")
	v.look("ban")
	v.set("until", time.Now().Add(24*time.Hour).Format("2006-01-02T15:04"))
	v.press("Ban")
	v.Sees("Reason: Spam")
	v.look("user-banned")
	if v.mayLogIn() {
		v.t.Error("a banned user can log in")
	}
	v.press("End the ban")
	v.Sees("The ban has ended.")
}

// happened waits until an event is n times in the audit trail of the page.
func (v *visitor) happened(event string, n int) {
	v.t.Helper()
	v.Until(event, func() bool {
		return v.Eval(fmt.Sprintf(`[...document.querySelectorAll(".row .title")].filter(e => e.innerText === %q).length`, event)) == float64(n)
	})
}

// TestFrontEndFactorsOfUsers: an operator removes the second factor of a user who lost it.
func TestFrontEndFactorsOfUsers(t *testing.T) {
	v := visit(t, 390)
	v.signUp("ann")
	v.secure()
	v.logOut()
	v.operator()
	v.open("/operators/users/1", "authenticator app")
	v.look("user-factors")
	v.press("Remove them")
	v.Sees("with the password alone")
	v.press("Remove them")
	v.gone("authenticator app")
	v.Sees("Second factors removed by support")
	v.checkConsole()
}

// TestFrontEndGroups: groups, their permissions, and staff who have only these.
func TestFrontEndGroups(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.operator()
		v.register("ann")
		v.open("/operators/groups", "No groups yet")
		v.look("groups-none")
		v.press("Add a group")
		v.press("Save")
		v.wrong("name", "")
		v.fill("name", "Support team")
		v.toggle(field("auth.view_user"))
		v.look("group")
		v.press("Save")
		v.Sees("Support team")
		v.press("Edit: Support team")
		v.toggle(field("auth.view_group"))
		v.press("Save")
		v.Sees("auth.view_group")
		v.look("groups")

		v.open("/operators/users/2", "ann@example.com")
		v.toggle(field("is_staff"))
		v.toggle(field("Support team"))
		v.press("Save")
		v.happened("Permissions changed", 1)
		v.Tap(`document.querySelector("summary")`)
		v.look("rights")
		v.toggle(field("auth.ban_user"))
		v.press("Save the permissions")
		v.happened("Permissions changed", 2)
		v.open("/", "Hello root")
		v.logOut()

		v.enter("ann")
		v.press("Operators")
		v.Sees("root@example.com")
		v.gone("Invitations")
		v.open("/operators/users/1", "root@example.com")
		v.press("Ban")
		v.fill("reason", "Mutiny")
		v.press("Ban")
		v.Until("a problem", func() bool { return v.Eval(`document.querySelector("dialog .alert").innerText`) != "" })
		v.look("ban-refused")
	})
}
