package core

// Ways in: whether a user could still log in after a credential is removed.

import (
	"errors"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
)

// WayIn adds a function that reports whether a user can log in with what the feature keeps about them, such as a
// passkey. [Tx.HasWayIn] asks it in the transaction that removes a credential, with the user locked. A second factor
// is not a way in. A nil function is an error of New.
func (s *Setup) WayIn(has func(tx *Tx, userID int64) (bool, error)) {
	if has == nil {
		s.fail(errors.New("WayIn needs a function, got nil"))
		return
	}
	s.declaring().core.waysIn = append(s.core.waysIn, has)
}

// HasWayIn reports whether a user can log in: with a password and a name or address, by a backend, or by a feature
// that declared [Setup.WayIn]. Call it after the transaction has removed a credential, and return an error if the result
// is false, so that no account is left without a way in. It locks the user until the transaction ends, so concurrent
// removals cannot both succeed. It returns [ErrNoRow] if the user does not exist.
func (tx *Tx) HasWayIn(userID int64) (bool, error) {
	user, err := tx.LockedUser(userID)
	if err != nil {
		return false, err
	}
	if user.Backend != "" || user.HasPassword() && (user.UsernameKey != nil || user.EmailKey != nil) {
		return true, nil
	}
	for _, has := range tx.core.waysIn {
		if in, err := has(tx, userID); err != nil || in {
			return in, custom.Failure("WayIn of a feature", err)
		}
	}
	return false, nil
}
