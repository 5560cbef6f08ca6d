package dbtest

// Package invite: what invitations do not tell, races, and strangers with the same address.

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// invitationsGiveOnlyOwnRights: an operator cannot invite to groups that may do more.
func invitationsGiveOnlyOwnRights(c *Case) {
	c.startInvitations(invite.Options{})
	c.App.User(c.T, "ann", func(u *models.User) { u.IsStaff = true })
	id := c.user("ann").ID
	c.must(roles.Grant(c.Context(), c.Auth, id, invite.MayAdd))
	ann := c.LoggedIn("ann")
	c.Mails()
	ann.Post("/auth/admin/invitations/", obj{"groups": []string{"Sales"}}).WantCode(403, binding.CodePermissionDenied)
	c.must(roles.AddToGroups(c.Context(), c.Auth, id, "Sales"))
	ann.Post("/auth/admin/invitations/", obj{"groups": []string{"Sales"}}).Want(201)
	c.must(roles.SetGroup(c.Context(), c.Auth, roles.Group{Name: "Payroll"})) // the application asks for its name
	ann.Post("/auth/admin/invitations/", obj{"groups": []string{"Payroll"}}).WantCode(403, binding.CodePermissionDenied)
	if n := c.count(&invite.Invitation{}); n != 1 {
		c.Error(n, "invitations")
	}
}

// invitationsTellNoStranger who was invited, or which keys there were.
func invitationsTellNoStranger(c *Case) {
	root := c.startInvitations(invite.Options{Only: true}, mandatory)
	used := c.invited(root, "ann@example.com", nil)
	c.signUpWith("ann", used).Want(201)
	revoked, id := c.invitationCode(root, obj{})
	root.Delete(fmt.Sprint("/auth/admin/invitations/", id, "/")).Want(204)
	c.invited(root, "waiting@example.com", nil)
	text := ""
	for _, name := range []string{"ann", "waiting", "bob"} {
		for _, key := range []string{used, revoked, "inv_nonsense", "\u0000"} {
			r := c.signUpWith(name, key)
			if key == "\u0000" {
				r.Want(400)
				continue
			}
			got := strings.ReplaceAll(r.Want(400).Text, name, "")
			if name == "ann" {
				continue // the name is taken, which all clients may know
			}
			if text == "" {
				text = got
			} else if got != text {
				c.Errorf("%s is not %s", got, text)
			}
		}
	}
}

func raceForOneInvitation(c *Case) {
	root := c.startInvitations(invite.Options{})
	key, _ := c.invitationCode(root, obj{"max_uses": 2})
	statuses := make(chan int, 8)
	for i := range cap(statuses) {
		go func() { statuses <- c.signUpWith(fmt.Sprint("user", i), key).StatusCode }()
	}
	got := map[int]int{}
	for range cap(statuses) {
		got[<-statuses]++
	}
	if got[201] != 2 || got[400] != cap(statuses)-2 || c.count(&invite.Use{}) != 2 {
		c.Error(got)
	}
}

// invitationOnlyAtEveryDoor: passwords, passkeys and accounts of providers.
func invitationOnlyAtEveryDoor(c *Case) {
	idp := socialtest.New(c.T)
	c.With(invitations(invite.Options{Only: true}), roles.Feature(shop()), idp.Feature(acme()), passkeys(func(o *passkey.Options) { o.SignUp = true })).StartMail()
	c.Client().Post("/auth/registration/", obj{"username": "ann", "email": "ann@example.com", "password1": authtest.Password, "password2": authtest.Password}).WantProblems("invitation required")
	c.Client().Post("/auth/passkeys/signup/begin/", obj{"username": "ann", "email": "ann@example.com"}).WantProblems("invitation required")
	browser := c.Client()
	var asks struct {
		SignUpRequired bool `json:"signup_required"`
		Ticket         string
		Required       []string
	}
	c.byAcme(idp, browser, socialtest.Claims{"sub": "1", "email": "eve@example.com", "email_verified": true}).Want(200).JSON(&asks)
	if !asks.SignUpRequired || !strings.Contains(fmt.Sprint(asks.Required), "invitation") || c.count(&models.User{}) != 0 {
		c.Fatalf("%+v", asks)
	}
	browser.Post("/auth/socialsignup/", obj{"ticket": asks.Ticket, "username": "eve"}).WantProblems("invitation required")
	made, err := invite.Create(c.Context(), c.Auth, invite.New{MaxUses: 3, Groups: []string{"Sales"}})
	c.must(err)
	browser.Post("/auth/socialsignup/", obj{"ticket": asks.Ticket, "username": "eve", "invitation": "inv_wrong"}).WantProblems("invitation invitation_not_valid")
	browser.Post("/auth/socialsignup/", obj{"ticket": asks.Ticket, "username": "eve", "invitation": made.Key}).Want(201)
	c.Client().Post("/auth/passkeys/signup/begin/", obj{"username": "bob", "email": "bob@example.com", "invitation": made.Key}).Want(200)
	c.signUpWith("ann", made.Key).Want(201)
	c.byAcme(idp, c.Client(), socialtest.Claims{"sub": "1", "email": "eve@example.com", "email_verified": true}).Want(200) // later logins need none
	if c.count(&invite.Use{}) != 2 {
		c.Error(c.count(&invite.Use{}), "uses")
	}
	if text := c.Client().Get("/auth/config/").Want(200).Text; !strings.Contains(text, `"invite":{"required":true}`) {
		c.Error(text)
	}
}

