package dbtest

// Package invite: who may invite, what a key is worth, and that it is used once.

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

var inviteCases = Group{Name: "invite", Cases: []func(*Case){
	invitationsConfirmTheirAddress, invitationsForOtherAddresses, invitationCodesConfirmNothing, invitationsEnd, invitationsWithoutAFeature,
	invitationsNeedARight, invitationsGiveOnlyOwnRights, invitationsAreListedAndRevoked, invitationsTellNoStranger, raceForOneInvitation,
	invitationOnlyAtEveryDoor, invitationsOfPendingSignUps, invitationsOutliveSquatters, invitationsAreErased, invitationsFromCode, invitationsEndWithTheirCreator,
	invitationsOfSignUpsThatBeginAgain, invitationsGiveTheInvitedAddress, invitationsAreAccepted, usesGetTheirKey,
}}

func invitations(o invite.Options) core.Feature {
	o.Page = "https://app.example.com/signup?email={email}&invitation={key}"
	return invite.Feature(o)
}

// startInvitations starts an application with invitations and roles, and returns the browser of a superuser.
func (c *Case) startInvitations(o invite.Options, change ...func(*config.Config)) *authtest.Client {
	c.Helper()
	c.With(invitations(o), roles.Feature(shop())).StartMail(change...)
	c.App.User(c.T, "root", func(u *models.User) { u.IsSuperuser = true })
	root := c.LoggedIn("root")
	c.Mails()
	return root
}

var inTheLink = regexp.MustCompile(`invitation=([^\s"&]+)`)

// invited creates an invitation for an address, and returns the key of its mail.
func (c *Case) invited(root *authtest.Client, address string, more obj) string {
	c.Helper()
	body := obj{"email": address}
	for k, v := range more {
		body[k] = v
	}
	r := root.Post("/auth/admin/invitations/", body).Want(201)
	mail := c.Mail("invitation")
	found := inTheLink.FindStringSubmatch(mail.Text)
	if found == nil || mail.To != address || strings.Contains(r.Text, "inv_") || !strings.Contains(mail.Text, "email="+url.QueryEscape(address)) {
		c.Fatalf("%s %+v", r.Text, mail)
	}
	key, err := url.QueryUnescape(found[1])
	c.must(err)
	return key
}

// code creates an invitation without an address, and returns its key.
func (c *Case) invitationCode(root *authtest.Client, body obj) (key string, id int64) {
	c.Helper()
	var out invite.NewView
	root.Post("/auth/admin/invitations/", body).Want(201).JSON(&out)
	if out.Key == "" || !strings.HasSuffix(out.URL, out.Key) {
		c.Fatalf("%+v", out)
	}
	return out.Key, out.ID
}

// signUpWith signs a user up with an invitation.
func (c *Case) signUpWith(name, key string) *authtest.Response {
	c.Helper()
	body := obj{"username": name, "email": name + "@example.com", "password1": authtest.Password, "password2": authtest.Password, "invitation": key}
	return c.Client().Post("/auth/registration/", body)
}

func invitationsConfirmTheirAddress(c *Case) {
	for _, mode := range []config.Verification{config.VerifyNone, config.VerifyOptional, config.VerifyMandatory} {
		root := c.startInvitations(invite.Options{}, audited, func(cfg *config.Config) { cfg.EmailVerification, cfg.SignUpFields.Email = mode, config.FieldRequired })
		key := c.invited(root, "ann@example.com", obj{"groups": []string{"Sales"}})
		c.signUpWith("ann", key).Want(201)
		c.NoMail()
		if c.confirmedAddresses("ann") != 1 {
			c.Errorf("%s: the address is not confirmed", mode)
		}
		if text := c.LoggedIn("ann").Get("/auth/user/permissions/").Want(200).Text; !strings.Contains(text, "Sales") {
			c.Error(text)
		}
		c.signUpWith("bob", key).WantProblems("invitation invitation_not_valid")
		var used int64
		c.must(c.DB.Model(&models.Event{}).Where("event = ? AND user_id = ?", invite.EventUsed, c.user("ann").ID).Count(&used).Error)
		if used != 1 {
			c.Error(used, "events")
		}
	}
}

// invitationsForOtherAddresses confirm nothing.
func invitationsForOtherAddresses(c *Case) {
	root := c.startInvitations(invite.Options{}, mandatory)
	key := c.invited(root, "ann@example.com", nil)
	c.signUpWith("bob", key).Want(201)
	c.Mail("verify")
	if c.confirmedAddresses("bob") != 0 || !c.user("bob").Pending {
		c.Error("the address is confirmed")
	}
	c.signUpWith("ann", key).WantProblems("invitation invitation_not_valid")
}

func invitationCodesConfirmNothing(c *Case) {
	root := c.startInvitations(invite.Options{})
	key, _ := c.invitationCode(root, obj{"max_uses": 2, "groups": []string{"Sales"}})
	c.NoMail()
	c.signUpWith("ann", key).Want(201)
	c.Mail("verify")
	if c.confirmedAddresses("ann") != 0 {
		c.Error("the address is confirmed")
	}
	c.signUpWith("bob", key).Want(201)
	c.signUpWith("eve", key).WantProblems("invitation invitation_not_valid")
	for _, body := range []obj{{"max_uses": -1}, {"max_uses": 2_000_000}, {"email": "ann@example.com", "max_uses": 2}, {"expires_in": 60}, {"groups": []string{"None"}}, {"groups": []string{""}}, {"email": "x"}} {
		root.Post("/auth/admin/invitations/", body).Want(400)
	}
}

