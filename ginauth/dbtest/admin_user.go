package dbtest

// Package admin: reading, creating and changing users.

import (
	"net/http"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

func adminShowsAUser(c *Case) {
	ann, _ := c.startAdmin()
	c.must(c.Auth.Ban(c.Context(), c.user("bob").ID, "spam", time.Time{}))
	r := ann.Get(c.adminPath("bob")).Want(200)
	var got admin.User
	r.JSON(&got)
	if got.Username != "bob" || got.Ban == nil || got.Ban.Reason != "spam" || !got.IsBanned || len(got.Emails) != 1 || got.Features["mfa"] == nil {
		c.Error(r.Text)
	}
	if strings.Contains(r.Text, "argon2") {
		c.Error("the response has a hash")
	}
	ann.Get(c.adminPath("bob", "sessions/")).Want(200)
	ann.Get(c.adminPath("bob", "tokens/")).Want(200)
}

func adminCreatesUsers(c *Case) {
	ann, _ := c.startAdmin()
	ann.Post("/auth/admin/users/", obj{}).Want(400)
	ann.Post("/auth/admin/users/", obj{"username": "bob"}).Want(400)
	ann.Post("/auth/admin/users/", obj{"username": "cleo", "email": "cleo@example.com", "password": "123"}).Want(400)
	ann.Post("/auth/admin/users/", obj{"username": "cleo", "email": "cleo@example.com", "password": authtest.Password, "is_staff": true}).Want(201)
	c.Client().Post("/auth/login/", obj{"username": "cleo", "password": authtest.Password}).Want(200)
	ann.Post("/auth/admin/users/", obj{"username": "dora", "is_superuser": true}).Want(201)
	if !c.user("cleo").IsStaff || !c.user("dora").IsSuperuser {
		c.Error("the rank is not stored")
	}
}

func adminChangesUsers(c *Case) {
	ann, bob := c.startAdmin()
	ann.Patch(c.adminPath("bob"), obj{"first_name": "Bob", "locale": "de", "is_staff": true}).Want(200)
	if u := c.user("bob"); u.FirstName != "Bob" || u.Locale != "de" || !u.IsStaff {
		c.Error(u)
	}
	ann.Patch(c.adminPath("bob"), obj{"username": "ann"}).Want(400)
	ann.Patch(c.adminPath("bob"), obj{"username": "a b"}).Want(400)
	for _, body := range []obj{{"password": "x"}, {"id": 1}, {"email": "x@example.com"}, {"session_epoch": 9}, {"factors": "x"}, {"pending": true}} {
		before := c.user("bob")
		ann.Patch(c.adminPath("bob"), body)
		if after := c.user("bob"); after.Password != before.Password || after.Email != before.Email || after.SessionEpoch != before.SessionEpoch ||
			after.Factors != before.Factors || after.Pending != before.Pending {
			c.Error(body, "changed the user")
		}
	}
	bob.Get("/auth/user/").Want(200)
	ann.Patch(c.adminPath("bob"), obj{"is_active": false}).Want(200)
	bob.Get("/auth/user/").Want(401)
	ann.Patch(c.adminPath("bob"), obj{"is_active": true}).Want(200)
	ann.Patch(c.adminPath("ann"), obj{"first_name": "A"}).WantCode(403, binding.CodeOwnAccount)
}

// adminRaisesNobody: operators who are not superusers make none, and act on no one above them.
func adminRaisesNobody(c *Case) {
	_, bob := c.startAdmin()
	ctx := c.Context()
	c.SignedUp("cleo")
	c.set("bob", map[string]any{"is_staff": true})
	for _, p := range c.permissions() {
		c.must(roles.Grant(ctx, c.Auth, c.user("bob").ID, p))
	}
	bob.Patch(c.adminPath("cleo"), obj{"is_superuser": true}).WantCode(403, binding.CodePermissionDenied)
	bob.Patch(c.adminPath("bob"), obj{"is_superuser": true}).WantCode(403, binding.CodeOwnAccount)
	bob.Post("/auth/admin/users/", obj{"username": "dora", "is_superuser": true}).WantCode(403, binding.CodePermissionDenied)
	for _, try := range []struct {
		method, rest string
		body         obj
	}{
		{http.MethodPatch, "", obj{"is_active": false}}, {http.MethodDelete, "", nil}, {http.MethodPost, "ban/", obj{}}, {http.MethodPost, "unban/", nil},
		{http.MethodPost, "password/", obj{"password": "another good secret"}}, {http.MethodPost, "password/link/", nil}, {http.MethodDelete, "password/", nil},
		{http.MethodPost, "emails/", obj{"email": "mine@example.com"}}, {http.MethodDelete, "sessions/", nil}, {http.MethodDelete, "factors/", nil},
	} {
		bob.Do(try.method, c.adminPath("ann", try.rest), try.body).WantCode(403, binding.CodePermissionDenied)
		bob.Do(try.method, c.adminPath("bob", try.rest), try.body).WantCode(403, binding.CodeOwnAccount)
	}
	root := c.user("ann").Email // not confirmed: who confirms it takes it from ann
	bob.Post(c.adminPath("cleo", "emails/"), obj{"email": root}).WantCode(403, binding.CodePermissionDenied)
	if root == "" || c.user("ann").Email != root {
		c.Error("a superuser lost the address")
	}
	if c.user("cleo").IsSuperuser || !c.user("ann").IsSuperuser {
		c.Error("a rank changed")
	}
}

func adminBansUsers(c *Case) {
	ann, bob := c.startAdmin()
	ann.Post(c.adminPath("bob", "ban/"), obj{"until": "2001-01-01T00:00:00Z"}).Want(400)
	until := c.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	ann.Post(c.adminPath("bob", "ban/"), obj{"reason": "spam", "until": until}).Want(200)
	bob.Get("/auth/user/").Want(401)
	ann.Post(c.adminPath("bob", "unban/"), nil).Want(200)
	c.Client().Post("/auth/login/", obj{"username": "bob", "password": authtest.Password}).Want(200)
}

func adminDeletesUsers(c *Case) {
	ann, bob := c.startAdmin()
	path := c.adminPath("bob")
	ann.Delete(path).Want(204)
	ann.Get(path).Want(404)
	ann.Delete(path).Want(404)
	bob.Get("/auth/user/").Want(401)
}

// adminPasswordsKeepFactors: a new password that an operator requires or sets is no way around the second factor.
func adminPasswordsKeepFactors(c *Case) {
	ann, bob := c.startAdmin()
	ann.Post(c.adminPath("bob", "emails/"), obj{"email": "bob@example.com"}).Want(200)
	phone := c.TOTP(c.T, bob)
	c.Mails()
	ann.Delete(c.adminPath("bob", "password/")).Want(204)
	if factors := c.user("bob").Factors; factors != "totp" {
		c.Errorf("the factors are %q", factors)
	}
	c.reset(c.mailTo("bob@example.com", "reset"), authtest.Password).Want(200)
	c.sendCode(c.Client(), "bob", phone.Code()).Want(200)
	ann.Post(c.adminPath("bob", "password/"), obj{"password": authtest.Password}).Want(200)
	c.sendCode(c.Client(), "bob", phone.Code()).Want(200)
}

func adminHandlesPasswords(c *Case) {
	ann, bob := c.startAdmin()
	ann.Post(c.adminPath("bob", "password/"), obj{"password": "bob"}).Want(400)
	ann.Post(c.adminPath("bob", "password/"), obj{"password": "another good secret"}).Want(200)
	bob.Get("/auth/user/").Want(401)
	c.Client().Post("/auth/login/", obj{"username": "bob", "password": "another good secret"}).Want(200)
	ann.Post(c.adminPath("bob", "password/link/"), nil).Want(200)
	ann.Delete(c.adminPath("bob", "password/")).Want(204)
	if bob := c.user("bob"); bob.HasPassword() {
		c.Error("the password is usable")
	}
	c.must(c.Auth.CreateUser(c.Context(), &models.User{Username: "cleo"}, authtest.Password))
	ann.Delete(c.adminPath("cleo", "password/")).Want(400)
	if cleo := c.user("cleo"); !cleo.HasPassword() {
		c.Error("a user without an address lost the password")
	}
}

func adminConfirmsAddresses(c *Case) {
	ann, _ := c.startAdmin()
	ann.Post(c.adminPath("bob", "emails/"), obj{"email": "second@example.com"}).Want(200)
	c.SignedUp("cleo")
	ann.Post(c.adminPath("cleo", "emails/"), obj{"email": "second@example.com"}).Want(400)
	ann.Post(c.adminPath("cleo", "emails/"), obj{"email": "no address"}).Want(400)
}

// raceOfTwoOperatorsWhoDelete each other: one remains.
func raceOfTwoOperatorsWhoDelete(c *Case) {
	ann, bob := c.startAdmin()
	c.set("bob", map[string]any{"is_superuser": true})
	paths := []string{c.adminPath("bob"), c.adminPath("ann")}
	got := c.concurrently(2, func(i int) *authtest.Response { return []*authtest.Client{ann, bob}[i].Delete(paths[i]) })
	won := got[204]
	var n int64
	if err := c.DB.Model(&models.User{}).Where("is_superuser = ?", true).Count(&n).Error; err != nil || won != 1 || n != 1 {
		c.Error(won, n, err)
	}
}
