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
		v.set("show", "")
		v.byDate()
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

// byDate lists users who joined between two days, and combines what the API cannot.
func (v *visitor) byDate() {
	v.t.Helper()
	v.query("UPDATE auth_user SET date_joined = ? WHERE username IN ('user03', 'user04')", time.Date(2020, 5, 2, 12, 0, 0, 0, time.UTC))
	v.set("joined_from", "2020-05-01")
	v.set("joined_before", "2020-05-04")
	v.press("Search")
	v.gone("root@example.com")
	v.Sees("user03")
	v.look("users-dates")
	v.set("order", "id")
	v.press("Search")
	v.Until("the oldest first", func() bool {
		return v.Eval(`[...document.querySelectorAll(".glance .title")].map(e => e.innerText).join()`) == "user03,user04"
	})
	v.fill("search", "user")
	v.press("Search")
	v.wrong("search", "not by both")
	v.fill("search", "")
	v.set("order", "username")
	v.press("Search")
	v.wrong("order", "newest or oldest first")
	v.set("joined_from", "")
	v.set("joined_before", "")
	v.press("Search")
	v.Sees("root@example.com")
	v.open("/operators/users?joined_from=x&joined_before=2020-05-99", "user29")
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
		v.names()
		v.bans()
		v.press("Deactivate the account")
		v.Sees("Activate the account")
		if v.mayLogIn() {
			v.t.Error("a user who is not active can log in")
		}
		v.press("Activate the account")
		v.Sees("Deactivate the account")

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
		v.press("Send a password link")
		v.Until("a mail", func() bool { return v.Eval(`document.getElementById("toast").innerText`) != "" })
		v.open("/operators/users/2", "with the password")
		v.press("End this session: Go")
		v.Sees("Logged out.")
		if !v.mayLogIn() {
			v.t.Error("ann cannot log in")
		}
		v.open("/operators/users/2", "with the password")
		v.press("End all sessions and tokens")
		v.Sees("all personal tokens stop working")
		v.press("End all sessions and tokens")
		v.Sees("Not logged in anywhere.")
		v.press("Require a new password")
		v.Sees("The current password stops working")
		v.press("Require a new password")
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

// names changes those of ann, and one back.
func (v *visitor) names() {
	v.t.Helper()
	v.expand("Change the names")
	v.fill("username", "not valid", "last_name", "Archer")
	v.look("user-names")
	v.press("Save the names")
	v.wrong("username", "letters")
	v.fill("username", "ann", "first_name", "Ann")
	v.press("Save the names")
	v.Sees("Ann Archer")
	v.Sees("Account changed by an operator")
}

// bans bans ann until tomorrow, and ends the ban.
func (v *visitor) bans() {
	v.t.Helper()
	v.press("Ban the user")
	v.fill("reason", "Spam")
	v.set("until", "2020-01-01T10:00")
	v.press("Ban the user")
	v.wrong("until", "")
	v.look("ban")
	v.set("until", time.Now().Add(24*time.Hour).Format("2006-01-02T15:04"))
	v.press("Ban the user")
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
	v.press("Remove the second factors")
	v.Sees("with the password alone")
	v.press("Remove the second factors")
	v.gone("authenticator app")
	v.Sees("Second factors removed by support")
	v.checkConsole()
}

// expand opens what a page has folded.
func (v *visitor) expand(title string) {
	v.t.Helper()
	element := fmt.Sprintf(`[...document.querySelectorAll("summary")].find(e => e.innerText === %q)`, title)
	v.wait(element)
	v.Tap(element)
}

// grants wants a permission checked if it is granted to the user alone, and otherwise from a group.
func (v *visitor) grants(permission, group string) {
	v.t.Helper()
	v.Until(permission, func() bool {
		return v.Eval(fmt.Sprintf(`(e => e && e.checked === (%q === "") && (e.closest(".check").querySelector(".badge")?.innerText ?? "") === %q)(%s)`, group, group, field(permission))) == true
	})
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
		v.press("Edit the group: Support team")
		v.toggle(field("auth.view_group"))
		v.press("Save")
		v.Sees("auth.view_group")
		v.look("groups")

		v.open("/operators/users/2", "ann@example.com")
		v.toggle(field("is_staff"))
		v.toggle(field("Support team"))
		v.press("Save")
		v.happened("Permissions changed", 1)
		v.expand("Single permissions")
		v.grants("auth.view_user", "Support team")
		v.look("rights")
		v.toggle(field("auth.ban_user"))
		v.press("Save the permissions")
		v.happened("Permissions changed", 2)
		v.expand("Single permissions")
		v.grants("auth.ban_user", "")
		v.grants("auth.view_user", "Support team")
		v.open("/", "Hello root")
		v.logOut()

		v.enter("ann")
		v.Sees("Hello ann")
		v.press("Operators")
		v.Sees("root@example.com")
		v.gone("Invitations")
		v.open("/operators/users/1", "root@example.com")
		v.press("Ban the user")
		v.fill("reason", "Mutiny")
		v.press("Ban the user")
		v.Until("a problem", func() bool { return v.Eval(`document.querySelector("dialog .alert").innerText`) != "" })
		v.look("ban-refused")
	})
}
