package dbtest

// Package roles: guards, changes at run time, and what the user can read.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

var roleCases = Group{Name: "roles", Cases: []func(*Case){
	rightsDecide, rightsCountAtTheNextRequest, rightsOfTokens, rightsAreReadOnce, rightsOfStaleCaches, rightsInAccessTokens, rightsOfTheUser,
	rightsEndWithTheUser, rightsThatDoNotExist, groupsAreManaged, groupsOfTheOptions, groupsOfOneMigrate, groupsThatCannotBeDefined,
	rolesTablesCanBePrinted, djangosRightsStay, djangosOwnUserModel, raceToDeleteAGroup, raceToSetAGroup, changesOfRightsAreRecorded,
}}

func rightsDecide(c *Case) {
	c.startRoles(shop())
	ctx, ann := c.Context(), c.SignedUp("ann")
	id := c.user("ann").ID
	try := func(want ...int) {
		c.Helper()
		for i, path := range []string{"/view", "/both", "/sales"} {
			ann.Get(path).Want(want[i])
		}
	}
	for _, path := range []string{"/view", "/both", "/sales"} {
		c.Client().Get(path).Want(401)
	}
	try(403, 403, 403)
	if r := ann.Get("/view").Want(403); !strings.Contains(r.Text, "permission") {
		c.Error(r.Text)
	}
	c.must(roles.Grant(ctx, c.Auth, id, "orders.view_order"))
	try(204, 403, 403)
	c.must(roles.Grant(ctx, c.Auth, id, "orders.refund", "orders.view_order"))
	try(204, 204, 403)
	c.must(roles.Revoke(ctx, c.Auth, id, "orders.view_order", "orders.change_order"))
	try(403, 403, 403)
	c.must(roles.AddToGroups(ctx, c.Auth, id, "Sales"))
	try(204, 204, 204)
	c.must(roles.Revoke(ctx, c.Auth, id, "orders.view_order"))
	try(204, 204, 204) // by the group
	c.must(roles.RemoveFromGroups(ctx, c.Auth, id, "Sales"))
	try(403, 403, 403)
	c.set("ann", map[string]any{"is_superuser": true})
	try(204, 204, 204)
	c.must(c.Auth.SetActive(ctx, id, false))
	ann.Get("/view").Want(401)
}

// rightsCountAtTheNextRequest: on another instance, whatever the group, the user or the permission of the group changed.
func rightsCountAtTheNextRequest(c *Case) {
	c.startRoles(roles.Options{Permissions: shop().Permissions})
	ctx, ann := c.Context(), c.SignedUp("ann")
	id, other := c.user("ann").ID, c.another()
	c.must(roles.SetGroup(ctx, other.Auth, roles.Group{Name: "Sales"}))
	c.must(roles.AddToGroups(ctx, other.Auth, id, "Sales"))
	ann.Get("/view").Want(403)
	c.must(roles.SetGroup(ctx, other.Auth, roles.Group{Name: "Sales", Permissions: []string{"orders.view_order"}}))
	ann.Get("/view").Want(204)
	c.must(roles.SetGroup(ctx, other.Auth, roles.Group{Name: "Sales", Permissions: []string{"orders.refund"}}))
	ann.Get("/view").Want(403)
	ann.Get("/sales").Want(204)
	c.must(roles.DeleteGroup(ctx, other.Auth, "Sales"))
	ann.Get("/sales").Want(403)
}

// rightsOfTokens: a personal token without scopes can do what its user can do; one with scopes needs a guard for them first.
func rightsOfTokens(c *Case) {
	c.startRoles(shop(), withEachCredential, func(cfg *config.Config) { cfg.Token.Scopes = []string{"orders", "other"} })
	done := func(g *gin.Context) { g.Status(204) }
	c.Router.GET("/scoped", c.Auth.RequireScope("orders"), roles.Require(c.Auth, "orders.view_order"), done)
	ann := c.SignedUp("ann")
	all := c.byToken(c.personal(ann, obj{"name": "all"}).Key)
	orders := c.byToken(c.personal(ann, obj{"name": "orders", "scopes": []string{"orders"}}).Key)
	other := c.byToken(c.personal(ann, obj{"name": "other", "scopes": []string{"other"}}).Key)
	all.Get("/view").Want(403)
	c.must(roles.Grant(c.Context(), c.Auth, c.user("ann").ID, "orders.view_order"))
	for _, try := range []struct {
		client       *authtest.Client
		view, scoped int
	}{{all, 204, 204}, {orders, 403, 204}, {other, 403, 403}} {
		try.client.Get("/view").Want(try.view)
		try.client.Get("/scoped").Want(try.scoped)
	}
	access := c.byToken(c.loginAs("ann", config.AskJWT).Access)
	access.Get("/view").Want(204)
}

