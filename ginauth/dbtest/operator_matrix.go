package dbtest

// Every route of operators, found in the route table, as every kind of client.

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

// ready is a request that succeeds for an operator who may make it.
type ready struct {
	body obj
	id   int64  // of the path; 0 means that of the user
	part string // of the path: a session or a token
}

// operatorRequests makes a request for each route of operators, about a user. A new route needs a line here.
var operatorRequests = map[string]func(c *Case, name string) ready{
	"GET admin/users/":                          none,
	"POST admin/users/":                         func(_ *Case, name string) ready { return ready{body: obj{"username": name + "x"}} },
	"GET admin/users/:id/":                      none,
	"PATCH admin/users/:id/":                    func(*Case, string) ready { return ready{body: obj{"first_name": "Bob"}} },
	"DELETE admin/users/:id/":                   none,
	"GET admin/users/:id/events/":               none,
	"POST admin/users/:id/ban/":                 none,
	"POST admin/users/:id/unban/":               none,
	"POST admin/users/:id/emails/":              func(_ *Case, name string) ready { return ready{body: obj{"email": name + "@example.org"}} },
	"POST admin/users/:id/password/":            func(*Case, string) ready { return ready{body: obj{"password": authtest.Password}} },
	"DELETE admin/users/:id/password/":          none,
	"POST admin/users/:id/password/link/":       none,
	"DELETE admin/users/:id/factors/":           none,
	"GET admin/users/:id/sessions/":             none,
	"DELETE admin/users/:id/sessions/":          none,
	"DELETE admin/users/:id/sessions/:session/": aSession,
	"GET admin/users/:id/tokens/":               none,
	"DELETE admin/users/:id/tokens/:token/":     aToken,
	"GET admin/outbox/":                         none,
	"POST admin/outbox/:id/retry/":              aFailedMail,
	"GET admin/permissions/":                    none,
	"GET admin/groups/":                         none,
	"PUT admin/groups/":                         aGroup,
	"POST admin/groups/delete/":                 aGroup,
	"PUT admin/users/:id/groups/":               func(*Case, string) ready { return ready{body: obj{"groups": []string{}}} },
	"PUT admin/users/:id/permissions/":          func(*Case, string) ready { return ready{body: obj{"permissions": []string{}}} },
	"POST admin/users/:id/impersonate/":         func(*Case, string) ready { return ready{body: obj{"reason": "x"}} },
	"GET admin/invitations/":                    none,
	"POST admin/invitations/":                   none,
	"DELETE admin/invitations/:id/":             anInvitation,
}

func none(*Case, string) ready { return ready{body: obj{}} }

func aSession(c *Case, name string) ready {
	c.LoggedIn(name)
	ids, err := c.sessionIDs(name)
	c.must(err)
	return ready{part: ids[0]}
}

func aToken(c *Case, name string) ready {
	return ready{part: c.personal(c.LoggedIn(name), obj{"name": "x"}).ID}
}

func aFailedMail(c *Case, name string) ready {
	m := models.OutboxMail{
		MessageID: name + strconv.FormatInt(c.count(&models.OutboxMail{}), 10), UserID: c.user(name).ID, Kind: "reset", Recipient: name + "@example.com",
		State: models.MailFailed, NextTryAt: c.Clock.Now(), CreatedAt: c.Clock.Now(), Lang: "en",
	}
	c.must(c.DB.Create(&m).Error)
	return ready{id: m.ID}
}

func aGroup(c *Case, name string) ready {
	c.must(roles.SetGroup(c.Context(), c.Auth, roles.Group{Name: "of " + name}))
	return ready{body: obj{"name": "of " + name, "permissions": []string{}}}
}

func anInvitation(c *Case, _ string) ready {
	made, err := invite.Create(c.Context(), c.Auth, invite.New{})
	c.must(err)
	return ready{id: made.ID}
}

