package roles

// Routes for operators below admin/, with Options.ManageRoutes: groups, and what a user may do. Operators give only what they have.

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// EventGroupChanged is the event of a group that an operator creates, changes or deletes at a route. It has no user. Details has what
// changed.
const EventGroupChanged config.EventName = "group_changed"

const (
	codeUnknown        = binding.Code("right_unknown")
	codeDefined        = binding.Code("group_defined")
	permissionAddGroup = "auth.add_group" // besides that of the route

	codeSpelled = binding.Code("group_other_spelling")

	mailRights = "rights_changed"
)

func (f *feature) manageRoutes(s *core.Setup) {
	s.Codes(
		binding.CodeDoc{Code: codeUnknown, Meaning: "a group or permission with this name does not exist"},
		binding.CodeDoc{Code: codeDefined, Meaning: "the application defines this group, so it cannot be changed here"},
		binding.CodeDoc{Code: codeSpelled, Meaning: "a group exists whose name the database takes for the same, such as one in another case"},
	)
	s.Mail(core.MailKind{Name: mailRights, Notice: true})
	s.Event(core.EventKind{Name: EventGroupChanged, Doc: "an operator created, changed or deleted a group"})
	route := func(method, path, permission, doc string) core.Route {
		return core.Route{Method: method, Path: "admin/" + path, Tag: "Managing groups and permissions", Access: core.AccessUser, Permission: permission, NumericID: true, Doc: doc}
	}
	core.Add(s, route(http.MethodGet, "permissions", "auth.view_permission", "List all permissions."), f.listPermissions)
	core.Add(s, route(http.MethodGet, "groups", "auth.view_group", "List all groups with their permissions."), f.listGroups)
	core.Add(s, route(http.MethodPut, "groups", "auth.change_group", "Give a group exactly these permissions, and create it if it is missing."), f.putGroup)
	drop := route(http.MethodPost, "groups/delete", "auth.delete_group", "Delete a group and all memberships.")
	drop.Status, drop.Fails = http.StatusNoContent, []int{http.StatusNotFound}
	core.Add(s, drop, f.dropGroup)
	core.Add(s, route(http.MethodPut, "users/:id/groups", "auth.change_user", "Make a user a member of exactly these groups."), f.putGroups)
	core.Add(s, route(http.MethodPut, "users/:id/permissions", "auth.change_user", "Grant a user exactly these permissions, besides those of the groups."), f.putPermissions)
}

// NamedGroup is a group in requests and responses.
type NamedGroup struct {
	Name        string   `json:"name" binding:"required,max=150"`
	Permissions []string `json:"permissions"`
}

// GroupList has all groups, sorted by name.
type GroupList struct {
	Results []NamedGroup `json:"results"`
	Next    *string      `json:"next"`
}

// PermissionList has the names of all permissions, sorted.
type PermissionList struct {
	Results []string `json:"results"`
	Next    *string  `json:"next"`
}

// GroupNames is the body of PUT admin/users/:id/groups/.
type GroupNames struct {
	Groups []string `json:"groups" binding:"required"`
}

// PermissionNames is the body of PUT admin/users/:id/permissions/.
type PermissionNames struct {
	Permissions []string `json:"permissions" binding:"required"`
}

// GroupName is the body of POST admin/groups/delete/.
type GroupName struct {
	Name string `json:"name" binding:"required,max=150"`
}

func (f *feature) listPermissions(g *gin.Context, _ *binding.Empty) (PermissionList, error) {
	all, err := Permissions(g.Request.Context(), f.core)
	return PermissionList{Results: all}, err
}

func (f *feature) listGroups(g *gin.Context, _ *binding.Empty) (GroupList, error) {
	all, err := Groups(g.Request.Context(), f.core)
	out := GroupList{Results: make([]NamedGroup, len(all))}
	for i, group := range all {
		out.Results[i] = NamedGroup(group)
	}
	return out, err
}

// putGroup answers PUT admin/groups/. The operator must have what the group allows, before and after, and cannot be a member: a member
// could keep, by the group, what is taken from them.
func (f *feature) putGroup(g *gin.Context, in *NamedGroup) (NamedGroup, error) {
	wanted := Group{in.Name, append([]string{}, sorted(in.Permissions)...)}
	err := wanted.refuse()
	if err != nil {
		return NamedGroup{}, binding.Invalid("name", binding.Problem{Code: binding.CodeInvalid})
	}
	err = f.changeGroup(g, in.Name, "set to", func(op *core.OperatorTx) error {
		if !op.Rights.Can(wanted.Permissions...) {
			return core.ErrPermission
		}
		return setGroup(op.DB, wanted)
	})
	return NamedGroup(wanted), err
}

// dropGroup answers POST admin/groups/delete/. The name is in the body, because it can have any characters.
func (f *feature) dropGroup(g *gin.Context, in *GroupName) (binding.Empty, error) {
	return binding.Empty{}, f.changeGroup(g, in.Name, "deleted", func(op *core.OperatorTx) error { return f.deleteGroup(op.Tx, in.Name) })
}

