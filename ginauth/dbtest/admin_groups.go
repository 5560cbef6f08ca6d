package dbtest

// The routes of package roles: groups, and what operators give.

import (
	"errors"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
)

func shopManaged() roles.Options {
	o := shop()
	o.ManageRoutes = true
	return o
}

func adminGroupsAreManaged(c *Case) {
	ann, _ := c.startAdmin()
	ann.Get("/auth/admin/permissions/").Want(200)
	ann.Put("/auth/admin/groups/", obj{"name": "Support", "permissions": []string{"auth.view_user"}}).Want(200)
	ann.Put("/auth/admin/groups/", obj{"name": "Support", "permissions": []string{"no.such"}}).WantProblems("permissions right_unknown")
	ann.Put("/auth/admin/groups/", obj{"name": "Sales", "permissions": []string{}}).WantProblems("name group_defined")
	lower := ann.Put("/auth/admin/groups/", obj{"name": "support", "permissions": []string{}})
	if c.DB.Name() == "mysql" { // takes both for the same name
		lower.WantProblems("name group_other_spelling")
		if err := roles.SetGroup(c.Context(), c.Auth, roles.Group{Name: "SUPPORT"}); !errors.Is(err, roles.ErrSpelling) {
			c.Error(err)
		}
	} else {
		lower.Want(200)
		ann.Post("/auth/admin/groups/delete/", obj{"name": "support"}).Want(204)
	}
	var all roles.GroupList
	ann.Get("/auth/admin/groups/").Want(200).JSON(&all)
	if len(all.Results) != 2 || all.Results[1].Name != "Support" || len(all.Results[1].Permissions) != 1 {
		c.Error(all)
	}
	ann.Put(c.adminPath("bob", "groups/"), obj{"groups": []string{"Support", "Sales"}}).Want(200)
	ann.Put(c.adminPath("bob", "groups/"), obj{"groups": []string{"Nobody"}}).WantProblems("groups right_unknown")
	var rights roles.Rights
	ann.Put(c.adminPath("bob", "groups/"), obj{"groups": []string{"Support"}}).Want(200).JSON(&rights)
	if len(rights.Groups) != 1 || !rights.Can("auth.view_user") {
		c.Error(rights)
	}
	ann.Put(c.adminPath("bob", "permissions/"), obj{"permissions": []string{"orders.refund"}}).Want(200).JSON(&rights)
	if !rights.Can("auth.view_user", "orders.refund") {
		c.Error(rights)
	}
	ann.Put(c.adminPath("bob", "permissions/"), obj{"permissions": []string{}}).Want(200)
	ann.Post("/auth/admin/groups/delete/", obj{"name": "Support"}).Want(204)
	ann.Post("/auth/admin/groups/delete/", obj{"name": "Support"}).Want(404)
}

// adminGivesOnlyWhatItHas: neither by a permission, nor by a group, nor to themselves.
func adminGivesOnlyWhatItHas(c *Case) {
	_, bob := c.startAdmin()
	ctx := c.Context()
	c.SignedUp("cleo")
	c.set("bob", map[string]any{"is_staff": true})
	id := c.user("bob").ID
	c.must(roles.Grant(ctx, c.Auth, id, "auth.change_user", "auth.change_group", "auth.delete_group"))
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Mighty", Permissions: []string{"orders.refund"}}))
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Mine", Permissions: []string{"auth.change_user"}}))
	c.must(roles.AddToGroups(ctx, c.Auth, id, "Mine"))
	for _, body := range []obj{{"permissions": []string{"orders.refund"}}, {"permissions": []string{"auth.change_user", "orders.refund"}}} {
		bob.Put(c.adminPath("cleo", "permissions/"), body).WantCode(403, binding.CodePermissionDenied)
		bob.Put(c.adminPath("bob", "permissions/"), body).WantCode(403, binding.CodeOwnAccount)
	}
	bob.Put(c.adminPath("cleo", "groups/"), obj{"groups": []string{"Mighty"}}).WantCode(403, binding.CodePermissionDenied)
	bob.Put(c.adminPath("cleo", "groups/"), obj{"groups": []string{"Sales"}}).WantCode(403, binding.CodePermissionDenied)
	bob.Put(c.adminPath("bob", "groups/"), obj{"groups": []string{"Mighty"}}).WantCode(403, binding.CodeOwnAccount)
	bob.Put("/auth/admin/groups/", obj{"name": "Mighty", "permissions": []string{}}).WantCode(403, binding.CodePermissionDenied)
	bob.Put("/auth/admin/groups/", obj{"name": "New", "permissions": []string{"orders.refund"}}).WantCode(403, binding.CodePermissionDenied)
	bob.Put("/auth/admin/groups/", obj{"name": "Mine", "permissions": []string{"auth.change_user", "auth.change_group"}}).WantCode(403, binding.CodeOwnAccount)
	bob.Post("/auth/admin/groups/delete/", obj{"name": "Mighty"}).WantCode(403, binding.CodePermissionDenied)
	bob.Put(c.adminPath("cleo", "groups/"), obj{"groups": []string{"Mine"}}).Want(200)
	bob.Put(c.adminPath("cleo", "permissions/"), obj{"permissions": []string{"auth.change_group"}}).Want(200)
	fresh := obj{"name": "New", "permissions": []string{"auth.change_group"}}
	bob.Put("/auth/admin/groups/", fresh).WantCode(403, binding.CodePermissionDenied) // it needs auth.add_group
	c.must(roles.Grant(c.Context(), c.Auth, c.user("bob").ID, "auth.add_group"))
	bob.Put("/auth/admin/groups/", fresh).Want(200)
}
