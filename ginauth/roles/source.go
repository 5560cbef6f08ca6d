package roles

// What the core asks, for routes and features that need to know who may do what; see core.RightsSource.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

func (f *feature) source() core.RightsSource {
	return core.RightsSource{Of: f.read, OfGroups: ofGroups, Join: f.join, Permission: f.onOwnModel}
}

// ofGroups returns the permissions of groups, and locks the groups.
func ofGroups(tx *core.Tx, names []string) ([]string, error) {
	ids, err := groupIDs(tx.DB, names)
	if err != nil {
		return nil, asNoRow(err)
	}
	var all []string
	for _, id := range ids {
		has, err := permissionsOf(tx.DB, id)
		if err != nil {
			return nil, err
		}
		all = append(all, has...)
	}
	return sorted(all), nil
}

// join makes a user a member of groups.
func (f *feature) join(tx *core.Tx, userID int64, names []string) error {
	return asNoRow(f.change(tx, "added to", userID, names, heldGroups, (*feature).add))
}

func asNoRow(err error) error {
	if errors.Is(err, ErrUnknown) {
		return fmt.Errorf("%w: %w", core.ErrNoRow, err)
	}
	return err
}

// onOwnModel returns the name that a permission on users has with this user model: of "auth.view_user", "accounts.view_member".
func (f *feature) onOwnModel(name string) string {
	action, onUsers := strings.CutSuffix(name, "_user")
	action, ofAuth := strings.CutPrefix(action, "auth.")
	if !onUsers || !ofAuth {
		return name
	}
	app, model, _ := split(f.UserModel)
	return app + "." + action + "_" + model
}