func invitationsEnd(c *Case) {
	root := c.startInvitations(invite.Options{Lifetime: time.Hour})
	key := c.invited(root, "ann@example.com", nil)
	longer := c.invited(root, "bob@example.com", obj{"expires_in": 7200})
	c.Clock.Advance(time.Hour)
	c.signUpWith("ann", key).WantProblems("invitation invitation_not_valid")
	c.signUpWith("bob", longer).Want(201)
	c.Clock.Advance(32 * 24 * time.Hour)
	_, err := c.Auth.Sweep(c.Context())
	c.must(err)
	if n := c.count(&invite.Invitation{}); n != 0 {
		c.Error(n, "invitations are left")
	}
}

// invitationsWithoutAFeature are ignored, as dj-rest-auth ignores unknown fields.
func invitationsWithoutAFeature(c *Case) {
	c.Start()
	c.signUpWith("ann", strings.Repeat("x", 500)).Want(201)
}

func invitationsNeedARight(c *Case) {
	c.startInvitations(invite.Options{})
	const path = "/auth/admin/invitations/"
	c.Client().Post(path, obj{}).Want(401)
	ann := c.SignedUp("ann")
	c.Mails()
	try := func(want int) {
		c.Helper()
		ann.Post(path, obj{}).Want(want)
	}
	try(403)
	id := c.user("ann").ID
	c.must(roles.Grant(c.Context(), c.Auth, id, invite.MayAdd))
	try(403) // not staff
	c.set("ann", map[string]any{"is_staff": true})
	try(201)
	ann.Get(path).Want(403)
	ann.Delete(path + "1/").Want(403)
	c.Clock.Advance(time.Hour) // the login is not recent any more
	ann.Post(path, obj{}).WantCode(403, binding.CodeFreshLogin)
}

func invitationsAreListedAndRevoked(c *Case) {
	root := c.startInvitations(invite.Options{}, audited)
	var last int64
	var key string
	for range 60 {
		key, last = c.invitationCode(root, obj{})
	}
	var first, second invite.Page
	root.Get("/auth/admin/invitations/").Want(200).JSON(&first)
	if len(first.Invitations) != 50 || first.Next == nil || first.Invitations[0].ID != last || !first.Invitations[0].IsValid {
		c.Fatalf("%d %v", len(first.Invitations), first.Next)
	}
	root.Get(fmt.Sprint("/auth/admin/invitations/?before=", *first.Next)).Want(200).JSON(&second)
	if len(second.Invitations) != 10 || second.Next != nil || second.Invitations[0].ID >= *first.Next {
		c.Errorf("%+v", second)
	}
	path := fmt.Sprint("/auth/admin/invitations/", last, "/")
	root.Delete(path).Want(204)
	c.signUpWith("ann", key).WantProblems("invitation invitation_not_valid")
	root.Delete(path).Want(409)
	root.Delete("/auth/admin/invitations/99999/").Want(404)
}

func invitationsAreErased(c *Case) {
	root := c.startInvitations(invite.Options{})
	c.signUpWith("ann", c.invited(root, "ann@example.com", nil)).Want(201)
	c.must(c.Auth.DeleteUser(c.Context(), c.user("ann").ID))
	c.must(c.Auth.DeleteUser(c.Context(), c.user("root").ID))
	var row invite.Invitation
	c.must(c.DB.First(&row).Error)
	if row.Email != "" || row.EmailKey != "" || row.CreatedBy != 0 || row.Uses != 1 || c.count(&invite.Use{}) != 0 {
		c.Errorf("%+v", row)
	}
}

func invitationsFromCode(c *Case) {
	c.startInvitations(invite.Options{})
	made, err := invite.Create(c.Context(), c.Auth, invite.New{Email: "ann@example.com", Locale: "de"})
	c.must(err)
	if mail := c.Mail("invitation"); made.Key != "" || !strings.Contains(mail.Text, "eingeladen") {
		c.Errorf("%+v %s", made, mail.Text)
	}
	code, err := invite.Create(c.Context(), c.Auth, invite.New{MaxUses: 5})
	c.must(err)
	c.must(invite.Revoke(c.Context(), c.Auth, code.ID))
	c.signUpWith("bob", code.Key).WantProblems("invitation invitation_not_valid")
	if invite.Revoke(c.Context(), c.Auth, code.ID) == nil {
		c.Error("revoked twice")
	}
	for _, bad := range []invite.New{{Email: "x"}, {MaxUses: -1}, {Groups: []string{"None"}}, {Lifetime: time.Second}} {
		if _, err := invite.Create(c.Context(), c.Auth, bad); err == nil {
			c.Errorf("%+v", bad)
		}
	}
	if r := c.Client().Post("/auth/admin/invitations/", obj{}); r.StatusCode != http.StatusUnauthorized {
		c.Error(r.StatusCode)
	}
}
