package store

// The second factors of a user, as names in a column of the user's row.

import (
	"fmt"
	"slices"
	"strings"
)

// maxFactors is the size of the column, in bytes.
const maxFactors = 255

// SetFactor adds a name to a user's factors, or removes it, and reports whether the user has none now, or had none before. The user
// stays locked until the transaction ends. ErrNotFound means that there is no such user.
func (tx *Tx) SetFactor(id int64, name string, on bool) (none bool, err error) {
	if fields := strings.Fields(name); len(fields) != 1 || fields[0] != name {
		return false, fmt.Errorf("set factor: %q is not a valid name of a factor: it must not be empty or contain spaces", name)
	}
	if err := tx.LockUser(id); err != nil {
		return false, fmt.Errorf("set factor: %w", err)
	}
	user, err := tx.LockedUser(id)
	if err != nil {
		return false, wrap("set factor", err)
	}
	if user.HasFactor(name) == on {
		return user.Factors == "", nil
	}
	names := slices.DeleteFunc(user.FactorNames(), func(n string) bool { return n == name })
	if on {
		names = append(names, name)
	}
	slices.Sort(names)
	factors := strings.Join(names, " ")
	if len(factors) > maxFactors {
		return false, fmt.Errorf("set factor: the user has too many factors for %q: %d bytes, of %d", name, len(factors), maxFactors)
	}
	return user.Factors == "" || factors == "", wrap("set factor", tx.user(id).Updates(map[string]any{"factors": factors}).Error)
}

// ClearFactors removes all factors of a user.
func (tx *Tx) ClearFactors(id int64) error {
	return wrap("clear factors", tx.user(id).Updates(map[string]any{"factors": ""}).Error)
}
