package core

// Rights: what a user may do, which package roles or a feature of the application knows.

import "slices"

// Rights are what a user may do. The zero value may do nothing.
type Rights struct {
	IsSuperuser bool     `json:"is_superuser"` // may do everything, whatever the lists have
	Groups      []string `json:"groups"`       // sorted
	Permissions []string `json:"permissions"`  // sorted names, like "orders.change_order": those granted to the user, and those of the groups
}

// Can reports whether the user has all of these permissions.
func (r Rights) Can(permissions ...string) bool {
	return r.IsSuperuser || !slices.ContainsFunc(permissions, func(name string) bool {
		_, has := slices.BinarySearch(r.Permissions, name)
		return !has
	})
}

// In reports whether the user is in one of these groups, or is a superuser.
func (r Rights) In(groups ...string) bool {
	return r.IsSuperuser || slices.ContainsFunc(groups, func(name string) bool {
		_, has := slices.BinarySearch(r.Groups, name)
		return has
	})
}

// Covers reports whether r allows all that other allows: it has all permissions and all groups, because applications also ask for groups
// by name. Only the rights of a superuser cover those of a superuser.
func (r Rights) Covers(other Rights) bool {
	lacks := func(group string) bool { return !r.In(group) }
	return r.IsSuperuser || !other.IsSuperuser && r.Can(other.Permissions...) && !slices.ContainsFunc(other.Groups, lacks)
}
