package roles

// The permissions and groups that the options define, in the database.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// defined returns the permissions of the options, those on users and groups that Django defines itself, and those that routes of the
// library ask for.
func (f *feature) defined() []Permission {
	app, model, _ := split(f.UserModel)
	all := slices.Clone(f.Permissions)
	for _, of := range [][2]string{{app, model}, {"auth", "group"}} {
		for _, action := range []string{"add", "change", "delete", "view"} {
			all = append(all, Permission{Name: of[0] + "." + action + "_" + of[1], Model: of[1]})
		}
	}
	for _, name := range f.core.RoutePermissions() {
		if !slices.ContainsFunc(all, func(p Permission) bool { return p.Name == name }) {
			all = append(all, Permission{Name: name})
		}
	}
	return all
}

// define writes what is missing, after each Migrate. It only reads if nothing is.
func (f *feature) define(ctx context.Context) error {
	known, err := permissionIDs(f.core.DB(ctx))
	if err != nil {
		return err
	}
	complete := !slices.ContainsFunc(f.defined(), func(p Permission) bool { return known[p.Name] == 0 })
	for _, g := range f.Groups {
		if complete {
			complete, err = isAsDefined(f.core.DB(ctx), g)
		}
	}
	if complete || err != nil {
		return err
	}
	return f.core.Tx(ctx, f.defineAll)
}

// permissionIDs returns the IDs of all permissions, by their names. There are four for each model of the application.
func permissionIDs(db *gorm.DB) (map[string]int64, error) {
	var rows []struct {
		ID            int64
		App, Codename string
	}
	err := db.Raw("SELECT p.id AS id, t.app_label AS app, p.codename AS codename FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id").Scan(&rows).Error
	ids := make(map[string]int64, len(rows))
	for _, row := range rows {
		ids[row.App+"."+row.Codename] = row.ID
	}
	return ids, err
}

// isAsDefined reports whether a group has exactly its permissions.
func isAsDefined(db *gorm.DB, g Group) (bool, error) {
	var groups []group
	if err := db.Where("name = ?", g.Name).Limit(1).Find(&groups).Error; err != nil || len(groups) == 0 {
		return false, err
	}
	has, err := permissionsOf(db, groups[0].ID)
	return slices.Equal(has, sorted(g.Permissions)), err
}

// permissionsOf returns the sorted names of a group's permissions.
func permissionsOf(db *gorm.DB, groupID int64) ([]string, error) {
	var rows []right
	err := db.Raw("SELECT t.app_label AS app, p.codename AS name FROM auth_group_permissions o JOIN auth_permission p ON p.id = o.permission_id "+
		"JOIN django_content_type t ON t.id = p.content_type_id WHERE o.group_id = ?", groupID).Scan(&rows).Error
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.App + "." + row.Name
	}
	return sorted(names), err
}

func sorted(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// defineAll is the transaction of define. Instances that start together write the same rows.
func (f *feature) defineAll(tx *core.Tx) error {
	for _, p := range f.defined() {
		if err := definePermission(tx.DB, p); err != nil {
			return err
		}
	}
	for _, g := range f.Groups {
		if err := setGroup(tx.DB, g); err != nil {
			return err
		}
	}
	return nil
}

// definePermission creates a permission unless there is one with its name, of whatever model.
func definePermission(db *gorm.DB, p Permission) error {
	app, codename, _ := strings.Cut(p.Name, ".")
	of := contentType{AppLabel: app, Model: p.model()}
	if err := ensure(db, &of, "app_label = ? AND model = ?", of.AppLabel, of.Model); err != nil {
		return err
	}
	var n int64
	err := db.Model(&permission{}).Where("codename = ? AND content_type_id IN (?)", codename,
		db.Model(&contentType{}).Where("app_label = ?", app).Select("id")).Count(&n).Error
	if err != nil || n > 0 {
		return err
	}
	row := permission{Name: p.title(), ContentTypeID: of.ID, Codename: codename}
	return ensure(db, &row, "content_type_id = ? AND codename = ?", row.ContentTypeID, row.Codename)
}

// setGroup creates a group if it is missing, and gives it exactly these permissions.
func setGroup(db *gorm.DB, g Group) error {
	row := group{Name: g.Name}
	if err := ensure(db, &row, "name = ?", g.Name); err != nil {
		return err
	}
	if row.Name != g.Name { // MySQL and MariaDB compare names of Django's tables without their case
		return fmt.Errorf("%w: the group %q has the name %q in the database: use that", ErrSpelling, g.Name, row.Name)
	}
	ids, err := idsOf(db, g.Permissions)
	if err != nil {
		return fmt.Errorf("the group %q: %w", g.Name, err)
	}
	others := db.Where("group_id = ?", row.ID)
	if len(ids) > 0 {
		others = others.Where("permission_id NOT IN ?", ids)
	}
	if err := others.Delete(&groupPermission{}).Error; err != nil {
		return err
	}
	for _, id := range ids {
		if err := insert(db, &groupPermission{GroupID: row.ID, PermissionID: id}); err != nil {
			return err
		}
	}
	return nil
}

// idsOf returns the sorted IDs of permissions, or an [ErrUnknown] that names the first one that does not exist.
func idsOf(db *gorm.DB, names []string) ([]int64, error) {
	if len(names) == 0 {
		return nil, nil
	}
	known, err := permissionIDs(db)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(names))
	for i, name := range names {
		if ids[i] = known[name]; ids[i] == 0 {
			return nil, fmt.Errorf("%w: the permission %q; add it to roles.Options.Permissions", ErrUnknown, name)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(ids))), nil
}

// ensure inserts a row unless it is there, and reads its ID. It locks the row until the transaction ends, so that no
// other transaction deletes it in between.
func ensure(db *gorm.DB, row any, where string, args ...any) error {
	if err := insert(db, row); err != nil {
		return err
	}
	return db.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where(where, args...).Take(row).Error
}

// insert inserts a row unless an equal one is there.
func insert(db *gorm.DB, row any) error {
	return db.Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error
}

// ErrUnknown is returned for a permission or a group that does not exist. The text names it.
var ErrUnknown = errors.New("roles: it does not exist")

// ErrSpelling is returned for a new group whose name only differs in case or accents from one that exists, on a database that takes both
// for the same name, as MySQL and MariaDB do. The text has both.
var ErrSpelling = errors.New("roles: it exists in another spelling")
