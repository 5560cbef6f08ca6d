package dbtest

import (
	"context"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var claimCases = Group{Name: "claim", Cases: []func(*Case){
	claimedAddressIsFreeForItsOwner, claimedAddressIsTakenWithOptionalVerification, claimOfASecondAddressLosesOnlyTheAddress,
	claimNoticesNameNoUser, inactiveClaimantsKeepNothing, contestedAddressNeedsANewPassword, directoryTakesNoAddress,
	addressesWithoutAUserAreIgnored, accountWithoutPasswordKeepsItsAddress,
}}

// inactiveClaimantsKeepNothing: an earlier sign-up with the address was deactivated or is scheduled for deletion. It
// keeps neither the address nor the owner's mails.
func inactiveClaimantsKeepNothing(c *Case) {
	for _, leave := range []func(thief *authtest.Client){
		func(*authtest.Client) {
			if err := c.Auth.SetActive(c.Context(), c.user("mallory").ID, false); err != nil {
				c.Fatal(err)
			}
		},
		func(thief *authtest.Client) {
			thief.Post("/auth/user/delete/", nil).Want(200)
			c.Clock.Advance(time.Hour)
		},
	} {
		c.documented = nil
		c.StartMail(func(cfg *config.Config) { cfg.DeleteGrace = time.Hour })
		leave(c.squat("mallory", "victim@example.com"))
		c.Clock.Advance(time.Second)
		c.owner("victim", "victim@example.com")
		c.Mails()
		c.Clock.Advance(time.Hour)
		c.askReset("victim@example.com")
		c.resend("victim@example.com")
		if got := c.kinds(); got["reset"] != 1 || got["verify"] != 1 {
			c.Errorf("the victim got %v", got)
		}
	}
}

func claimedAddressIsFreeForItsOwner(c *Case) {
	c.StartMail(mandatory)
	c.owner("mallory", "victim@example.com")
	claim := c.Mail("verify").Key(c.T)
	c.owner("victim", "Victim@example.com")
	mail := c.Mail("verify")
	c.verify(mail.Key(c.T)).Want(200)
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	c.Client().Post("/auth/login/", obj{"username": "victim", "password": "Mirror-Maze-88"}).Want(200)
	c.Client().Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
	c.verify(claim).WantCode(404, binding.CodeInvalidTicket)
	c.Client().Post("/auth/login/", authtest.Login("mallory")).WantProblems("non_field_errors email_unverified")
	if m := c.user("mallory"); m.Email != "" || m.EmailKey != nil || !m.HasPassword() {
		c.Errorf("mallory has %+v", m)
	}
}

// claimedAddressIsTakenWithOptionalVerification: the owner cannot sign up, but gets into the account that has the
// address, where the stranger has lost all access.
func claimedAddressIsTakenWithOptionalVerification(c *Case) {
	c.StartMail(withEverything)
	thief := c.foothold("victim") // signs up with victim@example.com
	in := authtest.SignUp("owner")
	in.Email = "Victim@example.com"
	c.Client().Post("/auth/registration/", in).WantProblems("email taken")
	c.askReset("victim@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	thief.wantRevoked(c, "victim")
	owner := c.Client()
	owner.Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
	if all := emails(owner); len(all) != 1 || !all[0].Verified {
		c.Errorf("addresses: %+v", all)
	}
	c.Client().Post("/auth/registration/", in).WantProblems("email taken")
}

// claimOfASecondAddressLosesOnlyTheAddress: a user who has confirmed another address keeps the account when the claimed
// address is confirmed by its owner.
func claimOfASecondAddressLosesOnlyTheAddress(c *Case) {
	c.StartMail()
	ann := c.verified("ann")
	ann.Post("/auth/emails/", obj{"email": "typo@example.com"}).Want(201)
	c.Mail("verify")
	c.owner("owner", "typo@example.com") // for ann it is not the primary address
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	ann.Get("/auth/user/").Want(200)
	if all := emails(ann); len(all) != 1 || all[0].Email != "ann@example.com" {
		c.Errorf("ann has %+v", all)
	}
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
}

// claimNoticesNameNoUser covers T010: when a user adds the address of another user, only the owner of the address is
// told.
func claimNoticesNameNoUser(c *Case) {
	c.StartMail()
	c.verified("ann")
	bob := c.verified("bob")
	r := bob.Post("/auth/emails/", obj{"email": "ann@example.com"}).Want(201)
	other := bob.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	if masked(r.Text) != masked(other.Text) {
		c.Errorf("%s and %s", r.Text, other.Text)
	}
	kinds := map[string]string{}
	for _, m := range c.Mails() {
		kinds[m.To] = m.Kind
	}
	if kinds["ann@example.com"] != "account_exists" || kinds["new@example.com"] != "verify" {
		c.Errorf("mails: %v", kinds)
	}
	bob.Post(emailPath(emails(bob)[1].ID, "resend"), nil).Want(200)
	c.noMailTo("verify", "ann@example.com")
}

// contestedAddressNeedsANewPassword: whichever link the owner opens, earlier passwords and sessions stop working. A mail
// lets the owner set a new password.
func contestedAddressNeedsANewPassword(c *Case) {
	for name, change := range map[string]func(*config.Config){
		"mandatory": mandatory, "logging in": func(cfg *config.Config) { mandatory(cfg); cfg.LoginOnVerify = true },
	} {
		for _, last := range []bool{false, true} {
			c.documented = nil
			c.StartMail(change)
			c.owner("victim", "victim@example.com")
			first := c.Mail("verify")
			c.Clock.Advance(time.Second)
			thief := c.squat("mallory", "victim@example.com")
			mail := c.Mail("verify")
			if !last {
				mail = first
			}
			if text := c.verify(mail.Key(c.T)).Want(200).Text; !strings.Contains(text, "an e-mail with a link to choose a new password") {
				c.Errorf("answers %s", text)
			}
			for _, in := range []obj{
				{"username": "victim", "password": authtest.Password}, {"username": "mallory", "password": thiefPassword},
				{"email": "victim@example.com", "password": authtest.Password}, {"email": "victim@example.com", "password": thiefPassword},
			} {
				c.Client().Post("/auth/login/", in).WantCode(400, binding.CodeInvalid)
			}
			thief.Get("/auth/user/").Want(401)
			reset := c.Mail("reset")
			c.Client().Post("/auth/password/reset/confirm/", resetForm(reset.UID(c.T), reset.Key(c.T), "Mirror-Maze-88")).Want(200)
			c.Client().Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
			if c.Failed() {
				c.Fatalf("%s, the last link %v", name, last)
			}
		}
	}
}

// directoryTakesNoAddress: the first login of a directory user with the address of a local superuser is refused.
// Sign-ups lose the address and nothing else.
func directoryTakesNoAddress(c *Case) {
	c.StartMail(func(cfg *config.Config) {
		cfg.Backends = []config.Backend{config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
			if in.Username != "clerk" {
				return nil, nil
			}
			return &models.User{Username: "clerk", Email: in.Password + "@example.com"}, nil
		}), config.PasswordBackend{}}
	})
	c.created("boss", "boss@example.com")
	boss, mallory := c.LoggedIn("boss"), c.SignedUp("mallory")
	c.Client().Post("/auth/login/", obj{"username": "clerk", "password": "boss"}).WantProblems("non_field_errors invalid_credentials")
	c.Client().Post("/auth/login/", obj{"username": "clerk", "password": "mallory"}).Want(200)
	for browser, want := range map[*authtest.Client]string{boss: "boss@example.com", mallory: ""} {
		var user binding.User
		if browser.Get("/auth/user/").Want(200).JSON(&user); user.Email != want {
			c.Errorf("%s has %q", user.Username, user.Email)
		}
	}
	c.LoggedIn("mallory")
}

