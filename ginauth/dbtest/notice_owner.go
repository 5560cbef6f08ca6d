package dbtest

import (
	"fmt"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// noticesGoToConfirmedAddresses: a user mistyped the address at sign-up and then confirmed the correct one. Notices go
// there, and the link of the person at the wrong address is invalid.
func noticesGoToConfirmedAddresses(c *Case) {
	c.StartMail()
	bob := c.owner("bob", "typo@example.com")
	c.Mail("verify")
	c.LoggedIn("bob")
	toStranger := c.Mail("new_device")
	if toStranger.To != "typo@example.com" {
		c.Fatalf("got %s", toStranger.To)
	}
	_, mail := c.added(bob, "bob@example.com")
	verifyIn(bob, mail.Key(c.T)).Want(200)
	c.NoMail()
	c.LoggedIn("bob")
	if notified := c.Mail("new_device"); notified.To != "bob@example.com" {
		c.Errorf("got %s", notified.To)
	}
	c.Client().Post("/auth/security/revoke/", obj{"key": toStranger.Key(c.T)}).WantCode(404, binding.CodeInvalidTicket)
	bob.Get("/auth/user/").Want(200)
}

// noticeOfAStrangersAccountTakesNothing: a stranger's account names the address of an account that was not made by
// sign-up. Whatever mail the owner of the address opens, the stranger loses the account and the owner loses nothing.
func noticeOfAStrangersAccountTakesNothing(c *Case) {
	c.StartMail(byCode)
	c.squat("mallory", "boss@example.com")
	c.Mails()
	thief := c.Client()
	thief.Post("/auth/login/", obj{"username": "mallory", "password": thiefPassword}).Want(200)
	notice := c.Mail("new_device")
	c.created("boss", "boss@example.com")
	boss := c.LoggedIn("boss")
	if c.Client().Post("/auth/login/", obj{"username": "mallory", "password": thiefPassword}).Want(200); len(c.Mails()) != 0 {
		c.Error("the owner got a mail about the stranger's account")
	}
	boss.Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).WantCode(403, binding.CodePermissionDenied)
	c.Client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).Want(200)
	thief.Get("/auth/user/").Want(401)
	c.Client().Post("/auth/login/", obj{"username": "mallory", "password": thiefPassword}).WantProblems("non_field_errors invalid_credentials")
	c.Mail("secured")
	boss.Get("/auth/user/").Want(200)
	c.Client().Post("/auth/login/", obj{"email": "boss@example.com", "password": authtest.Password}).Want(200)
	if u := c.user("boss"); u.Email != "boss@example.com" || c.count(&models.Email{}) != 2 {
		c.Errorf("boss has %q", u.Email)
	}
	c.Mails()
	c.Client().Post("/auth/login/code/", obj{"email": "boss@example.com"}).Want(200)
	var out binding.LoginResponse
	c.Client().Post("/auth/login/code/confirm/", obj{"key": c.Mail("login_code").Key(c.T)}).Want(200).JSON(&out)
	if out.User == nil || out.User.Username != "boss" {
		c.Errorf("the code opens %+v", out.User)
	}
}

// noticesIgnoreAddressesWithoutAUser: the application deleted the owner of an address itself. Notices go to the account
// that has the address now.
func noticesIgnoreAddressesWithoutAUser(c *Case) {
	c.StartMail()
	c.verified("ann")
	if err := c.DB.Delete(&models.User{}, c.user("ann").ID).Error; err != nil {
		c.Fatal(err)
	}
	ann := c.SignedUp("ann")
	c.Mails()
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if m := c.Mail("password_changed"); m.To != "ann@example.com" {
		c.Errorf("to %s", m.To)
	}
}

// ownerWinsOverThief covers T112: a thief who knows the password takes over the account by every possible means. The
// first notice gives it back to the owner.
func ownerWinsOverThief(c *Case) {
	c.StartMail()
	c.verified("ann")
	thief := c.LoggedIn("ann")
	c.Mail("new_device")
	c.Clock.Advance(time.Second)
	email, mail := c.added(thief, "thief@example.com")
	verifyIn(thief, mail.Key(c.T)).Want(200)
	c.Mail("email_added")
	thief.Post(emailPath(email.ID, "primary"), nil).Want(200)
	toOwner := c.Mail("email_changed")
	thief.Delete(emailPath(emails(thief)[0].ID, "")).Want(204)
	c.Mail("email_removed") // to the thief
	c.Clock.Advance(time.Second)
	thief.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	toThief := c.Mail("password_changed")
	if toOwner.To != "ann@example.com" || toThief.To != "thief@example.com" {
		c.Fatalf("notices went to %s and %s", toOwner.To, toThief.To)
	}
	c.Client().Post("/auth/security/revoke/", obj{"key": toThief.Key(c.T)}).Want(200) // the thief opens the link first
	c.Mails()
	c.Clock.Advance(6 * 24 * time.Hour)
	c.Client().Post("/auth/security/revoke/", obj{"key": toOwner.Key(c.T)}).Want(200)
	reset := c.Mail("secured")
	if reset.To != "ann@example.com" {
		c.Errorf("the link for a new password went to %s", reset.To)
	}
	c.reset(reset, "Looking-Glass-9").Want(200)
	c.Mails()
	c.askReset("thief@example.com")
	c.NoMail()
	owner := c.Client()
	owner.Post("/auth/login/", obj{"email": "ann@example.com", "password": "Looking-Glass-9"}).Want(200)
	if all := emails(owner); len(all) != 1 || all[0].Email != "ann@example.com" || !all[0].Primary || !all[0].Verified {
		c.Errorf("addresses: %+v", all)
	}
}

// securedDuringPasswordChanges: the two requests lock user and tickets in different orders, which can be a deadlock. The
// one that fails starts again.
func securedDuringPasswordChanges(c *Case) {
	c.StartMail()
	for i := range 8 {
		name := fmt.Sprint("ann", i)
		c.verified(name)
		thief, owner := c.LoggedIn(name), c.Client()
		notice := c.Mail("new_device").Key(c.T)
		var all sync.WaitGroup
		password := authtest.Password
		all.Go(func() {
			for k := range 6 {
				next := fmt.Sprintf("Mirror-Maze-%d", 80+k)
				if thief.Post("/auth/password/change/", change(password, next)).StatusCode != 200 {
					return
				}
				password = next
			}
		})
		all.Go(func() { owner.Post("/auth/security/revoke/", obj{"key": notice}).Want(200) })
		all.Wait()
		c.Client().Post("/auth/login/", obj{"username": name, "password": password}).WantProblems("non_field_errors invalid_credentials")
		c.Mails()
	}
}
