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

var emailCases = Group{Name: "email", Cases: []func(*Case){
	slowAddressChangesFailWhenTheirSessionEnds, emailIsChanged, emailsHaveRules, emailsOfOthersAreOutOfReach,
	emailsNeedAFreshLogin, emailLinkConfirmsOnlyItsAddress, raceToAddEmails, addressesPerUserAreBounded,
	raceToConfirmOneAddress, confirmEmailNeedsNoMail, newPasswordRemovesUnconfirmedAddresses, mailsGoToTheStoredSpelling,
	migrateAgainMovesNoAddress,
}}

// emailIsChanged covers T112: a user adds an address, confirms it and makes it primary. The old address gets a notice.
func emailIsChanged(c *Case) {
	c.StartMail()
	ann := c.verified("ann")
	email, mail := c.added(ann, "Ann.New@Example.com")
	if email.Email != "Ann.New@example.com" || email.Verified || email.Primary || mail.To != email.Email {
		c.Errorf("got %+v, mail to %s", email, mail.To)
	}
	ann.Post(emailPath(email.ID, "primary"), nil).WantProblems("non_field_errors email_unverified")
	c.verify(mail.Key(c.T)).WantCode(401, binding.CodeNotAuthenticated) // not in another person's browser (T114)
	c.verified("bob").Post("/auth/registration/verify-email/", obj{"key": mail.Key(c.T)}).WantCode(403, binding.CodePermissionDenied)
	verifyIn(ann, mail.Key(c.T)).Want(200)
	if notified := c.Mail("email_added"); notified.To != "ann@example.com" {
		c.Errorf("the mail went to %s", notified.To)
	}
	ann.Post(emailPath(email.ID, "primary"), nil).Want(200).JSON(&email)
	if !email.Primary || !email.Verified {
		c.Errorf("got %+v", email)
	}
	if notified := c.Mail("email_changed"); notified.To != "ann@example.com" {
		c.Errorf("the mail went to %s", notified.To)
	}
	var user binding.User
	ann.Get("/auth/user/").Want(200).JSON(&user)
	if user.Email != "Ann.New@example.com" {
		c.Errorf("the user has %s", user.Email)
	}
	ann.Post(emailPath(email.ID, "primary"), nil).Want(200) // repeating it changes nothing and sends nothing
	ann.Delete(emailPath(email.ID, "")).WantProblems("non_field_errors primary_email")
	old := emails(ann)[0]
	ann.Delete(emailPath(old.ID, "")).Want(204)
	if notified := c.Mail("email_removed"); notified.To != "Ann.New@example.com" {
		c.Errorf("the mail went to %s", notified.To)
	}
	if all := emails(ann); len(all) != 1 || all[0].ID != email.ID {
		c.Errorf("left: %+v", all)
	}
	c.Client().Post("/auth/login/", obj{"email": "ann.new@example.com", "password": authtest.Password}).Want(200)
	c.Client().Post("/auth/login/", obj{"email": "ann@example.com", "password": authtest.Password}).Want(400)
}

func emailsHaveRules(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Mail.MaxAddresses = 3 })
	ann := c.verified("ann")
	for body, problem := range map[string]string{"": "blank", "nope": "invalid_email", "ANN@example.com": "taken"} {
		ann.Post("/auth/emails/", obj{"email": body}).WantProblems("email " + problem)
	}
	ann.Post("/auth/emails/", obj{}).WantProblems("email required")
	for i := range 2 {
		ann.Post("/auth/emails/", obj{"email": fmt.Sprintf("ann%d@example.com", i)}).Want(201)
	}
	ann.Post("/auth/emails/", obj{"email": "ann3@example.com"}).WantProblems("email too_many")
	c.Mails()
	all := emails(ann)
	ann.Post(emailPath(all[0].ID, "resend"), nil).WantProblems("non_field_errors already_verified")
	ann.Post(emailPath(all[1].ID, "resend"), nil).Want(200)
	key := c.Mail("verify").Key(c.T)
	ann.Delete(emailPath(all[1].ID, "")).Want(204)
	c.verify(key).WantCode(404, binding.CodeInvalidTicket) // the link is deleted with the address
	ann.Delete(emailPath(all[1].ID, "")).WantCode(404, binding.CodeNotFound)
}

// emailsOfOthersAreOutOfReach covers T015: a user cannot read or change addresses of other users by their IDs.
func emailsOfOthersAreOutOfReach(c *Case) {
	c.StartMail()
	ann, bob := c.verified("ann"), c.verified("bob")
	id := emails(ann)[0].ID
	for _, path := range []string{emailPath(id, "primary"), emailPath(id, "resend"), "/auth/emails/0/primary/", "/auth/emails/-1/primary/", "/auth/emails/x/resend/", "/auth/emails/99999999999999999999/resend/"} {
		bob.Post(path, nil).WantCode(404, binding.CodeNotFound)
	}
	bob.Delete(emailPath(id, "")).WantCode(404, binding.CodeNotFound)
	c.Client().Get("/auth/emails/").Want(401)
	if len(emails(ann)) != 1 {
		c.Error("ann lost the address")
	}
}

// emailsNeedAFreshLogin covers T112: an open session alone is not enough.
func emailsNeedAFreshLogin(c *Case) {
	c.StartMail()
	ann := c.verified("ann")
	c.Clock.Advance(5 * time.Minute)
	id := emails(ann)[0].ID
	for _, send := range []func(body obj) *authtest.Response{
		func(body obj) *authtest.Response {
			body["email"] = "new@example.com"
			return ann.Post("/auth/emails/", body)
		},
		func(body obj) *authtest.Response { return ann.Post(emailPath(id, "primary"), body) },
		func(body obj) *authtest.Response { return ann.Do("DELETE", emailPath(id, ""), body) },
		func(body obj) *authtest.Response { return ann.Post("/auth/user/delete/", body) },
	} {
		send(obj{}).WantCode(403, binding.CodeFreshLogin)
		send(obj{"password": ""}).WantCode(403, binding.CodeFreshLogin)
		send(obj{"password": "wrong"}).WantProblems("password password_incorrect")
		if r := send(obj{"password": authtest.Password}); r.StatusCode == 403 || strings.Contains(r.Text, "password_incorrect") {
			c.Errorf("with the password: %d %s", r.StatusCode, r.Text)
		}
	}
}

