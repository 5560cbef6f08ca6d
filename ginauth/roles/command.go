package roles

// Commands of package cmd that change who may do what.

import (
	"context"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

func (f *feature) commands(s *core.Setup) {
	for _, c := range []struct {
		name, args, doc, done string
		change                func(ctx context.Context, auth core.Holder, userID int64, names ...string) error
	}{
		{"grant", "PERMISSION...", "Give permissions to a user, such as orders.change_order.", "granted ", Grant},
		{"revoke", "PERMISSION...", "Take permissions away that were granted to a user.", "revoked ", Revoke},
		{"addtogroup", "GROUP...", "Make a user a member of groups.", "added to ", AddToGroups},
		{"removefromgroup", "GROUP...", "End memberships of a user.", "removed from ", RemoveFromGroups},
	} {
		s.Command(core.Command{Name: c.name, Args: c.args, Doc: c.doc, Run: func(ctx context.Context, userID int64, names []string) (string, error) {
			return c.done + strings.Join(names, ", ") + ".", c.change(ctx, f.core, userID, names...)
		}})
	}
}