// addressesWithoutAUserAreIgnored: the application deleted a user itself, and then someone signs up with the address.
func addressesWithoutAUserAreIgnored(c *Case) {
	for _, change := range []func(*config.Config){mandatory, func(*config.Config) {}} {
		c.documented = nil
		c.StartMail(change)
		c.SignedUp("ann")
		c.verify(c.Mail("verify").Key(c.T)).Want(200)
		if err := c.DB.Delete(&models.User{}, c.user("ann").ID).Error; err != nil {
			c.Fatal(err)
		}
		c.SignedUp("ann")
		c.verify(c.Mail("verify").Key(c.T)).Want(200)
		c.LoggedIn("ann")
		bob := c.SignedUp("bob")
		c.Mails()
		if err := c.DB.Delete(&models.User{}, c.user("bob").ID).Error; err != nil {
			c.Fatal(err)
		}
		bob.Get("/auth/user/").Want(401)
		if _, err := c.Auth.Sweep(c.Context()); err != nil {
			c.Fatal(err)
		}
		if n := c.count(&models.Email{}); n != 1 {
			c.Errorf("%d addresses", n)
		}
	}
}

// accountWithoutPasswordKeepsItsAddress: an account without a password can only log in by its address. When the owner
// confirms the address for another account, it stays in the first one, unconfirmed. The owner gets back in by deleting
// the other account.
func accountWithoutPasswordKeepsItsAddress(c *Case) {
	c.StartMail()
	c.created("boss", "boss@example.com")
	c.LoggedIn("boss")
	c.LoggedIn("boss")
	c.Client().Post("/auth/security/revoke/", obj{"key": c.Mail("new_device").Key(c.T)}).Want(200)
	c.Mail("secured")
	browser := c.verified("other")
	_, mail := c.added(browser, "boss@example.com")
	verifyIn(browser, mail.Key(c.T)).Want(200)
	boss := obj{"email": "boss@example.com", "password": "Mirror-Maze-88"}
	browser.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	c.Mails()
	c.Clock.Advance(time.Hour)
	c.askReset("boss@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	var out binding.LoginResponse
	c.Client().Post("/auth/login/", boss).Want(200).JSON(&out)
	if out.User.Username != "boss" {
		c.Errorf("the owner is %s", out.User.Username)
	}
}

// noMailTo wants no mail of this kind to the address.
func (c *Case) noMailTo(kind, address string) {
	c.Helper()
	for _, m := range c.Mails() {
		if m.Kind == kind && m.To == address {
			c.Errorf("a mail of kind %s went to %s", kind, address)
		}
	}
}