// startOperatorRoutes starts an application with every feature that has routes of operators, and returns the browser of a superuser.
func (c *Case) startOperatorRoutes() *authtest.Client {
	c.Helper()
	c.With(roles.Feature(shopManaged()), mfa.Feature(mfa.Options{}), admin.Feature(admin.Options{}), impersonate.Feature(impersonate.Options{}), invitations(invite.Options{})).
		StartMail(audited, withEachCredential, func(cfg *config.Config) { cfg.Token.Scopes = []string{"read"} })
	ann := c.SignedUp("ann")
	c.set("ann", map[string]any{"is_superuser": true})
	return ann
}

// operatorRoutes calls fn for each route with a permission. request makes a request to it about a new user.
func (c *Case) operatorRoutes(fn func(r core.RouteInfo, request func() (method, path string, body any))) {
	c.Helper()
	n := 0
	for _, r := range c.Auth.Routes() {
		name := r.Method + " " + r.Path
		parts := operatorRequests[name]
		switch {
		case r.Permission == "" && strings.HasPrefix(r.Path, "admin/"):
			c.Errorf("%s admits everyone who is logged in", name)
			continue
		case r.Permission == "":
			continue
		case parts == nil:
			c.Errorf("%s has no line in operatorRequests", name)
			continue
		}
		n++
		fn(r, func() (method, path string, body any) {
			c.Helper()
			user := fmt.Sprint("user", c.count(&models.User{}), "of", n)
			c.App.User(c.T, user)
			with := parts(c, user)
			if with.id == 0 {
				with.id = c.user(user).ID
			}
			path = strings.NewReplacer(":id", fmt.Sprint(with.id), ":session", with.part, ":token", with.part).Replace("/auth/" + r.Path)
			return r.Method, path, with.body
		})
	}
	if n != len(operatorRequests) {
		c.Errorf("%d routes, and %d lines in operatorRequests", n, len(operatorRequests))
	}
}

// operatorRoutesAdmitOperatorsAlone tries each route as each kind of client, with a request that succeeds for those who may make it.
func operatorRoutesAdmitOperatorsAlone(c *Case) {
	ann := c.startOperatorRoutes()
	bob, cleo, ctx := c.SignedUp("bob"), c.SignedUp("cleo"), c.Context()
	c.SignedUp("dora")
	c.set("cleo", map[string]any{"is_staff": true})
	c.set("dora", map[string]any{"is_staff": true})
	c.must(roles.Grant(ctx, c.Auth, c.user("dora").ID, c.permissions()...))
	acting := ann.Clone()
	c.impersonate(acting, "dora").Want(200)
	plain := c.byToken(c.personal(ann, obj{"name": "a"}).Key)
	scoped := c.byToken(c.personal(ann, obj{"name": "b", "scopes": []string{"read"}}).Key)
	staff, member := c.user("cleo").ID, c.user("bob").ID
	c.operatorRoutes(func(r core.RouteInfo, request func() (string, string, any)) {
		refused := func(who string, client *authtest.Client, status int, code binding.Code) {
			c.Helper()
			if got := client.Do(request()); got.StatusCode != status || !strings.Contains(got.Text, `"`+string(code)+`"`) {
				c.Errorf("%s %s as %s: %d %s", r.Method, r.Path, who, got.StatusCode, got.Text)
			}
		}
		admitted := func(who string, client *authtest.Client) {
			c.Helper()
			if got := client.Do(request()); got.StatusCode != r.Status {
				c.Errorf("%s %s as %s: %d %s", r.Method, r.Path, who, got.StatusCode, got.Text)
			}
		}
		refused("a stranger", c.Client(), 401, binding.CodeNotAuthenticated)
		refused("a user", bob, 403, binding.CodePermissionDenied)
		refused("staff without the permission", cleo, 403, binding.CodePermissionDenied)
		refused("an operator in the place of staff", acting, 403, binding.CodeImpersonated)
		refused("a personal token", plain, 403, binding.CodeInsufficientScope)
		refused("a personal token with a scope", scoped, 403, binding.CodeInsufficientScope)
		c.must(roles.Grant(ctx, c.Auth, member, r.Permission))
		refused("a user with the permission who is not staff", bob, 403, binding.CodePermissionDenied)
		c.must(roles.Revoke(ctx, c.Auth, member, r.Permission))
		c.must(roles.Grant(ctx, c.Auth, staff, c.permissions()...))
		c.must(roles.Revoke(ctx, c.Auth, staff, r.Permission))
		refused("staff with all other permissions", cleo, 403, binding.CodePermissionDenied)
		c.must(roles.Revoke(ctx, c.Auth, staff, c.permissions()...))
		c.must(roles.Grant(ctx, c.Auth, staff, r.Permission))
		admitted("staff with the permission", cleo.Clone())
		c.must(roles.Revoke(ctx, c.Auth, staff, r.Permission))
		admitted("a superuser", ann.Clone())
	})
}

