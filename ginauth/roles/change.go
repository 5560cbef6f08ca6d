package roles

// Changes at run time: who may do what.

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// EventChanged is the event of a change of a user's rights in the audit trail. Details has what changed, such as "granted
// orders.refund".
const EventChanged config.EventName = "roles_changed"

func events() []core.EventKind {
	return []core.EventKind{{Name: EventChanged, WebHook: "roles.changed", Doc: "the groups or permissions of the user changed", Data: []string{"change"}}}
}

// held is what a user can hold: permissions or groups.
type held struct {
	table func(tables) string
	other string // the column besides that of the user
	ids   func(*gorm.DB, []string) ([]int64, error)
}

var (
	heldPermissions = held{func(t tables) string { return t.permissions }, "permission_id", idsOf}
	heldGroups      = held{func(t tables) string { return t.groups }, "group_id", groupIDs}
)

// Grant gives permissions to a user, besides those of the user's groups. The audit trail has the event roles_changed. It returns
// [core.ErrNoRow] if no user has the ID, and [ErrUnknown] for a permission that does not exist; then nothing is changed.
func Grant(ctx context.Context, auth core.Holder, userID int64, permissions ...string) error {
	return change(ctx, auth, "granted", userID, permissions, heldPermissions, (*feature).add)
}

// Revoke takes permissions away that were granted to a user. The user may still have them by a group. Otherwise it is like [Grant].
func Revoke(ctx context.Context, auth core.Holder, userID int64, permissions ...string) error {
	return change(ctx, auth, "revoked", userID, permissions, heldPermissions, (*feature).remove)
}

// AddToGroups makes a user a member of groups. The audit trail has the event roles_changed. It returns [core.ErrNoRow] if no
// user has the ID, and [ErrUnknown] for a group that does not exist; then nothing is changed.
func AddToGroups(ctx context.Context, auth core.Holder, userID int64, groups ...string) error {
	return change(ctx, auth, "added to", userID, groups, heldGroups, (*feature).add)
}

// RemoveFromGroups ends memberships of a user. Otherwise it is like [AddToGroups].
func RemoveFromGroups(ctx context.Context, auth core.Holder, userID int64, groups ...string) error {
	return change(ctx, auth, "removed from", userID, groups, heldGroups, (*feature).remove)
}

// change adds or removes what a user holds, in one transaction.
func change(ctx context.Context, auth core.Holder, verb string, userID int64, names []string, what held,
	one func(f *feature, tx *core.Tx, table, other string, userID, id int64) error,
) error {
	f, err := of(auth)
	if err != nil {
		return fmt.Errorf("roles: a change of rights %w", err)
	}
	return f.core.Tx(ctx, func(tx *core.Tx) error {
		if err := tx.LockUser(userID); err != nil {
			return err
		}
		return f.change(tx, verb, userID, names, what, one)
	})
}

// change is the transaction of the function change. The user is locked.
func (f *feature) change(tx *core.Tx, verb string, userID int64, names []string, what held,
	one func(f *feature, tx *core.Tx, table, other string, userID, id int64) error,
) error {
	ids, err := what.ids(tx.DB, names)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := one(f, tx, what.table(f.tables), what.other, userID, id); err != nil {
			return err
		}
	}
	user, err := tx.User(userID)
	if err != nil {
		return err
	}
	return tx.Record(EventChanged, config.Event{User: user, Details: verb + " " + strings.Join(names, ", ")})
}

// add inserts a pair unless it is there. The user is locked.
func (f *feature) add(tx *core.Tx, table, other string, userID, id int64) error {
	pair := map[string]any{f.tables.user: userID, other: id}
	var n int64
	if err := tx.DB.Table(table).Where(pair).Count(&n).Error; err != nil || n > 0 {
		return err
	}
	return tx.DB.Table(table).Create(pair).Error
}

// remove deletes a pair.
func (f *feature) remove(tx *core.Tx, table, other string, userID, id int64) error {
	quoted := tx.DB.Statement.Quote
	return tx.DB.Exec("DELETE FROM "+quoted(table)+" WHERE "+quoted(f.tables.user)+" = ? AND "+quoted(other)+" = ?", userID, id).Error
}
