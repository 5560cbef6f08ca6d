package roles

// Guards of routes, and what auth.Check says of them.

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Require returns middleware that lets only logged-in users through who have all of these permissions, and superusers:
//
//	router.PATCH("/orders/:id", roles.Require(auth, "orders.change_order"), changeOrder)
//
// It answers 401 if the request is not logged in, and 403 permission_denied to other users. Session and rights are always read
// from the database. A personal token with scopes gets through only behind auth.RequireScope. auth is your *ginauth.Auth. Require
// panics without a name, on one that is not like "orders.change_order", and without roles.Feature in ginauth.New. If a permission
// does not exist in the database, only superusers have it, and auth.Check reports it.
func Require(auth core.Holder, permissions ...string) gin.HandlerFunc {
	f := must(auth, "Require", permissions)
	for _, name := range permissions {
		if _, _, ok := split(name); !ok {
			panic(fmt.Sprintf("roles: Require(%q): must be like \"orders.change_order\"", name))
		}
	}
	f.asked.add(permissions)
	return f.guard(func(r Rights) bool { return r.Can(permissions...) })
}

// RequireGroup is [Require] for users who are in one of these groups, and for superusers. Permissions are the better choice where
// the groups of an application may change.
func RequireGroup(auth core.Holder, groups ...string) gin.HandlerFunc {
	f := must(auth, "RequireGroup", groups)
	return f.guard(func(r Rights) bool { return r.In(groups...) })
}

func must(auth core.Holder, function string, names []string) *feature {
	f, err := of(auth)
	if err != nil {
		panic(fmt.Sprintf("roles: %s %v", function, err))
	}
	if len(names) == 0 {
		panic(fmt.Sprintf("roles: %s needs a name; auth.RequireUser needs none", function))
	}
	return f
}

func (f *feature) guard(may func(Rights) bool) gin.HandlerFunc {
	return f.core.Guard(func(g *gin.Context) error {
		admits := core.AccessUserOrToken.Admits
		if f.core.IdentityOf(g) != nil { // a guard before this one has admitted the token
			admits = func(*models.Session) error { return nil }
		}
		if err := f.core.Require(g, false, admits); err != nil {
			return err
		}
		rights, err := rightsOf(g)
		if err == nil && !may(rights) {
			err = core.ErrPermission
		}
		return err
	})
}

// asked has the permissions that guards ask for.
type asked struct {
	mu    sync.Mutex
	names map[string]bool
}

func (a *asked) add(names []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.names == nil {
		a.names = map[string]bool{}
	}
	for _, name := range names {
		a.names[name] = true
	}
}

func (a *asked) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.names))
}

// check reports findings to auth.Check.
func (f *feature) check(ctx context.Context, r *core.Report) error {
	known, err := permissionIDs(f.core.DB(ctx))
	if err != nil {
		return err
	}
	for _, name := range f.asked.all() {
		if known[name] == 0 {
			r.Error(fmt.Sprintf("a route requires the permission %q, which does not exist, so only superusers can use it", name),
				"add it to roles.Options.Permissions, and run auth.Migrate")
		}
	}
	if f.InTokens {
		r.Note("access tokens contain the user's groups and permissions, which anyone who gets one can read, and which stay until it expires",
			"remove roles.Options.InTokens if no other service needs them")
	}
	return nil
}