// emailLinkConfirmsOnlyItsAddress covers T110: a link confirms the address that it was mailed to, no matter what was
// requested since.
func emailLinkConfirmsOnlyItsAddress(c *Case) {
	c.StartMail()
	ann := c.verified("ann")
	x, toX := c.added(ann, "x@example.com")
	_, toY := c.added(ann, "y@example.com")
	verifyIn(ann, toX.Key(c.T)).Want(200)
	for _, e := range emails(ann) {
		if e.Verified != (e.Email == "ann@example.com" || e.ID == x.ID) {
			c.Errorf("%+v", e)
		}
	}
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200) // the password was changed by someone else
	verifyIn(ann, toY.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
}

// raceToAddEmails covers T236: concurrent requests never mix up address and ticket.
func raceToAddEmails(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Mail.MaxAddresses = 100 })
	ann := c.verified("ann")
	got := c.concurrently(16, func(i int) *authtest.Response {
		return ann.Clone().Post("/auth/emails/", obj{"email": fmt.Sprintf("%s%d@example.com", []string{"victim", "thief"}[i%2], i)})
	})
	mails := c.Mails()
	if got[201] != 16 || len(mails) != 16 {
		c.Fatalf("got %v and %d mails; log: %s", got, len(mails), c.Log)
	}
	for _, m := range mails {
		if strings.HasPrefix(m.To, "thief") {
			verifyIn(ann, m.Key(c.T)).Want(200)
		}
	}
	for _, e := range emails(ann)[1:] {
		if e.Verified != strings.HasPrefix(e.Email, "thief") {
			c.Errorf("%+v", e)
		}
	}
}

// addressesPerUserAreBounded: concurrent requests are counted one after the other (D5).
func addressesPerUserAreBounded(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Mail.MaxAddresses = 5 })
	ann := c.verified("ann")
	got := c.concurrently(16, func(i int) *authtest.Response {
		return ann.Clone().Post("/auth/emails/", obj{"email": fmt.Sprintf("ann%d@example.com", i)})
	})
	if all := emails(ann); got[201] != 4 || got[400] != 12 || len(all) != 5 {
		c.Errorf("got %v, want 4 addresses more and 12 refusals; %d in all; log: %s", got, len(all), c.Log)
	}
}

// raceToConfirmOneAddress: one user gets it, and the responses say which one.
func raceToConfirmOneAddress(c *Case) {
	c.StartMail()
	const n = 8
	var keys [n]string
	var browsers [n]*authtest.Client
	for i := range n {
		browsers[i] = c.verified(fmt.Sprintf("user%d", i))
	}
	for i := range n {
		browsers[i].Post("/auth/emails/", obj{"email": "shared@example.com", "password": authtest.Password}).Want(201)
		for _, m := range c.Mails() {
			keys[i] = m.Key(c.T)
		}
		c.Clock.Advance(15 * time.Minute)
	}
	got := c.concurrently(n, func(i int) *authtest.Response {
		r := verifyIn(browsers[i].Clone(), keys[i])
		if r.StatusCode == 200 && keys[i] == "" {
			c.Error("an empty key was stored")
		}
		return r
	})
	if got[200] != 1 || got[404] != n-1 {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
	owners := 0
	for i := range n {
		for _, e := range emails(browsers[i]) {
			if e.Email == "shared@example.com" && e.Verified {
				owners++
			} else if e.Email == "shared@example.com" {
				c.Errorf("user%d still has the address", i)
			}
		}
	}
	if owners != 1 {
		c.Errorf("%d owners", owners)
	}
}

// confirmEmailNeedsNoMail: the application confirms an address itself.
func confirmEmailNeedsNoMail(c *Case) {
	c.StartMail(mandatory)
	squatter := c.Client()
	squatter.Post("/auth/registration/", authtest.SignUp("squatter")).Want(201)
	c.Mail("verify")
	boss := &models.User{Username: "boss", Email: "squatter@example.com"}
	ctx := c.Context()
	if err := c.Auth.CreateUser(ctx, boss, authtest.Password); err != nil {
		c.Fatal(err)
	}
	c.Client().Post("/auth/login/", authtest.Login("boss")).WantProblems("non_field_errors email_unverified")
	for _, address := range []string{boss.Email, "boss@example.com", boss.Email} {
		if err := c.Auth.ConfirmEmail(ctx, boss.ID, address); err != nil {
			c.Fatal(err)
		}
	}
	c.LoggedIn("boss")
	c.LoggedIn("squatter@example.com") // the address belongs to this account now
	other := &models.User{Username: "other"}
	if err := c.Auth.CreateUser(ctx, other, authtest.Password); err != nil {
		c.Fatal(err)
	}
	for address, code := range map[string]string{"boss@example.com": "taken", "nope": "invalid_email"} {
		if err := c.Auth.ConfirmEmail(ctx, other.ID, address); err == nil || !strings.Contains(err.Error(), code) {
			c.Errorf("%s: %v", address, err)
		}
	}
	if err := c.Auth.ConfirmEmail(ctx, 999, "x@example.com"); err == nil || !strings.Contains(err.Error(), "no such user") {
		c.Errorf("got %v", err)
	}
}
