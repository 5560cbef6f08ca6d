package dbtest

// Package roles: groups, those of the options, and Django's.

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
)

// groupsAreManaged at run time: created, changed, listed and deleted.
func groupsAreManaged(c *Case) {
	c.startRoles(roles.Options{Permissions: shop().Permissions})
	ctx := c.Context()
	list := func() string {
		c.Helper()
		groups, err := roles.Groups(ctx, c.Auth)
		c.must(err)
		return fmt.Sprint(groups)
	}
	if got := list(); got != "[]" {
		c.Error(got)
	}
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Sales", Permissions: []string{"orders.view_order", "orders.refund", "orders.view_order"}}))
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Empty"}))
	if got := list(); got != "[{Empty []} {Sales [orders.refund orders.view_order]}]" {
		c.Error(got)
	}
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Sales", Permissions: []string{"orders.change_order"}}))
	c.must(roles.DeleteGroup(ctx, c.Auth, "Empty"))
	if got := list(); got != "[{Sales [orders.change_order]}]" {
		c.Error(got)
	}
	for _, name := range []string{"", " x", "x ", "a\nb", strings.Repeat("ä", 151)} {
		if err := roles.SetGroup(ctx, c.Auth, roles.Group{Name: name}); err == nil {
			c.Errorf("a group has the name %q", name)
		}
	}
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: strings.Repeat("ä", 150)}))
	names, err := roles.Permissions(ctx, c.Auth)
	if got := strings.Join(names, " "); err != nil || got != "auth.add_group auth.add_user auth.change_group auth.change_user auth.delete_group "+
		"auth.delete_user auth.view_group auth.view_user orders.change_order orders.refund orders.view_order" {
		c.Error(got, err)
	}
}

// groupsOfTheOptions get exactly their permissions with each Migrate, and cannot be changed at run time. Other groups stay.
func groupsOfTheOptions(c *Case) {
	c.startRoles(shop())
	ctx := c.Context()
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Managers", Permissions: []string{"orders.refund"}}))
	for _, err := range []error{roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Sales"}), roles.DeleteGroup(ctx, c.Auth, "Sales")} {
		if !errors.Is(err, roles.ErrDefined) {
			c.Error(err)
		}
	}
	c.SignedUp("ann")
	c.must(roles.AddToGroups(ctx, c.Auth, c.user("ann").ID, "Sales"))
	next := shop()
	next.Groups = []roles.Group{{Name: "Sales", Permissions: []string{"orders.refund"}}, {Name: "Empty"}}
	c.must(c.featured(roles.Feature(next)).Migrate(ctx))
	groups, err := roles.Groups(ctx, c.Auth)
	if got := fmt.Sprint(groups); err != nil || got != "[{Empty []} {Managers [orders.refund]} {Sales [orders.refund]}]" {
		c.Error(got, err)
	}
	rights, err := roles.Of(ctx, c.Auth, c.user("ann").ID)
	if got := fmt.Sprint(rights); err != nil || got != "{false [Sales] [orders.refund]}" {
		c.Error(got, err)
	}
	var title string
	c.must(c.DB.Table("auth_permission").Where("codename = ?", "refund").Pluck("name", &title).Error)
	if title != "Pay money back" {
		c.Error(title)
	}
}

// groupsOfOneMigrate: a start that has nothing to define only reads.
func groupsOfOneMigrate(c *Case) {
	c.startRoles(shop())
	var m meter
	m.install(c)
	c.must(c.Auth.Migrate(c.Context()))
	if taken := m.take(); strings.Contains(taken, "create") || strings.Contains(taken, "update") || strings.Contains(taken, "delete") {
		c.Errorf("statements:\n%s", taken)
	}
}

