package core

// Transactions: the user's row.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// User returns the library's columns of a user as this transaction sees them, or [ErrNoRow].
func (tx *Tx) User(id int64) (*models.User, error) { return tx.rows.User(id) }

// LockedUser is [Tx.User] for a transaction that may have read before: it waits for other transactions of the user
// and sees what they commit. The user stays locked until the transaction ends.
func (tx *Tx) LockedUser(id int64) (*models.User, error) { return tx.rows.LockedUser(id) }

// LockUser makes transactions of one user wait for each other. It does nothing if the user does not exist.
func (tx *Tx) LockUser(id int64) error { return tx.rows.LockUser(id) }

// CreateUser inserts an account and fills in its ID. [ErrExists] means that the name is taken; the transaction
// cannot continue then.
func (tx *Tx) CreateUser(account models.Account) error { return tx.rows.CreateUser(account) }

// UpdateProfile changes the columns of the fields that are not nil. [ErrExists] means that the name is taken.
// Security notices stay in the previous language for Mail.NoticeLifetime.
func (tx *Tx) UpdateProfile(id int64, in *binding.UpdateUser) error {
	now := tx.core.Now()
	change := store.Profile{FirstName: in.FirstName, LastName: in.LastName, Locale: in.Locale}
	change.LocaleChange = store.LocaleChange{At: now, Since: now.Add(-tx.core.cfg.Mail.NoticeLifetime)}
	if in.Username != nil {
		change.Username = new(models.User)
		change.Username.SetUsername(*in.Username)
	}
	return tx.rows.UpdateProfile(id, change)
}

// SetRank makes a user staff or a superuser, or takes that away.
func (tx *Tx) SetRank(id int64, staff, superuser bool) error {
	return tx.rows.SetRank(id, staff, superuser)
}

// SetActive activates or deactivates the user of an event, and records that. Deactivating also ends all their sessions and personal
// tokens. It returns [ErrNoRow] if the user does not exist.
func (tx *Tx) SetActive(e config.Event, active bool) error {
	if err := tx.rows.SetActive(e.User.Base().ID, active); err != nil {
		return err
	}
	if active {
		return tx.Record(config.EventUserActivated, e)
	}
	return tx.Record(config.EventUserDeactivated, e)
}

// SetPasswordHash stores the encoding of a new password and raises the epoch, which ends every session of the user.
// If several callers read the same user, one succeeds and the others get [ErrChanged].
func (tx *Tx) SetPasswordHash(u *models.User, encoded string) error {
	return tx.rows.SetPassword(u, encoded)
}

// SetFactor records that a user has a second factor, or no longer has it; see models.User.Factors. Setting the
// present state again changes nothing. It locks the user until the transaction ends, so features can set factors of
// one user concurrently. It returns [ErrNoRow] if the user does not exist, and an error for a name that is empty,
// has spaces, or is too long for the column. Each call ends the trust in browsers, see Listener.OnDistrust, so call it as well
// when a user adds or removes one of several credentials of a factor. The first factor and the end of the last one call
// Listener.OnNoFactors. After the end of the last one, sessions have proven one factor, unless the user still has a passkey.
func (tx *Tx) SetFactor(userID int64, name string, on bool) error {
	none, err := tx.rows.SetFactor(userID, name, on)
	if err != nil {
		return err
	}
	if none {
		if err := tx.onNoFactors(userID); err != nil {
			return err
		}
	}
	if none && !on {
		if err := tx.lower(userID); err != nil {
			return err
		}
	}
	return tx.EndTrust(userID)
}

// ScheduleDeletion sets when a user will be deleted.
func (tx *Tx) ScheduleDeletion(id int64, at time.Time) error { return tx.rows.ScheduleDeletion(id, at) }

// KeepUser cancels [Tx.ScheduleDeletion]. A pending sign-up keeps its time limit.
func (tx *Tx) KeepUser(id int64) error { return tx.rows.KeepUser(id) }

// StillDue returns [ErrNoRow] if the user restored the account, or was deleted, before this transaction.
func (tx *Tx) StillDue(id int64, now time.Time) error { return tx.rows.StillDue(id, now) }

// keepsEvents reports whether the events of a user stay for a while after the deletion. Those of a pending sign-up do not: its
// deletion has no event, by which they could be found later.
func (tx *Tx) keepsEvents(id int64) (bool, error) {
	if tx.core.cfg.Audit.KeepAfterDeletion == 0 {
		return false, nil
	}
	user, err := tx.rows.User(id)
	return err == nil && !user.Pending, err
}

// DeleteUser deletes a user and every row that the core and the features have about them, except mails about
// earlier events, which are still sent. It returns [ErrNoRow] if the user does not exist.
func (tx *Tx) DeleteUser(id int64) error {
	if err := tx.onDelete(id); err != nil {
		return err
	}
	keep, err := tx.keepsEvents(id)
	if err != nil {
		return err
	}
	return tx.rows.DeleteUser(id, keep)
}
