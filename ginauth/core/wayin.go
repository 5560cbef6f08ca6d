package core

// Ways in: whether a user could still log in after a credential is removed.

import (
	"errors"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/models"
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
	return tx.hasFeatureWayIn(userID)
}

// hasFeatureWayIn reports whether a user can log in by a feature.
func (tx *Tx) hasFeatureWayIn(userID int64) (bool, error) {
	for _, has := range tx.core.waysIn {
		if in, err := has(tx, userID); err != nil || in {
			return in, custom.Failure("WayIn of a feature", err)
		}
	}
	return false, nil
}

// HasWayBack is [Tx.HasWayIn], and also true for a user who can set a password by a mail to a confirmed address.
func (tx *Tx) HasWayBack(userID int64) (bool, error) {
	if in, err := tx.HasWayIn(userID); err != nil || in || tx.core.cfg.Mail.Sender == nil {
		return in, err
	}
	return tx.HasConfirmed(userID)
}

// onlyByAddress returns the ID of the first sign-up whose user could not log in without an address, or 0. A passkey, for example, needs
// none.
func (tx *Tx) onlyByAddress(key models.Key) (int64, error) {
	users, err := tx.rows.NeedAddress(key, tx.core.Now())
	for _, id := range users {
		if in, failure := tx.hasFeatureWayIn(id); failure != nil || !in {
			return id, failure
		}
	}
	return 0, err
}
