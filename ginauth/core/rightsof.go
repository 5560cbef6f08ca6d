package core

// Who may do what, asked of the feature that knows it.

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"
)

// Rights says who may do what. Without it, superusers may do everything, and no other user has a permission. One feature can
// declare it.
func (s *Setup) Rights(source RightsSource) {
	c := s.declaring().core
	switch {
	case c.rights != nil:
		s.fail(errors.New("Rights: another feature says already who may do what"))
	case source.Of == nil || source.OfGroups == nil || source.Join == nil:
		s.fail(errors.New("Rights needs the functions Of, OfGroups and Join"))
	default:
		c.rights = &source
	}
}

// RightsIn returns the rights of a user, read in a transaction.
func (c *Core) RightsIn(tx *Tx, userID int64) (Rights, error) {
	user, err := tx.User(userID)
	if err != nil || c.rights == nil {
		return Rights{IsSuperuser: err == nil && user.IsSuperuser, Groups: []string{}, Permissions: []string{}}, err // shown as JSON
	}
	return c.rights.Of(tx.DB, userID)
}

type rightsKey struct{ user int64 }

// RightsOf returns the rights of the user of a request. It reads them once for each request. Rights of a request that no guard found to
// be logged in are zero.
func (c *Core) RightsOf(g *gin.Context) (Rights, error) {
	user := User(g)
	switch {
	case user == nil:
		return Rights{}, nil
	case c.rights == nil:
		return Rights{IsSuperuser: user.IsSuperuser}, nil
	}
	key := rightsKey{user.ID}
	if known, found := g.Get(key); found {
		return known.(Rights), nil //nolint:forcetypeassert // only set below
	}
	rights, err := c.rights.Of(c.DB(g.Request.Context()), user.ID)
	if err == nil {
		g.Set(key, rights)
	}
	return rights, err
}

// GroupRights returns what members of groups may do, and locks the groups. It returns [ErrNoRow] if a group does not exist, or if no
// feature knows groups. No groups are no rights.
func (c *Core) GroupRights(tx *Tx, groups []string) (Rights, error) {
	switch {
	case len(groups) == 0:
		return Rights{}, nil
	case c.rights == nil:
		return Rights{}, fmt.Errorf("%w: no feature knows groups", ErrNoRow)
	}
	permissions, err := c.rights.OfGroups(tx, groups)
	return Rights{Groups: groups, Permissions: permissions}, err
}

// JoinGroups makes a user, who is locked, a member of groups. It returns [ErrNoRow] like [Core.GroupRights].
func (c *Core) JoinGroups(tx *Tx, userID int64, groups []string) error {
	if len(groups) == 0 {
		return nil
	}
	if c.rights == nil {
		return fmt.Errorf("%w: no feature knows groups", ErrNoRow)
	}
	return c.rights.Join(tx, userID, groups)
}

// permission returns the name of a permission as the source knows it.
func (c *Core) permission(name string) string {
	if name == "" || c.rights == nil || c.rights.Permission == nil {
		return name
	}
	return c.rights.Permission(name)
}

// RoutePermissions returns the permissions that routes ask for, sorted. It is complete when New has called all features.
func (c *Core) RoutePermissions() []string {
	var all []string
	for i := range c.routes {
		if name := c.routes[i].Permission; name != "" {
			all = append(all, c.permission(name))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