// changeGroup runs the change of a group, which need not exist.
func (f *feature) changeGroup(g *gin.Context, name, verb string, fn func(*core.OperatorTx) error) error {
	if slices.ContainsFunc(f.Options.Groups, func(defined Group) bool { return defined.Name == name }) {
		return binding.Invalid("name", binding.Problem{Code: codeDefined})
	}
	return asInvalid("permissions", f.core.OperateAlone(g, nil, func(op *core.OperatorTx) error {
		has, err := ofGroups(op.Tx, []string{name})
		switch {
		case errors.Is(err, ErrUnknown) && verb == "deleted":
			return core.ErrNotFound
		case err != nil && !errors.Is(err, ErrUnknown):
			return err
		case err != nil && !op.Rights.Can(permissionAddGroup):
			return core.ErrPermission
		case !op.Rights.Can(has...):
			return core.ErrPermission
		case !op.Rights.IsSuperuser && slices.Contains(op.Rights.Groups, name):
			return core.ErrOwnAccount
		}
		if err := fn(op); err != nil {
			return err
		}
		return op.Record(EventGroupChanged, config.Event{Details: name + " " + verb})
	}))
}

// putGroups answers PUT admin/users/:id/groups/. Operators add users only to groups that they are in themselves.
func (f *feature) putGroups(g *gin.Context, in *GroupNames) (Rights, error) {
	return f.put(g, "groups", in.Groups, heldGroups, "added to", "removed from", func(op *core.OperatorTx) ([]string, error) { return op.Theirs.Groups, nil },
		func(op *core.OperatorTx, added []string) (bool, error) {
			may, err := ofGroups(op.Tx, added)
			for _, name := range added {
				if !op.Rights.In(name) {
					return false, err
				}
			}
			return op.Rights.Can(may...), err
		})
}

// putPermissions answers PUT admin/users/:id/permissions/.
func (f *feature) putPermissions(g *gin.Context, in *PermissionNames) (Rights, error) {
	return f.put(g, "permissions", in.Permissions, heldPermissions, "granted", "revoked",
		func(op *core.OperatorTx) ([]string, error) { return f.granted(op.Tx, op.User.ID) },
		func(op *core.OperatorTx, added []string) (bool, error) { return op.Rights.Can(added...), nil })
}

// put replaces what a user holds.
func (f *feature) put(g *gin.Context, field string, wanted []string, what held, adds, removes string,
	has func(*core.OperatorTx) ([]string, error), may func(*core.OperatorTx, []string) (bool, error),
) (out Rights, err error) {
	id, err := core.PathID(g)
	if err != nil {
		return out, err
	}
	mail := core.WithoutRequest(g.Request.Context()) // nothing about the client, who is not the user
	err = f.core.Operate(g, id, func(op *core.OperatorTx) error {
		present, err := has(op)
		if err != nil {
			return err
		}
		added, removed := without(sorted(wanted), present), without(present, wanted)
		if len(added) > 0 {
			if allowed, err := may(op, added); err != nil {
				return err
			} else if !allowed {
				return core.ErrPermission
			}
			if err := f.change(op.Tx, adds, id, added, what, (*feature).add); err != nil {
				return err
			}
		}
		if len(removed) > 0 {
			if err := f.change(op.Tx, removes, id, removed, what, (*feature).remove); err != nil {
				return err
			}
		}
		if len(added)+len(removed) > 0 && !f.AllowSilentChanges {
			if err := f.core.Notify(mail, op.Tx, mailRights, op.User, op.User.Email); err != nil {
				return err
			}
		}
		out, err = f.read(op.DB, id)
		return err
	})
	if err == nil {
		f.core.Posted(mail)
	}
	return out, asInvalid(field, err)
}

// without returns the names of a list that another one lacks.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return slices.Contains(other, name) })
}

// granted returns the permissions that a user has besides those of the groups, sorted.
func (f *feature) granted(tx *core.Tx, userID int64) ([]string, error) {
	quoted := tx.DB.Statement.Quote
	var rows []right
	err := tx.DB.Raw("SELECT t.app_label AS app, p.codename AS name FROM "+quoted(f.tables.permissions)+" m JOIN auth_permission p ON p.id = m.permission_id "+
		"JOIN django_content_type t ON t.id = p.content_type_id WHERE m."+quoted(f.tables.user)+" = ?", userID).Scan(&rows).Error
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.App + "." + row.Name
	}
	return sorted(names), err
}

// asInvalid returns the error of a field for a name that does not exist, or exists in another spelling.
func asInvalid(field string, err error) error {
	switch {
	case errors.Is(err, ErrUnknown):
		return binding.Invalid(field, binding.Problem{Code: codeUnknown})
	case errors.Is(err, ErrSpelling):
		return binding.Invalid("name", binding.Problem{Code: codeSpelled})
	}
	return err
}