// operatorRoutesReadRightsAgain: an operator who loses the rank between the guard and the transaction changes nothing, at no route.
func operatorRoutesReadRightsAgain(c *Case) {
	ann := c.startOperatorRoutes()
	var armed bool
	c.afterReads(func(*gorm.DB) {
		if armed {
			armed = false
			c.set("ann", map[string]any{"is_superuser": false})
		}
	})
	c.operatorRoutes(func(r core.RouteInfo, request func() (string, string, any)) {
		if r.Method == http.MethodGet {
			return
		}
		c.set("ann", map[string]any{"is_superuser": true})
		method, path, body := request()
		armed = true
		got := ann.Do(method, path, body)
		if got.StatusCode != 403 || !strings.Contains(got.Text, string(binding.CodePermissionDenied)) {
			c.Errorf("%s %s: %d %s", r.Method, r.Path, got.StatusCode, got.Text)
		}
	})
}

// routesOfOperatorsForUsers: the routes of the same features that need no permission, each as each kind of client.
func routesOfOperatorsForUsers(c *Case) {
	ann := c.startOperatorRoutes()
	bare, err := ginauth.New(c.DB, c.Auth.Config(), mfa.Feature(mfa.Options{}))
	c.must(err)
	bob := c.SignedUp("bob")
	made, err := invite.Create(c.Context(), c.Auth, invite.New{MaxUses: 100})
	c.must(err)
	plain := c.byToken(c.personal(ann, obj{"name": "a"}).Key)
	scoped := c.byToken(c.personal(ann, obj{"name": "b", "scopes": []string{"read"}}).Key)
	want := map[string]string{ // a stranger, a user, a superuser, an operator in the place of a user, a personal token without and with a scope
		"GET user/permissions/":    "401 200 200 200 200 403",
		"POST impersonate/end/":    "409 409 409 200 409 409",
		"POST invitations/accept/": "401 200 200 403 403 403",
	}
	for _, r := range c.Auth.Routes() {
		same := func(other core.RouteInfo) bool { return other.Method == r.Method && other.Path == r.Path }
		if r.Permission != "" || slices.ContainsFunc(bare.Routes(), same) {
			continue
		}
		acting := c.LoggedIn("ann")
		c.impersonate(acting, "bob").Want(200)
		var got []string
		for _, client := range []*authtest.Client{c.Client(), bob, ann, acting, plain, scoped} {
			got = append(got, strconv.Itoa(client.Do(r.Method, "/auth/"+r.Path, obj{"invitation": made.Key}).StatusCode))
		}
		name := r.Method + " " + r.Path
		if all := strings.Join(got, " "); all != want[name] {
			c.Errorf("%s: %s, want %q", name, all, want[name])
		}
		delete(want, name)
	}
	if len(want) != 0 {
		c.Errorf("there are no routes %v", want)
	}
}
