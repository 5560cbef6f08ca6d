package dbtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// resendIsForSignUpsOnly: a stranger adds the address of a new user to their own account. A resend mails the new
// user's own link again, not the stranger's.
func resendIsForSignUpsOnly(c *Case) {
	c.StartMail(mandatory)
	c.owner("victim", "victim@example.com")
	own := c.Mail("verify").Key(c.T)
	c.Client().Post("/auth/registration/", authtest.SignUp("mallory")).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	mallory := c.LoggedIn("mallory")
	c.Mails()
	mallory.Post("/auth/emails/", obj{"email": "victim@example.com"}).Want(201)
	foreign := c.Mail("verify").Key(c.T)
	c.Clock.Advance(time.Second)
	c.resend("victim@example.com")
	if again := c.Mail("verify").Key(c.T); again != own {
		c.Error("the new user got the stranger's link")
	}
	c.verify(foreign).WantCode(401, binding.CodeNotAuthenticated)
	c.Client().Post("/auth/registration/verify-email/", obj{"key": foreign}).Want(401)
	c.verify(own).Want(200)
	c.LoggedIn("victim")
	verifyIn(mallory, foreign).WantCode(404, binding.CodeInvalidTicket)
}

func confirmedAddressBecomesPrimary(c *Case) {
	c.StartMail()
	bob := c.owner("bob", "typo@example.com")
	c.Mail("verify")
	email, mail := c.added(bob, "bob@example.com")
	verifyIn(bob, mail.Key(c.T)).Want(200)
	for _, e := range emails(bob) {
		if e.Primary != (e.ID == email.ID) {
			c.Errorf("%+v", e)
		}
	}
	c.Client().Post("/auth/login/", obj{"email": "bob@example.com", "password": authtest.Password}).Want(200)
	c.Client().Post("/auth/login/", obj{"email": "typo@example.com", "password": authtest.Password}).Want(400)
}

// linkInTheOwnSessionKeepsThePassword: the session shows that the link belongs to the account, so the password stays.
// The other account that names the address loses only the address.
func linkInTheOwnSessionKeepsThePassword(c *Case) {
	c.StartMail()
	victim := c.owner("victim", "victim@example.com")
	mail := c.Mail("verify")
	c.created("boss", "victim@example.com")
	boss := c.LoggedIn("boss")
	c.Mails()
	verifyIn(victim, mail.Key(c.T)).Want(200)
	c.NoMail()
	victim.Get("/auth/user/").Want(200)
	boss.Get("/auth/user/").Want(200)
	c.LoggedIn("boss")
	c.Client().Post("/auth/login/", obj{"email": "victim@example.com", "password": authtest.Password}).Want(200)
	if got := c.user("boss").Email; got != "" {
		c.Errorf("boss has %s", got)
	}
}

