package dbtest

// Package admin: its options, and the mails that tell users.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

// updateMember is the body of PATCH admin/users/:id/ of an application with the column company.
type updateMember struct {
	admin.UpdateUser
	Company *string `json:"company,omitempty" binding:"omitnil,max=20"`
}

// startMembers starts an application with own columns, a superuser ann and a user bob.
func (c *Case) startMembers(o admin.Options) *authtest.Client {
	c.Helper()
	c.With(roles.Feature(roles.Options{}), admin.Feature(o)).StartMail(func(cfg *config.Config) { cfg.NewUser = config.Model[Member]() })
	ann := c.SignedUp("ann")
	c.SignedUp("bob")
	c.must(c.DB.Model(&Member{}).Where("username_key = ?", "ann").Update("is_superuser", true).Error)
	return ann
}

// bobTheMember returns bob, and the path of bob below admin/.
func (c *Case) bobTheMember() (m Member, path string) {
	c.Helper()
	c.must(c.DB.Where("username_key = ?", "bob").Take(&m).Error)
	return m, fmt.Sprint("/auth/admin/users/", m.ID, "/")
}

// adminFormsChangeOwnColumns, and those of other users that operators may act on.
func adminFormsChangeOwnColumns(c *Case) {
	form := config.Form(func(in *updateMember, m *Member) error {
		if in.Company != nil && *in.Company == "None" {
			return binding.Invalid("company", binding.Problem{Code: binding.CodeInvalid})
		}
		if in.Company != nil {
			m.Company = *in.Company
		}
		return nil
	})
	ann := c.startMembers(admin.Options{Form: form})
	_, path := c.bobTheMember()
	ann.Patch(path, obj{"company": "Acme", "last_name": "Ray"}).Want(200)
	if bob, _ := c.bobTheMember(); bob.Company != "Acme" || bob.LastName != "Ray" {
		c.Errorf("%+v", bob)
	}
	ann.Patch(path, obj{"company": "None", "first_name": "Bob"}).WantProblems("company invalid")
	ann.Patch(path, obj{"company": strings.Repeat("x", 21)}).WantProblems("company max_length")
	if bob, _ := c.bobTheMember(); bob.Company != "Acme" || bob.FirstName != "" {
		c.Errorf("%+v", bob)
	}
	ann.Patch(path, obj{"first_name": "Bob"}).Want(200)
	if bob, _ := c.bobTheMember(); bob.Company != "Acme" || bob.FirstName != "Bob" {
		c.Errorf("%+v", bob)
	}
	wrong := config.Form(func(*binding.Login, *Member) error { return nil })
	if _, err := ginauth.New(c.DB, c.Auth.Config(), admin.Feature(admin.Options{Form: wrong})); err == nil || !strings.Contains(err.Error(), "admin.Options.Form") {
		c.Error(err)
	}
}

// adminShowsOwnColumns with the option Application; its error is one of the server.
func adminShowsOwnColumns(c *Case) {
	broken := false
	ann := c.startMembers(admin.Options{Application: func(_ context.Context, account models.Account) (any, error) {
		if broken {
			return nil, errors.New("broken")
		}
		return obj{"company": account.(*Member).Company, "name": account.Base().Username}, nil
	}})
	c.must(c.DB.Model(&Member{}).Where("username_key = ?", "bob").Update("company", "Acme").Error)
	_, path := c.bobTheMember()
	if text := ann.Get(path).Want(200).Text; !strings.Contains(text, `"application":{"company":"Acme","name":"bob"}`) {
		c.Error(text)
	}
	broken = true
	ann.Get(path).Want(503)
	ann = c.startMembers(admin.Options{})
	if _, path = c.bobTheMember(); strings.Contains(ann.Get(path).Want(200).Text, "application") {
		c.Error("there is a field application")
	}
}

// adminTellsUsers what operators changed, unless AllowSilentChanges is set. New passwords and removed factors are always told.
func adminTellsUsers(c *Case) {
	for _, silent := range []bool{false, true} {
		c.With(roles.Feature(roles.Options{ManageRoutes: true, AllowSilentChanges: silent}), admin.Feature(admin.Options{AllowSilentChanges: silent})).StartMail()
		c.verified("bob")
		ann := c.verified("ann")
		c.set("ann", map[string]any{"is_superuser": true})
		tells := func(what, kind string, always bool) {
			c.Helper()
			var got []string
			for _, m := range c.Mails() {
				got = append(got, m.Kind)
				if m.To != "bob@example.com" || strings.Contains(m.Text, "192.0.2.") {
					c.Errorf("%s: %+v", what, m)
				}
			}
			if want := kind != "" && (always || !silent); slices.Contains(got, kind) != want || len(got) > 1 || !want && len(got) > 0 {
				c.Errorf("%s, silent %v: %q", what, silent, got)
			}
		}
		ann.Patch(c.adminPath("bob"), obj{"last_name": "Ray"}).Want(200)
		tells("a change", "account_changed", false)
		ann.Patch(c.adminPath("bob"), obj{"last_name": "Ray"}).Want(200)
		tells("no change", "", false)
		ann.Post(c.adminPath("bob", "ban/"), obj{}).Want(200)
		tells("a ban", "", false) // Mail.BanNotice
		ann.Post(c.adminPath("bob", "unban/"), nil).Want(200)
		tells("the end of a ban", "account_changed", false)
		ann.Post(c.adminPath("bob", "unban/"), nil).Want(200)
		tells("no ban", "", false)
		ann.Put(c.adminPath("bob", "permissions/"), obj{"permissions": []string{"auth.view_user"}}).Want(200)
		tells("permissions", "rights_changed", false)
		ann.Put(c.adminPath("bob", "permissions/"), obj{"permissions": []string{"auth.view_user"}}).Want(200)
		tells("the same permissions", "", false)
		ann.Put("/auth/admin/groups/", obj{"name": "Support", "permissions": []string{}}).Want(200)
		ann.Put(c.adminPath("bob", "groups/"), obj{"groups": []string{"Support"}}).Want(200)
		tells("groups", "rights_changed", false)
		ann.Delete(c.adminPath("bob", "sessions/")).Want(204)
		tells("ended sessions", "account_changed", false)
		ann.Post(c.adminPath("bob", "password/"), obj{"password": fmt.Sprint(authtest.Password, 2)}).Want(200)
		tells("a password", "password_changed", true)
		ann.Delete(c.adminPath("bob")).Want(204)
		tells("the deletion", "account_removed", false)
	}
}