// rightsAreReadOnce: a guard costs one query more than RequireUser, and later questions of the request none.
func rightsAreReadOnce(c *Case) {
	c.startRoles(shop())
	ann := c.SignedUp("ann")
	c.must(roles.AddToGroups(c.Context(), c.Auth, c.user("ann").ID, "Sales"))
	c.Router.GET("/plain", c.Auth.RequireUser())
	c.Router.GET("/many", c.Auth.RequireUser(), roles.RequireGroup(c.Auth, "Sales"), roles.Require(c.Auth, "orders.view_order"), func(g *gin.Context) {
		can, err := roles.Can(g, "orders.change_order", "orders.view_order")
		cannot, _ := roles.Can(g, "orders.refund")
		in, _ := roles.In(g, "Sales")
		out, _ := roles.In(g, "Managers")
		if !can || err != nil || cannot || !in || out {
			c.Error(can, err, cannot, in, out)
		}
	})
	c.Router.GET("/open", func(g *gin.Context) {
		if can, err := roles.Can(g, "orders.view_order"); can || err != nil {
			c.Error(can, err)
		}
	})
	var m meter
	m.install(c)
	cost := func(path string) int {
		ann.Get(path).Want(200)
		return strings.Count(m.take()+"\n", "\n")
	}
	plain := cost("/plain")
	if many := cost("/many"); many != plain+1 {
		c.Errorf("%d statements, and %d without rights", many, plain)
	}
	ann.Get("/open").Want(200)
}

// rightsOfStaleCaches: with Session.CacheFor and JWT.Stateless, a guard still sees what the database has.
func rightsOfStaleCaches(c *Case) {
	c.startRoles(shop(), withJWT, func(cfg *config.Config) {
		cfg.Session.CacheFor, cfg.JWT.Stateless, cfg.JWT.AccessLifetime = 30*time.Second, true, 10*time.Minute
	})
	c.SignedUp("ann")
	client := c.byToken(c.tokenPairOf("ann").Access)
	var can bool
	c.Router.GET("/ask", c.Auth.RequireUser(), func(g *gin.Context) { can, _ = roles.Can(g, "orders.view_order") })
	ask := func(want bool) {
		c.Helper()
		if client.Get("/ask").Want(200); can != want {
			c.Errorf("Can is %v", can)
		}
	}
	ask(false)
	c.set("ann", map[string]any{"is_superuser": true})
	ask(true)
	client.Get("/view").Want(204)
	c.set("ann", map[string]any{"is_superuser": false})
	ask(false)
	client.Get("/view").Want(403)
	c.set("ann", map[string]any{"is_active": false, "is_superuser": true})
	client.Get("/view").Want(401)
}

func rightsInAccessTokens(c *Case) {
	for _, in := range []bool{false, true} {
		o := shop()
		o.InTokens = in
		c.startRoles(o, withJWT, func(cfg *config.Config) {
			cfg.JWT.Claims = func(context.Context, models.Account) (map[string]any, error) {
				return map[string]any{"plan": "free"}, nil
			}
		})
		c.SignedUp("ann")
		c.allRights("ann")
		claims := payload(c.tokenPairOf("ann").Access)
		got := fmt.Sprint(claims["plan"], claims["groups"], claims["permissions"])
		want := "free<nil> <nil>"
		if in {
			want = "free[Sales] [orders.change_order orders.refund orders.view_order]"
		}
		if got != want {
			c.Errorf("claims %s, want %s", got, want)
		}
	}
}