// linkOfAnotherUserIsRefused: in the session of one user, no link gives the address to another user's account. The link
// stays valid.
func linkOfAnotherUserIsRefused(c *Case) {
	c.StartMail()
	c.squat("mallory", "boss@example.com")
	mail := c.Mail("verify")
	c.created("boss", "boss@example.com")
	boss := c.LoggedIn("boss")
	verifyIn(boss, mail.Key(c.T)).WantCode(403, binding.CodePermissionDenied)
	if emails(boss)[0].Verified {
		c.Error("the address is confirmed")
	}
	c.verify(mail.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
	if boss.Get("/auth/user/").Want(200); c.user("boss").Email != "boss@example.com" {
		c.Error("boss lost the address")
	}
}

// linkOfAStrangerTakesNoAccount: an account was not made by sign-up and has no password yet. Its user opens the link of
// a stranger's sign-up with the address, which leads to the user's own account.
func linkOfAStrangerTakesNoAccount(c *Case) {
	for _, change := range []func(*config.Config){mandatory, func(*config.Config) {}} {
		c.documented = nil
		c.StartMail(change, byCode)
		c.squat("early", "boss@example.com")
		early := c.Mail("verify")
		boss := &models.User{Username: "boss", Email: "boss@example.com", IsStaff: true}
		if err := c.Auth.CreateUser(c.Context(), boss, ""); err != nil {
			c.Fatal(err)
		}
		c.verify(early.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
		c.Client().Post("/auth/registration/verify-email/", obj{"email": "boss@example.com", "code": early.Code(c.T)}).Want(404)
		if c.Auth.Config().EmailVerification == config.VerifyMandatory {
			c.squat("late", "boss@example.com")
			if mail := c.Mail("account_exists"); mail.To != "boss@example.com" {
				c.Errorf("sent to %s", mail.To)
			}
		}
		c.Clock.Advance(2 * time.Hour)
		c.askReset("boss@example.com")
		c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
		var out binding.LoginResponse
		c.Client().Post("/auth/login/", obj{"email": "boss@example.com", "password": "Mirror-Maze-88"}).Want(200).JSON(&out)
		if out.User == nil || out.User.PK != boss.ID {
			c.Errorf("the reset leads to %+v", out.User)
		}
		if u := c.user("early"); u.Email != "" {
			c.Errorf("the stranger has %q", u.Email)
		}
	}
}

// addressOfManyClaimantsIsConfirmed: the number of statements does not depend on the number of claimants.
func addressOfManyClaimantsIsConfirmed(c *Case) {
	m := c.startMeasured()
	ann := c.SignedUp("ann")
	mail := c.Mail("verify")
	var users []models.User
	var rows []models.Email
	for i := range 1200 {
		u := models.User{Password: "x", IsActive: true, DateJoined: c.Clock.Now()}
		u.SetUsername(fmt.Sprint("mallory", i))
		u.SetEmail("ann@example.com")
		users = append(users, u)
	}
	if err := c.DB.CreateInBatches(&users, 200).Error; err != nil {
		c.Fatal(err)
	}
	for _, u := range users {
		rows = append(rows, models.Email{UserID: u.ID, Address: u.Email, Key: models.EmailKey(u.Email), CreatedAt: c.Clock.Now()})
	}
	if err := c.DB.CreateInBatches(&rows, 200).Error; err != nil {
		c.Fatal(err)
	}
	r := c.measure(m, func() *authtest.Response { return verifyIn(ann, mail.Key(c.T)) })
	if n := strings.Count(r.statements, "\n"); r.status != 200 || n > 50 {
		c.Errorf("%d after %d statements", r.status, n)
	}
	for _, name := range []string{"mallory0", "mallory777", "mallory1199"} {
		if u := c.user(name); u.Email != "" || u.SessionEpoch != 0 {
			c.Errorf("%s has %q, epoch %d", name, u.Email, u.SessionEpoch)
		}
	}
	if n := c.count(&models.Email{}); n != 1 || c.user("ann").Email != "ann@example.com" {
		c.Errorf("%d addresses", n)
	}
}

// slowLinkFailsWhenItsClaimEnds: the link of a sign-up does not confirm an address that is no longer the primary one.
func slowLinkFailsWhenItsClaimEnds(c *Case) {
	var m interruption
	c.StartMail(func(cfg *config.Config) { cfg.LoginOnVerify, cfg.Rand = true, &m })
	mallory := c.owner("mallory", "victim@example.com")
	link := c.Mail("verify")
	_, own := c.added(mallory, "mallory@example.com")
	m.set(func() { verifyIn(mallory, own.Key(c.T)).Want(200) })
	c.Client().Post("/auth/registration/verify-email/", obj{"key": link.Key(c.T)}).Want(404)
	for _, e := range emails(mallory) {
		if e.Email == "victim@example.com" && e.Verified {
			c.Error("mallory has the address")
		}
	}
}

// loginResponseHasTheConfirmedAddress: the response of a login by link has the user as they are after the link.
func loginResponseHasTheConfirmedAddress(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.LoginOnVerify = true })
	ann := c.SignedUp("ann")
	c.Mails()
	_, mail := c.added(ann, "new@example.com")
	var out binding.LoginResponse
	if verifyIn(ann, mail.Key(c.T)).Want(200).JSON(&out); out.User == nil || out.User.Email != "new@example.com" {
		c.Errorf("got %+v", out.User)
	}
}