// invitationsOfPendingSignUps are given back when the address is never confirmed.
func invitationsOfPendingSignUps(c *Case) {
	root := c.startInvitations(invite.Options{Lifetime: 60 * 24 * time.Hour}, mandatory)
	key, _ := c.invitationCode(root, obj{})
	c.signUpWith("ann", key).Want(201)
	c.signUpWith("bob", key).WantProblems("invitation invitation_not_valid")
	c.Clock.Advance(c.Auth.Config().UnconfirmedLifetime + time.Hour)
	_, err := c.Auth.Sweep(c.Context())
	c.must(err)
	c.signUpWith("bob", key).Want(201)
}

// invitationsOutliveSquatters: a sign-up that only names the address does not keep the invited user from it, and an owner does.
func invitationsOutliveSquatters(c *Case) {
	root := c.startInvitations(invite.Options{})
	c.SignedUp("mallory")
	c.Mails()
	key := c.invited(root, "mallory@example.com", nil)
	body := obj{"username": "owner", "email": "mallory@example.com", "password1": authtest.Password, "password2": authtest.Password, "invitation": key}
	c.Client().Post("/auth/registration/", body).Want(201)
	if c.confirmedAddresses("owner") != 1 || c.user("mallory").Email != "" {
		c.Error(c.user("mallory").Email)
	}
	again := c.invited(root, "mallory@example.com", nil)
	body["username"], body["invitation"] = "third", again
	c.Client().Post("/auth/registration/", body).WantProblems("email taken")
}

// invitationsEndWithTheirCreator: an operator who leaves does not come back by a code that they made before.
func invitationsEndWithTheirCreator(c *Case) {
	root := c.startInvitations(invite.Options{})
	key, _ := c.invitationCode(root, obj{"max_uses": 10, "groups": []string{"Sales"}})
	c.signUpWith("ann", key).Want(201)
	for _, lost := range []map[string]any{{"is_superuser": false, "is_staff": true}, {"is_superuser": false}, {"is_active": false}} {
		c.set("root", lost)
		c.signUpWith("bob", key).WantProblems("invitation invitation_not_valid")
		c.set("root", map[string]any{"is_superuser": true, "is_staff": false, "is_active": true})
	}
	c.must(c.Auth.Ban(c.Context(), c.user("root").ID, "left", time.Time{}))
	c.signUpWith("bob", key).WantProblems("invitation invitation_not_valid")
	c.must(c.Auth.Unban(c.Context(), c.user("root").ID))
	c.signUpWith("bob", key).Want(201)
	c.must(c.Auth.DeleteUser(c.Context(), c.user("root").ID))
	c.signUpWith("cyd", key).WantProblems("invitation invitation_not_valid")
}

// invitationsOfSignUpsThatBeginAgain: a user of a provider who mistyped the address begins again with the same key, which counts once.
func invitationsOfSignUpsThatBeginAgain(c *Case) {
	idp := socialtest.New(c.T)
	c.With(invitations(invite.Options{Only: true}), roles.Feature(shop()), idp.Feature(acme())).StartMail(mandatory)
	_, err := invite.Create(c.Context(), c.Auth, invite.New{Email: "eve@example.com", Groups: []string{"Sales"}})
	c.must(err)
	key := inTheLink.FindStringSubmatch(c.Mail("invitation").Text)[1]
	browser := c.Client()
	signUp := func(browser *authtest.Client, subject, name, address string) *authtest.Response {
		var asks struct{ Ticket string }
		c.byAcme(idp, browser, socialtest.Claims{"sub": subject}).Want(200).JSON(&asks)
		return browser.Post("/auth/socialsignup/", obj{"ticket": asks.Ticket, "username": name, "email": address, "invitation": key})
	}
	signUp(browser, "1", "eve", "typo@example.com").Want(201)
	signUp(browser, "1", "eve", "other@example.com").Want(201)
	signUp(c.Client(), "2", "mallory", "eve@example.com").WantProblems("invitation invitation_not_valid")
	signUp(browser, "1", "eve", "EVE@Example.com").Want(201)
	if user := c.user("eve"); user.Pending || user.Email != "eve@example.com" || c.confirmedAddresses("eve") != 1 {
		c.Errorf("%+v", user)
	}
	var row invite.Invitation
	c.must(c.DB.Take(&row).Error)
	if row.Uses != 1 || c.count(&invite.Use{}) != 1 || c.count(&models.User{}) != 1 {
		c.Errorf("%+v", row)
	}
	c.byAcme(idp, c.Client(), socialtest.Claims{"sub": "1", "jti": "2"}).Want(200)
}

// invitationsGiveTheInvitedAddress: another spelling of it may be another mailbox.
func invitationsGiveTheInvitedAddress(c *Case) {
	for _, mode := range []config.Verification{config.VerifyNone, config.VerifyOptional, config.VerifyMandatory} {
		root := c.startInvitations(invite.Options{}, func(cfg *config.Config) { cfg.EmailVerification = mode })
		key := c.invited(root, "Ann.Lee@example.com", nil)
		body := obj{"username": "ann", "email": "aNN.lEE@EXAMPLE.com", "password1": authtest.Password, "password2": authtest.Password, "invitation": key}
		c.Client().Post("/auth/registration/", body).Want(201)
		var listed []string
		c.must(c.DB.Model(&models.Email{}).Where("user_id = ?", c.user("ann").ID).Pluck("address", &listed).Error)
		if c.user("ann").Email != "Ann.Lee@example.com" || len(listed) != 1 || listed[0] != "Ann.Lee@example.com" {
			c.Errorf("%s: %s, %q", mode, c.user("ann").Email, listed)
		}
	}
}