// rightsOfTheUser: the route, and the export.
func rightsOfTheUser(c *Case) {
	c.startRoles(shop(), exports)
	c.Client().Get("/auth/user/permissions/").Want(401)
	ann := c.SignedUp("ann")
	want := func(want, granted string) {
		c.Helper()
		if r := ann.Get("/auth/user/permissions/").Want(200); r.Text != want {
			c.Errorf("got %s, want %s", r.Text, want)
		}
		if _, text := c.exported(ann); !strings.Contains(text, `"roles":`+strings.TrimSuffix(want, "}")+`,"granted":`+granted+`}`) {
			c.Error(text)
		}
	}
	want(`{"is_superuser":false,"groups":[],"permissions":[]}`, `[]`)
	id := c.user("ann").ID
	c.must(roles.AddToGroups(c.Context(), c.Auth, id, "Sales"))
	c.must(roles.Grant(c.Context(), c.Auth, id, "orders.view_order"))
	c.set("ann", map[string]any{"is_superuser": true})
	want(`{"is_superuser":true,"groups":["Sales"],"permissions":["orders.change_order","orders.view_order"]}`, `["orders.view_order"]`)
	rights, err := roles.Of(c.Context(), c.Auth, id)
	if err != nil || !rights.IsSuperuser || !rights.In("Sales") || !rights.Can("anything.at_all") {
		c.Error(rights, err)
	}
	if _, err := roles.Of(c.Context(), c.Auth, id+1000); !errors.Is(err, core.ErrNoRow) {
		c.Error(err)
	}
}

// rightsEndWithTheUser: no row of a deleted user stays, so that no later user gets their rights.
func rightsEndWithTheUser(c *Case) {
	c.startRoles(shop())
	c.SignedUp("ann")
	id := c.user("ann").ID
	c.allRights("ann")
	c.must(c.Auth.DeleteUser(c.Context(), id))
	if a, b := c.rows("auth_user_groups"), c.rows("auth_user_user_permissions"); a+b != 0 {
		c.Error(a, b)
	}
}

// rightsThatDoNotExist change nothing, and are found by Check if a route asks for one.
func rightsThatDoNotExist(c *Case) {
	c.startRoles(roles.Options{Permissions: shop().Permissions[:1]})
	ctx := c.Context()
	c.SignedUp("ann")
	id := c.user("ann").ID
	for name, err := range map[string]error{
		"Grant":       roles.Grant(ctx, c.Auth, id, "orders.view_order", "orders.steal"),
		"Revoke":      roles.Revoke(ctx, c.Auth, id, "orders.steal"),
		"AddToGroups": roles.AddToGroups(ctx, c.Auth, id, "Thieves"),
		"SetGroup":    roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Thieves", Permissions: []string{"orders.steal"}}),
		"DeleteGroup": roles.DeleteGroup(ctx, c.Auth, "Thieves"),
	} {
		if !errors.Is(err, roles.ErrUnknown) || !strings.Contains(err.Error(), "steal") && !strings.Contains(err.Error(), "Thieves") {
			c.Errorf("%s: %v", name, err)
		}
	}
	if err := roles.Grant(ctx, c.Auth, id+1000, "orders.view_order"); !errors.Is(err, core.ErrNoRow) {
		c.Error(err)
	}
	if n := c.rows("auth_user_user_permissions") + c.rows("auth_group"); n != 0 {
		c.Error(n)
	}
	found := ""
	for _, f := range c.Auth.Check(ctx) {
		if f.Setting == "roles.Options" {
			found += f.Problem
		}
	}
	if !strings.Contains(found, `"orders.change_order"`) || !strings.Contains(found, `"orders.refund"`) || strings.Contains(found, "view_order") {
		c.Errorf("found %q", found)
	}
}

// changesOfRightsAreRecorded in the audit trail of the user.
func changesOfRightsAreRecorded(c *Case) {
	c.startRoles(shop(), audited)
	c.SignedUp("ann")
	c.must(roles.AddToGroups(c.Context(), c.Auth, c.user("ann").ID, "Sales"))
	events, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: c.user("ann").ID})
	if err != nil || !slices.ContainsFunc(events, func(e models.Event) bool { return e.Event == "roles_changed" && e.Details == "added to Sales" }) {
		c.Error(events, err)
	}
}
