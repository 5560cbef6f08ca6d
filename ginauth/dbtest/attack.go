package dbtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// attackCases are what an attacker found on the mail flows, each kept from coming back.
var attackCases = []func(*Case){
	AddedAddressDiesWithThePassword, ResendIsForSignUpsOnly, DeletionVoidsNoNotice, DeletionIsAlwaysTold, NoticesGoToConfirmedAddresses,
	ConfirmedAddressBecomesPrimary, ResetOpensTheFirstClaim, LoginByAddressTellsNothing, CodesTellNothingOfSignUps,
	MailsGoToTheSpellingOnFile, RestartMovesNoAddress,
	DoubleResetIsOneTicket,
}

// AddedAddressDiesWithThePassword: a thief adds an address and waits. A new password, however
// it came, forgets what is not confirmed, and nobody can have the mail sent again.
func AddedAddressDiesWithThePassword(c *Case) {
	for i, renew := range []func(ann *authtest.Client){
		func(ann *authtest.Client) {
			ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
		},
		func(*authtest.Client) {
			c.askReset("ann@example.com")
			c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
		},
	} {
		c.startMail()
		ann := c.verified("ann")
		thief := c.loggedIn("ann")
		c.mail("new_device")
		_, toThief := c.added(thief, "thief@example.com")
		c.mails()
		c.Clock.Advance(time.Second)
		renew(ann)
		c.mails()
		c.resend("thief@example.com")
		c.noMail()
		verifyIn(thief, toThief.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
		c.askReset("thief@example.com")
		c.noMail()
		if n := c.count(&models.Email{}); n != 1 {
			c.Errorf("way %d: %d addresses", i, n)
		}
	}
}

// ResendIsForSignUpsOnly: somebody adds the address of a newcomer to his own account, so that
// the newcomer has his link sent and clicks the wrong one.
func ResendIsForSignUpsOnly(c *Case) {
	c.startMail(mandatory)
	c.owner("victim", "victim@example.com")
	own := c.mail("verify").Key(c.T)
	c.client().Post("/auth/registration/", authtest.SignUp("mallory")).Want(201)
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	mallory := c.loggedIn("mallory")
	c.mails()
	mallory.Post("/auth/emails/", obj{"email": "victim@example.com"}).Want(201)
	foreign := c.mail("verify").Key(c.T)
	c.Clock.Advance(time.Second)
	c.resend("victim@example.com")
	if again := c.mail("verify").Key(c.T); again != own {
		c.Error("the newcomer got another's link")
	}
	c.verify(foreign).WantCode(401, binding.CodeNotAuthenticated)
	c.client().Post("/auth/registration/verify-email/", obj{"key": foreign}).Want(401)
	c.verify(own).Want(200)
	c.loggedIn("victim")
	verifyIn(mallory, foreign).WantCode(404, binding.CodeInvalidTicket)
}

// DeletionVoidsNoNotice: a thief deletes the account, with grace, and comes back; the owner's
// link still works, and takes the deletion back.
func DeletionVoidsNoNotice(c *Case) {
	c.startMail(func(cfg *config.Config) { cfg.DeleteGrace = 7 * 24 * time.Hour })
	c.verified("ann")
	thief := c.loggedIn("ann")
	notice := c.mail("new_device").Key(c.T)
	thief.Post("/auth/user/delete/", nil).Want(200)
	c.mail("account_deleted")
	c.client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	c.Clock.Advance(8 * 24 * time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users", n)
	}
}

// DeletionIsAlwaysTold: whatever mails were asked for before, and with those that wait.
func DeletionIsAlwaysTold(c *Case) {
	c.startMail()
	ann := c.verified("ann")
	for range 12 {
		c.askReset("ann@example.com")
		c.resend("ann@example.com")
	}
	c.mails()
	thief := c.loggedIn("ann")
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	ann.Post("/auth/user/delete/", nil).Want(200)
	thief.Get("/auth/user/").Want(401)
	if kinds := c.kinds(); kinds["new_device"] != 1 || kinds["password_changed"] != 1 || kinds["account_deleted"] != 1 {
		c.Errorf("told %v", kinds)
	}
}

// NoticesGoToConfirmedAddresses: who mistyped his address at sign-up and confirmed the right
// one is told there, and the stranger's link is worth nothing.
func NoticesGoToConfirmedAddresses(c *Case) {
	c.startMail()
	bob := c.owner("bob", "typo@example.com")
	c.mail("verify")
	c.loggedIn("bob")
	toStranger := c.mail("new_device")
	if toStranger.To != "typo@example.com" {
		c.Fatalf("told %s", toStranger.To)
	}
	_, mail := c.added(bob, "bob@example.com")
	verifyIn(bob, mail.Key(c.T)).Want(200)
	c.noMail()
	c.loggedIn("bob")
	if told := c.mail("new_device"); told.To != "bob@example.com" {
		c.Errorf("told %s", told.To)
	}
	c.client().Post("/auth/security/revoke/", obj{"key": toStranger.Key(c.T)}).WantCode(404, binding.CodeInvalidTicket)
	bob.Get("/auth/user/").Want(200)
}

func ConfirmedAddressBecomesPrimary(c *Case) {
	c.startMail()
	bob := c.owner("bob", "typo@example.com")
	c.mail("verify")
	email, mail := c.added(bob, "bob@example.com")
	verifyIn(bob, mail.Key(c.T)).Want(200)
	for _, e := range emails(bob) {
		if e.Primary != (e.ID == email.ID) {
			c.Errorf("%+v", e)
		}
	}
	c.client().Post("/auth/login/", obj{"email": "bob@example.com", "password": authtest.Password}).Want(200)
	c.client().Post("/auth/login/", obj{"email": "typo@example.com", "password": authtest.Password}).Want(400)
}

// ResetOpensTheFirstClaim: of several accounts with an address that nobody has confirmed, the reset
// opens the oldest that did not come by sign-up, else the oldest; and the mail says which it is.
func ResetOpensTheFirstClaim(c *Case) {
	c.startMail(mandatory)
	c.owner("first", "victim@example.com")
	c.Clock.Advance(time.Hour)
	c.owner("second", "victim@example.com")
	c.mails()
	reset := func(opened, name string) {
		c.Helper()
		c.Clock.Advance(time.Hour)
		c.askReset("victim@example.com")
		if mail := c.mail("reset"); !strings.Contains(mail.Text, "opened on 1 March 2026, "+opened+":00 UTC") {
			c.Errorf("the mail of %s says %s", name, mail.Text)
		}
	}
	reset("12", "first")
	c.created("boss", "victim@example.com")
	reset("14", "boss")
	c.Clock.Advance(time.Hour)
	c.askReset("victim@example.com")
	c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
	c.client().Post("/auth/login/", obj{"username": "boss", "password": "Mirror-Maze-88"}).Want(200)
}

// LoginByAddressTellsNothing covers T005: who signed up with an address cannot tell by a login
// with it whether somebody else has it.
func LoginByAddressTellsNothing(c *Case) {
	m := c.startMeasured(mandatory)
	c.client().Post("/auth/registration/", authtest.SignUp("taken")).Want(201)
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	c.client().Post("/auth/registration/", authtest.SignUp("claimed")).Want(201)
	signUp := func(name, address, password string) {
		in := authtest.SignUp(name)
		in.Email, in.Password1, in.Password2 = address, password, password
		c.client().Post("/auth/registration/", in).Want(201)
	}
	var traces [2][3]trace
	for i, address := range []string{"fresh@example.com", "taken@example.com", "claimed@example.com"} {
		signUp(fmt.Sprintf("first%d", i), address, "Mirror-Maze-88")
		c.Clock.Advance(time.Second)
		signUp(fmt.Sprintf("second%d", i), address, "Mirror-Maze-89")
		for j, password := range []string{"Mirror-Maze-88", "Mirror-Maze-89"} {
			traces[j][i] = c.measure(m, func() *authtest.Response {
				return c.client().Post("/auth/login/", obj{"email": address, "password": password})
			})
		}
	}
	c.client().Post("/auth/registration/", authtest.SignUp("gone")).Want(201)
	for _, m := range c.mails() {
		if m.To == "gone@example.com" {
			c.verify(m.Key(c.T)).Want(200)
		}
	}
	c.set("gone", obj{"is_active": false})
	gone := c.measure(m, func() *authtest.Response {
		return c.client().Post("/auth/login/", obj{"email": "gone@example.com", "password": authtest.Password})
	})
	c.wantAlike("a wrong password and that of an inactive user", traces[0][0], gone)
	for _, t := range traces {
		c.wantAlike("a new address and a taken one", t[0], t[1])
		c.wantAlike("a new address and a claimed one", t[0], t[2])
	}
	if !strings.Contains(traces[1][0].text, "email_unverified") {
		c.Errorf("the latest sign-up is told %s", traces[1][0].text)
	}
}

// CodesTellNothingOfSignUps covers T007: a wrong code does the same for an address that was
// free at sign-up and one that was taken, at both doors.
func CodesTellNothingOfSignUps(c *Case) {
	m := c.startMeasured(mandatory)
	c.client().Post("/auth/registration/", authtest.SignUp("taken")).Want(201)
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	c.Clock.Advance(25 * time.Hour)
	for i, address := range []string{"fresh@example.com", "taken@example.com"} {
		for j := range 14 { // beyond the limit of mails
			in := authtest.SignUp(fmt.Sprintf("user%d%d", i, j))
			in.Email = address
			c.client().Post("/auth/registration/", in).Want(201)
		}
	}
	for _, door := range []func(address string) *authtest.Response{
		func(address string) *authtest.Response {
			return c.client().Post("/auth/registration/verify-email/", obj{"email": address, "code": "BBBB-BBBB"})
		},
		func(address string) *authtest.Response {
			return c.client().Post("/auth/password/reset/confirm/", obj{
				"email": address, "code": "BBBB-BBBB", "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"})
		},
	} {
		try := func(address string) trace {
			return c.measure(m, func() *authtest.Response { return door(address) })
		}
		for range 22 { // more than the tries of all mails
			c.wantAlike("codes for a fresh and a taken address", try("fresh@example.com"), try("taken@example.com"))
		}
	}
}

// MailsGoToTheSpellingOnFile: another spelling of the same key may be another mailbox.
func MailsGoToTheSpellingOnFile(c *Case) {
	c.startMail()
	c.verified("ann")
	c.askReset("ANN@example.com")
	if to := c.mail("reset").To; to != "ann@example.com" {
		c.Errorf("sent to %s", to)
	}
	c.signedUp("bob")
	c.mail("verify")
	c.resend("BOB@example.com")
	if to := c.mail("verify").To; to != "bob@example.com" {
		c.Errorf("sent to %s", to)
	}
}

// RestartMovesNoAddress: an account that was left without a key, since somebody else has the
// address, does not get one by the next start.
func RestartMovesNoAddress(c *Case) {
	c.startMail(mandatory)
	c.owner("ann", "first@example.com")
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	ann := c.loggedIn("ann")
	c.mails()
	second, mail := c.added(ann, "second@example.com")
	verifyIn(ann, mail.Key(c.T)).Want(200)
	c.owner("mallory", "second@example.com") // a shadow
	c.mails()
	if err := c.Auth.Migrate(context.Background()); err != nil {
		c.Fatal(err)
	}
	if c.Log.String() != "" {
		c.Errorf("logged: %s", c.Log)
	}
	c.client().Post("/auth/login/", obj{"email": "second@example.com", "password": authtest.Password}).Want(200)
	ann.Post(emailPath(second.ID, "primary"), nil).Want(200)
}

// DoubleResetIsOneTicket: two at once, as of a double click, mail the same link.
func DoubleResetIsOneTicket(c *Case) {
	c.startMail()
	for i := range 5 {
		name := fmt.Sprintf("user%d", i)
		c.verified(name)
		got := c.together(2, func(int) *authtest.Response {
			return c.client().Post("/auth/password/reset/", obj{"email": name + "@example.com"})
		})
		mails := c.mails()
		if got[200] != 2 || len(mails) != 2 || mails[0].Key(c.T) != mails[1].Key(c.T) {
			c.Fatalf("%v, %d mails; log: %s", got, len(mails), c.Log)
		}
	}
}
