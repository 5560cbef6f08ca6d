package roles

// What a user may do, read in one query.

import (
	"context"
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Rights are what a user may do. GET user/permissions/ returns them.
type Rights = core.Rights

// Of returns what a user may do now. It does not ask whether the account is active. It returns [core.ErrNoRow] if no user has
// the ID.
func Of(ctx context.Context, auth core.Holder, userID int64) (Rights, error) {
	f, err := of(auth)
	if err != nil {
		return Rights{}, fmt.Errorf("roles: Of %w", err)
	}
	if _, err := f.core.UserByID(ctx, userID); err != nil {
		return Rights{}, err
	}
	return f.read(f.core.DB(ctx), userID)
}

// Can reports whether the user of a request has all of these permissions. It is false for a request that no guard, such as
// auth.RequireUser, found to be logged in. The error is that of the database. A request reads the rights once.
func Can(c *gin.Context, permissions ...string) (bool, error) {
	rights, err := rightsOf(c)
	return err == nil && rights.Can(permissions...), err
}

// In reports whether the user of a request is in one of these groups, or is a superuser. It is otherwise like [Can].
func In(c *gin.Context, groups ...string) (bool, error) {
	rights, err := rightsOf(c)
	return err == nil && rights.In(groups...), err
}

// rightsOf returns the rights of the user of a request, for functions that take no Auth.
func rightsOf(g *gin.Context) (Rights, error) {
	if core.User(g) == nil {
		return Rights{}, nil
	}
	auth := core.AuthOf(g)
	if _, err := of(auth); err != nil {
		return Rights{}, core.ErrInternal.Because(fmt.Errorf("package roles %w", err))
	}
	return auth.RightsOf(g)
}

// right is a row of the query: a permission, a group, which has no app, or that the user is a superuser, which has no name either.
type right struct{ App, Name string }

// read returns the rights of a user.
func (f *feature) read(db *gorm.DB, userID int64) (Rights, error) {
	quoted := func(name string) string { return db.Statement.Quote(name) }
	groups, permissions, user := quoted(f.tables.groups), quoted(f.tables.permissions), quoted(f.tables.user)
	const named = " UNION ALL SELECT t.app_label, p.codename FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id JOIN "
	query := "SELECT '' AS app, g.name AS name FROM auth_group g JOIN " + groups + " m ON m.group_id = g.id WHERE m." + user + " = ?" +
		named + permissions + " m ON m.permission_id = p.id WHERE m." + user + " = ?" +
		named + "auth_group_permissions o ON o.permission_id = p.id JOIN " + groups + " m ON m.group_id = o.group_id WHERE m." + user + " = ?" +
		" UNION ALL SELECT '', '' FROM " + quoted(f.core.UsersTable()) + " u WHERE u.id = ? AND u.is_superuser = ?"
	var rows []right
	if err := db.Raw(query, userID, userID, userID, userID, true).Scan(&rows).Error; err != nil {
		return Rights{}, fmt.Errorf("roles: read the rights of a user: %w", err)
	}
	out := Rights{Groups: []string{}, Permissions: []string{}}
	for _, row := range rows {
		switch {
		case row == right{}:
			out.IsSuperuser = true
		case row.App == "":
			out.Groups = append(out.Groups, row.Name)
		default:
			out.Permissions = append(out.Permissions, row.App+"."+row.Name)
		}
	}
	slices.Sort(out.Groups)
	slices.Sort(out.Permissions)
	out.Permissions = slices.Compact(out.Permissions)
	return out, nil
}

// own returns the rights of the user of the request.
func (f *feature) own(g *gin.Context, _ *binding.Empty) (Rights, error) { return rightsOf(g) }

// claims returns the claims of access tokens.
func (f *feature) claims(ctx context.Context, account models.Account) (map[string]any, error) {
	rights, err := f.read(f.core.DB(ctx), account.Base().ID)
	return map[string]any{"groups": rights.Groups, "permissions": rights.Permissions}, err
}

// exported is features.roles of GET user/export/ and of GET admin/users/:id/.
type exported struct {
	Rights
	Granted []string `json:"granted"` // the permissions that the user has without a group; a group can have them as well
}

// export returns features.roles.
func (f *feature) export(tx *core.Tx, userID int64) (any, error) {
	rights, err := f.read(tx.DB, userID)
	if err != nil {
		return nil, err
	}
	granted, err := f.granted(tx, userID)
	return exported{rights, append([]string{}, granted...)}, err
}
