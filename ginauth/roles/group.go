package roles

// Groups at run time, and what exists.

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// ErrDefined is returned by SetGroup and DeleteGroup for a group of Options.Groups.
var ErrDefined = errors.New("roles: the group is defined by roles.Options.Groups")

// Groups returns all groups with their permissions, sorted by name.
func Groups(ctx context.Context, auth core.Holder) ([]Group, error) {
	f, err := of(auth)
	if err != nil {
		return nil, fmt.Errorf("roles: Groups %w", err)
	}
	var rows []struct{ Grp, App, Codename *string }
	err = f.core.DB(ctx).Raw("SELECT g.name AS grp, t.app_label AS app, p.codename AS codename FROM auth_group g LEFT JOIN auth_group_permissions o ON o.group_id = g.id " +
		"LEFT JOIN auth_permission p ON p.id = o.permission_id LEFT JOIN django_content_type t ON t.id = p.content_type_id ORDER BY g.name, g.id, app, codename").Scan(&rows).Error
	all := []Group{}
	for _, row := range rows {
		if last := len(all) - 1; last < 0 || all[last].Name != *row.Grp {
			all = append(all, Group{Name: *row.Grp, Permissions: []string{}})
		}
		if row.App != nil && row.Codename != nil {
			last := &all[len(all)-1]
			last.Permissions = append(last.Permissions, *row.App+"."+*row.Codename)
		}
	}
	return all, err
}

// Permissions returns the names of all permissions that exist, sorted.
func Permissions(ctx context.Context, auth core.Holder) ([]string, error) {
	f, err := of(auth)
	if err != nil {
		return nil, fmt.Errorf("roles: Permissions %w", err)
	}
	ids, err := permissionIDs(f.core.DB(ctx))
	return slices.Sorted(maps.Keys(ids)), err
}

// SetGroup gives a group exactly these permissions, and creates it if it is missing. Its members have them from their next request.
// It returns [ErrUnknown] for a permission that does not exist, [ErrSpelling] for a group that exists in another spelling, and
// [ErrDefined] for a group of Options.Groups; then nothing is changed.
func SetGroup(ctx context.Context, auth core.Holder, g Group) error {
	f, err := changeable(auth, "SetGroup", g.Name)
	if err != nil {
		return err
	}
	if err := g.refuse(); err != nil {
		return fmt.Errorf("roles: SetGroup: %w", err)
	}
	return f.core.Tx(ctx, func(tx *core.Tx) error { return setGroup(tx.DB, g) })
}

// DeleteGroup deletes a group and all memberships. It returns [ErrUnknown] if it does not exist, and [ErrDefined] for a group of
// Options.Groups.
func DeleteGroup(ctx context.Context, auth core.Holder, name string) error {
	f, err := changeable(auth, "DeleteGroup", name)
	if err != nil {
		return err
	}
	return f.core.Tx(ctx, func(tx *core.Tx) error { return f.deleteGroup(tx, name) })
}

// deleteGroup is the transaction of DeleteGroup.
func (f *feature) deleteGroup(tx *core.Tx, name string) error {
	ids, err := groupIDs(tx.DB, []string{name})
	if err != nil {
		return err
	}
	if err := tx.DB.Exec("DELETE FROM "+tx.DB.Statement.Quote(f.tables.groups)+" WHERE group_id = ?", ids[0]).Error; err != nil {
		return err
	}
	if err := tx.DB.Where("group_id = ?", ids[0]).Delete(&groupPermission{}).Error; err != nil {
		return err
	}
	return tx.DB.Delete(&group{ID: ids[0]}).Error
}

// changeable returns the feature for a change of a group.
func changeable(auth core.Holder, function, name string) (*feature, error) {
	f, err := of(auth)
	if err != nil {
		return nil, fmt.Errorf("roles: %s %w", function, err)
	}
	if slices.ContainsFunc(f.Options.Groups, func(g Group) bool { return g.Name == name }) {
		return nil, fmt.Errorf("%w: %q", ErrDefined, name)
	}
	return f, nil
}

// groupIDs returns the IDs of groups, or an [ErrUnknown] that names the first one that does not exist. It locks the groups, so that
// no other transaction deletes one in between.
func groupIDs(db *gorm.DB, names []string) ([]int64, error) {
	if err := db.Model(&group{}).Where("name IN ?", names).UpdateColumn("name", gorm.Expr("name")).Error; err != nil {
		return nil, err
	}
	var rows []group
	if err := db.Where("name IN ?", names).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	for _, name := range names {
		if !slices.ContainsFunc(rows, func(g group) bool { return g.Name == name }) {
			return nil, fmt.Errorf("%w: the group %q", ErrUnknown, name)
		}
	}
	return ids, nil
}