// groupsThatCannotBeDefined: New and Migrate say which one, and why.
func groupsThatCannotBeDefined(c *Case) {
	c.Start()
	for setting, o := range map[string]roles.Options{
		"roles.Options.UserModel":                                {UserModel: "Member"},
		"roles.Options.Permissions: roles: \"orders\"":           {Permissions: []roles.Permission{{Name: "orders"}}},
		"roles.Options.Permissions: roles: \"a b.c\"":            {Permissions: []roles.Permission{{Name: "a b.c"}}},
		"roles.Options.Permissions: roles: \"a.b\" is there tw":  {Permissions: []roles.Permission{{Name: "a.b"}, {Name: "a.b"}}},
		"roles.Options.Permissions: roles: the title":            {Permissions: []roles.Permission{{Name: "a.b", Title: strings.Repeat("x", 256)}}},
		"roles.Options.Permissions: roles: the model":            {Permissions: []roles.Permission{{Name: "a.b", Model: "x y"}}},
		"roles.Options.Groups: roles: the name of a group must":  {Groups: []roles.Group{{Name: " "}}},
		"roles.Options.Groups: roles: \"Sales\" is there tw":     {Groups: []roles.Group{{Name: "Sales"}, {Name: "Sales"}}},
		"roles.Options.Groups: roles: the permission \"refund\"": {Groups: []roles.Group{{Name: "Sales", Permissions: []string{"refund"}}}},
	} {
		_, err := ginauth.New(c.DB, c.Auth.Config(), roles.Feature(o))
		if mistake := new(config.Mistake); !errors.As(err, &mistake) || !strings.Contains(err.Error(), setting) {
			c.Errorf("want %s, got %v", setting, err)
		}
	}
	auth := c.featured(roles.Feature(roles.Options{Groups: []roles.Group{{Name: "Sales", Permissions: []string{"orders.refund"}}}}))
	if err := auth.Migrate(c.Context()); !errors.Is(err, roles.ErrUnknown) || !strings.Contains(err.Error(), `"Sales"`) ||
		!strings.Contains(err.Error(), `"orders.refund"; add it to roles.Options.Permissions`) {
		c.Error(err)
	}
	for _, mistake := range []func(){
		func() { roles.Require(c.Auth, "orders.refund") }, func() { roles.Require(auth) }, func() { roles.Require(auth, "refund") }, func() { roles.RequireGroup(auth) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					c.Error("no panic")
				}
			}()
			mistake()
		}()
	}
}

// djangosRightsStay: tables and rows as Django writes them give the same rights, and the tables keep their form.
func djangosRightsStay(c *Case) {
	c.djangoUsers("ann", "bob")
	for _, statement := range djangoRoles[c.DB.Name()] {
		c.exec(statement)
	}
	for _, statement := range []string{
		"INSERT INTO django_content_type (id, app_label, model) VALUES (7, 'orders', 'order'), (8, 'auth', 'user')",
		"INSERT INTO auth_permission (id, content_type_id, codename, name) VALUES (25, 7, 'view_order', 'Can view order'), (26, 7, 'change_order', 'Can change order'), (27, 8, 'view_user', 'Can view user')",
		"INSERT INTO auth_group (id, name) VALUES (3, 'Sales')",
		"INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (3, 25)",
	} {
		c.exec(statement)
	}
	if c.DB.Name() == "postgres" { // Django's sequences are behind these rows
		for _, table := range []string{"django_content_type", "auth_permission", "auth_group"} {
			c.exec("SELECT setval(pg_get_serial_sequence('" + table + "', 'id'), 100)")
		}
	}
	c.exec("INSERT INTO auth_user_groups (user_id, group_id) VALUES (?, 3)", c.idOf("ann"))
	c.exec("INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES (?, 26)", c.idOf("bob"))
	before := c.columns("django_content_type", "auth_permission", "auth_group", "auth_group_permissions", "auth_user_groups", "auth_user_user_permissions")

	c.App = authtest.With(roles.Feature(roles.Options{Permissions: shop().Permissions})).New(c.T, c.DB)
	if after := c.columns("django_content_type", "auth_permission", "auth_group", "auth_group_permissions", "auth_user_groups", "auth_user_user_permissions"); after != before {
		c.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	for name, want := range map[string]string{"ann": "{false [Sales] [orders.view_order]}", "bob": "{false [] [orders.change_order]}"} {
		if rights, err := roles.Of(c.Context(), c.Auth, c.idOf(name)); err != nil || fmt.Sprint(rights) != want {
			c.Errorf("%s has %v, %v", name, rights, err)
		}
	}
	c.must(roles.Grant(c.Context(), c.Auth, c.idOf("bob"), "orders.refund", "auth.view_user"))
	c.must(roles.AddToGroups(c.Context(), c.Auth, c.idOf("bob"), "Sales"))
	if rights, err := roles.Of(c.Context(), c.Auth, c.idOf("bob")); err != nil || fmt.Sprint(rights) != "{false [Sales] [auth.view_user orders.change_order orders.refund orders.view_order]}" {
		c.Error(rights, err)
	}
	if n := c.rows("auth_permission"); n != 11 { // 3 of Django, orders.refund, and 7 on users and groups
		c.Errorf("%d permissions", n)
	}
	c.exec("DELETE FROM authtoken_token")
	c.must(c.Auth.DeleteUser(c.Context(), c.idOf("bob"))) // foreign keys of Django do not keep the user
}

// rolesTablesCanBePrinted: running the printed statements does all that the migration does.
func rolesTablesCanBePrinted(c *Case) {
	c.Start()
	auth := c.featured(roles.Feature(shop()))
	text := c.printed(auth)
	for statement := range strings.SplitSeq(text, ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			c.exec(statement)
		}
	}
	if n := strings.Count(text, "CREATE TABLE"); n != 6 {
		c.Errorf("%d tables in\n%s", n, text)
	}
	c.wantMigrated(auth)
	if groups, err := roles.Groups(c.Context(), auth); err != nil || len(groups) != 1 {
		c.Error(groups, err)
	}
}

