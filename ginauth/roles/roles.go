// Package roles adds groups and permissions to users, in the tables of Django, so that an application which moves from
// Django keeps its rights. List it in ginauth.New:
//
//	auth, err := ginauth.New(db, cfg, roles.Feature(roles.Options{
//		Permissions: []roles.Permission{{Name: "orders.change_order"}},
//		Groups:      []roles.Group{{Name: "Sales", Permissions: []string{"orders.change_order"}}},
//	}))
//	router.PATCH("/orders/:id", roles.Require(auth, "orders.change_order"), changeOrder)
//
// A user has the permissions that they were granted, and those of their groups. Superusers may do everything. Rights are read from
// the database for each request that asks for them, in one query, so a change counts at the next request on every instance.
//
// The README of this folder explains the rest.
package roles

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Options are the settings of the feature. The zero value is complete: all groups and permissions are then managed at run time.
type Options struct {
	// Permissions are those of the application. Migrate creates the missing ones. It never deletes one.
	Permissions []Permission
	// Groups are defined by the application: Migrate creates them, and each time gives them exactly these permissions.
	// SetGroup and DeleteGroup refuse them. Who is in them is decided at run time. All other groups are managed at run time alone.
	Groups []Group
	// UserModel is the user model of Django as "app.model", in lower case. The table of memberships has the column "model_id",
	// and "app.view_model", ... are permissions on users. Default "auth.user".
	UserModel string
	// InTokens adds the claims "groups" and "permissions" to access tokens. Anyone who gets a token can read them, and they
	// are those of the time when the token was issued. Require and the other functions never use them. Default: false.
	InTokens bool
	// ManageRoutes adds routes for operators: admin/permissions/, admin/groups/, admin/users/:id/groups/ and
	// admin/users/:id/permissions/. Operators give only what they have themselves. Default: false.
	ManageRoutes bool
	// AllowSilentChanges turns off the mails that tell users that an operator changed their groups or permissions at a route of
	// ManageRoutes. Changes by your own code send no mail. Default: false.
	AllowSilentChanges bool
}

// Permission is something that users may do.
type Permission struct {
	// Name is "app.codename", each part of at most 100 bytes without spaces, such as "orders.change_order".
	Name string
	// Title describes it to people, in at most 255 characters. Default: "Can change order", made from the codename.
	Title string
	// Model is the model in Django's table of content types. Default: the codename without its first word, "order".
	Model string
}

// Group has permissions, which its members have as well.
type Group struct {
	Name        string   // at most 150 characters
	Permissions []string // names of permissions, as in Permission.Name
}

//go:embed texts
var embedded embed.FS

type feature struct {
	Options
	core   *core.Core
	tables tables
	asked  asked // the names that guards ask for
}

// Feature returns the feature. Errors of New name the option.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		s.Name("roles")
		if o.UserModel == "" {
			o.UserModel = "auth.user"
		}
		f := &feature{Options: o, core: s.Core()}
		f.refuse(s)
		f.tables = tablesOf(f.core.UsersTable(), o.UserModel)
		s.Migration("0001_tables", func(db *gorm.DB) error { return createTables(db, f.tables) })
		s.Tables(&contentType{}, &permission{}, &group{}, &groupPermission{})
		s.AfterMigrate(f.define)
		s.Check("roles.Options", f.check)
		s.Event(events()...)
		s.Listen(core.Listener{OnDelete: f.forget})
		s.Export("roles", f.export)
		if o.InTokens {
			s.Claims(f.claims)
		}
		s.Rights(f.source())
		core.Provide(s, f)
		f.commands(s)
		if o.ManageRoutes {
			texts, err := fs.Sub(embedded, "texts")
			if err != nil {
				return err
			}
			s.Texts(texts)
			f.manageRoutes(s)
		}
		core.Add(s, core.Route{
			Method: http.MethodGet, Path: "user/permissions", Tag: "User", Access: core.AccessUserOrToken, WhileImpersonated: true,
			Doc: "Return what the user may do: their groups, and all of their permissions.",
		}, f.own)
		return nil
	}
}

// of returns the feature of an Auth.
func of(auth core.Holder) (*feature, error) {
	f, found := core.Provided[*feature](auth)
	if !found {
		return nil, errors.New("needs roles.Feature in ginauth.New")
	}
	return f, nil
}

// refuse reports invalid options as errors of New.
func (f *feature) refuse(s *core.Setup) {
	if app, model, ok := split(f.UserModel); !ok || !isIdentifier(app) || !isIdentifier(model) {
		s.Refuse("roles.Options.UserModel", fmt.Errorf("is %q, and must be like \"auth.user\", in lower-case letters, digits and _", f.UserModel))
	}
	seen := map[string]bool{}
	for _, p := range f.Permissions {
		if err := p.refuse(); err != nil {
			s.Refuse("roles.Options.Permissions", err)
		} else if seen[p.Name] {
			s.Refuse("roles.Options.Permissions", fmt.Errorf("%q is there twice", p.Name))
		}
		seen[p.Name] = true
	}
	seen = map[string]bool{}
	for _, g := range f.Groups {
		if err := g.refuse(); err != nil {
			s.Refuse("roles.Options.Groups", err)
		} else if seen[g.Name] {
			s.Refuse("roles.Options.Groups", fmt.Errorf("%q is there twice", g.Name))
		}
		seen[g.Name] = true
	}
}
