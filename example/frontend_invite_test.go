package main

import (
	"fmt"
	"net/mail"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
)

// TestFrontEndInvitations: by mail and by link, sign-ups with both, and links that are used up or revoked.
func TestFrontEndInvitations(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.operator()
		v.press("Operators")
		v.press("Invitations")
		v.Sees("No invitations yet")
		v.look("invitations-none")
		v.fill("email", "no address")
		v.press("Invite")
		v.wrong("email", "e-mail")
		v.fill("email", "bob@example.com")
		v.press("Invite")
		v.Sees("We sent the invitation to bob@example.com.")
		v.press("Invite")
		v.Sees("Your invitation link")
		v.look("invitation-link")
		link := fmt.Sprint(v.Eval(`document.getElementById("key").innerText`))
		v.press("Done")
		v.Sees("0 of 1 used")
		v.look("invitations")

		v.logOut()
		v.follow("bob@example.com", "/signup")
		v.Sees("You are invited")
		v.look("invited")
		v.fill("username", "bob", "password", "Looking-Glass-7")
		v.press("Create account")
		v.Sees("Hello bob")
		v.gone("Confirm bob@example.com") // the invitation did
		v.logOut()
		v.invitedWithPasskey(link)

		v.enter("root")
		v.Sees("Hello root")
		v.open("/operators/invitations", "1 of 1 used")
		v.fill("max_uses", "5")
		v.press("Invite")
		v.Sees("Your invitation link")
		v.press("Done")
		v.press("Revoke the invitation: Invitation link")
		v.press("Revoke the invitation")
		v.Sees("Revoked")
	})
}

// invitedWithPasskey signs up with a link, which then is used up.
func (v *visitor) invitedWithPasskey(link string) {
	v.t.Helper()
	v.Visit(link)
	v.Sees("You are invited")
	v.Authenticator()
	v.press("Sign up with a passkey")
	v.fill("username", "carl")
	v.press("Continue")
	v.Sees("Hello carl")
	v.logOut()
	v.Visit(link)
	v.Sees("You are invited")
	v.fill("username", "dora", "password", "Looking-Glass-7")
	v.press("Create account")
	v.Sees("This invitation does not work")
	v.look("invitation-dead")
	v.press("Sign up without an invitation")
	v.Sees("Create your account")
}

// TestFrontEndInvitedByProvider: a new user of a provider and a user who has an account accept an invitation.
func TestFrontEndInvitedByProvider(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.operator()
		v.open("/operators/invitations", "No invitations yet")
		v.fill("max_uses", "2")
		v.press("Invite")
		v.Sees("Your invitation link")
		link := fmt.Sprint(v.Eval(`document.getElementById("key").innerText`))
		v.press("Done")
		v.Sees("0 of 2 used")
		v.logOut()

		v.Visit(link)
		v.Sees("Create your account to accept the invitation.")
		v.atProvider("Continue with dev", "Ann Archer")
		v.Sees("Accept the invitation with this account?")
		v.look("invitation-accept")
		v.press("Accept the invitation")
		v.Sees("Hello Ann")
		v.Visit(link)
		v.press("Accept the invitation") // again
		v.Sees("This invitation does not work")
		v.press("To the first page")
		v.Sees("Hello Ann")

		v.Visit(link)
		v.press("Log out and use another account")
		v.Sees("Create your account to accept the invitation.")
		v.press("Log in")
		v.Sees("Welcome back.")
		v.logIn("root")
		v.Sees("You are logged in as root.")
		v.press("Accept the invitation")
		v.Sees("Hello root")
		v.open("/operators/invitations", "2 of 2 used")
	})
}

// TestFrontEndInvitedCompletion: a new user of a provider that knows no address. The mailed invitation confirms it, so the user is logged in.
func TestFrontEndInvitedCompletion(t *testing.T) {
	v := visit(t, 390, "EMAIL_VERIFICATION=mandatory")
	v.operator()
	v.open("/operators/invitations", "No invitations yet")
	v.fill("email", "eve@example.com")
	v.press("Invite")
	v.Sees("We sent the invitation to eve@example.com.")
	v.logOut()
	v.follow("eve@example.com", "/signup")
	v.Sees("You are invited")
	v.atProvider("Continue with dev", "Eve Without Address")
	v.Sees("One more thing")
	v.fill("email", "eve@example.com")
	v.press("Create account")
	v.Sees("Hello Eve")
	v.checkConsole()
}

// TestFrontEndImpersonation: an operator acts as a user, with a banner on every page, and ends it.
func TestFrontEndImpersonation(t *testing.T) {
	onBothSizes(t, func(v *visitor) {
		v.register("ann")
		v.operator()
		v.open("/operators/users/1", "ann@example.com")
		v.press("Act as this user")
		v.press("Act as this user")
		v.wrong("reason", "")
		v.look("acting-reason")
		v.fill("reason", "Ticket 7")
		v.press("Act as this user")
		v.Sees("Hello ann")
		v.Sees("You are acting as ann.")
		v.look("acting")
		v.gone("Operators")
		for _, path := range []string{"/account", "/account/profile", "/account/devices", "/account/activity", "/login"} {
			v.open(path, "You are acting as ann.")
		}
		v.open("/account/devices", "By an operator")
		v.open("/account/profile", "First name")
		v.press("Save")
		v.Until("a problem", func() bool { return v.Eval(`document.querySelector(".alert").innerText`) != "" })
		v.look("acting-refused")
		v.press("Return to my account")
		v.Sees("You are back in your own account.")
		v.Sees("ann@example.com")
		v.Sees("Operator acted as the user")
		v.Sees("Ticket 7")
		v.gone("You are acting as ann.")
		v.mail("ann@example.com")
	})
}

// refusing is a mail server that refuses each recipient until it accepts them.
type refusing struct {
	accepts *atomic.Bool
	postbox
}

func (r refusing) NewSession(*smtp.Conn) (smtp.Session, error) { return r, nil }

func (r refusing) Rcpt(string, *smtp.RcptOptions) error {
	if r.accepts.Load() {
		return nil
	}
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
}

// TestFrontEndOutbox: a mail that the mail server refuses, and that is sent again.
func TestFrontEndOutbox(t *testing.T) {
	box := refusing{new(atomic.Bool), postbox{make(chan *mail.Message, 10)}}
	listener := listen(t)
	serveMails(t, listener, box)
	v := visit(t, 390, fmt.Sprintf("MAIL_URL=smtp://%s?tls=insecure-none", listener.Addr()))
	v.operator()
	v.open("/operators/outbox", "No failed mails")
	v.look("outbox-none")
	v.register("ann")
	v.Until("the mail", func() bool {
		v.open("/operators/outbox", "Failed mails")
		return v.Eval(`document.body.innerText.includes("ann@example.com")`) == true
	})
	v.look("outbox")
	box.accepts.Store(true)
	v.press("Send the mail again: ann@example.com")
	v.Sees("No failed mails")
	if m := <-box.mails; !strings.Contains(m.Header.Get("To"), "ann@example.com") {
		t.Errorf("the mail is to %s", m.Header.Get("To"))
	}
	v.checkConsole()
}