// columns describes tables.
func (c *Case) columns(tables ...string) string {
	c.Helper()
	var out strings.Builder
	for _, table := range tables {
		columns, err := c.DB.Migrator().ColumnTypes(table)
		c.must(err)
		for _, column := range columns {
			kind, _ := column.ColumnType()
			null, _ := column.Nullable()
			fmt.Fprintln(&out, table, column.Name(), kind, null)
		}
		indexes, err := c.DB.Migrator().GetIndexes(table)
		c.must(err)
		fmt.Fprintln(&out, table, len(indexes), "indexes")
	}
	return out.String()
}

// djangosOwnUserModel: the tables and the permissions of users have the names that Django gives them.
func djangosOwnUserModel(c *Case) {
	c.With(roles.Feature(roles.Options{UserModel: "accounts.member"})).StartMail(members)
	ctx := c.Context()
	c.Client().Post("/auth/registration/", memberIn("ann")).Want(201)
	account, err := core.Of(c.Auth).UserByName(ctx, "ann")
	c.must(err)
	id := account.Base().ID
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Sales", Permissions: []string{"accounts.view_member"}}))
	c.must(roles.AddToGroups(ctx, c.Auth, id, "Sales"))
	c.must(roles.Grant(ctx, c.Auth, id, "accounts.change_member"))
	var members []int64
	table := c.Auth.Config().NewUser().(interface{ TableName() string }).TableName()
	if err := c.DB.Table(table+"_groups").Pluck("member_id", &members).Error; err != nil || len(members) != 1 || members[0] != id {
		c.Error(members, err)
	}
	if rights, err := roles.Of(ctx, c.Auth, id); err != nil || fmt.Sprint(rights) != "{false [Sales] [accounts.change_member accounts.view_member]}" {
		c.Error(rights, err)
	}
}

// raceToDeleteAGroup: no membership of a deleted group stays, which a later group with its ID would have.
func raceToDeleteAGroup(c *Case) {
	c.startRoles(roles.Options{})
	c.SignedUp("ann")
	ctx, id := c.Context(), c.user("ann").ID
	for range 5 {
		c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Sales"}))
		var all sync.WaitGroup
		all.Go(func() {
			if err := roles.AddToGroups(ctx, c.Auth, id, "Sales"); err != nil && !errors.Is(err, roles.ErrUnknown) {
				c.Error(err)
			}
		})
		all.Go(func() {
			if err := roles.DeleteGroup(ctx, c.Auth, "Sales"); err != nil {
				c.Error(err)
			}
		})
		all.Wait()
		if n := c.rows("auth_user_groups"); n != 0 {
			c.Errorf("%d memberships", n)
		}
	}
}

// raceToSetAGroup: the group has the permissions of one of the calls.
func raceToSetAGroup(c *Case) {
	c.startRoles(roles.Options{Permissions: shop().Permissions})
	ctx := c.Context()
	var all sync.WaitGroup
	for _, name := range []string{"view_order", "change_order", "refund", "view_order"} {
		all.Go(func() {
			if err := roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Sales", Permissions: []string{"orders." + name}}); err != nil {
				c.Error(err)
			}
		})
	}
	all.Wait()
	groups, err := roles.Groups(ctx, c.Auth)
	if err != nil || len(groups) != 1 || len(groups[0].Permissions) != 1 {
		c.Error(groups, err)
	}
}
