package core

// Transactions: the addresses of users. Package models documents the rules.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// Emails returns the addresses of a user, the oldest first.
func (tx *Tx) Emails(userID int64) ([]models.Email, error) { return tx.rows.Emails(userID) }

// HasConfirmed reports whether a user has confirmed an address. It locks the user.
func (tx *Tx) HasConfirmed(userID int64) (bool, error) { return tx.rows.HasConfirmed(userID) }

// Claimed reports whether an account other than except has confirmed an address or, if it is in use, has it as its
// primary address. Sign-ups that have not confirmed it count only if signUps is true. The transaction must have
// locked the address.
func (tx *Tx) Claimed(key models.Key, except int64, signUps bool, now time.Time) (bool, error) {
	return tx.rows.Claimed(key, except, signUps, now)
}

// CreateEmail adds the address of a new user, or one that the user is known not to have.
func (tx *Tx) CreateEmail(email *models.Email) error { return tx.rows.CreateEmail(email) }

// AddEmail adds an address to a user. [ErrExists] means that the user has it already, [ErrTooMany] that they
// already have most addresses.
func (tx *Tx) AddEmail(email *models.Email, most int) error { return tx.rows.AddEmail(email, most) }

// HaveEmail adds an address to a user unless they have it. [ErrNoRow] means that the user does not exist.
func (tx *Tx) HaveEmail(email *models.Email) error { return tx.rows.HaveEmail(email) }

// RemoveEmail removes an address from a user, and its tickets except those of the kind keep. [ErrRefused] means
// that it is the primary address.
func (tx *Tx) RemoveEmail(userID, id int64, keep string) (*models.Email, error) {
	return tx.rows.RemoveEmail(userID, id, keep)
}

// SetPrimary makes a confirmed address the primary one. It returns the user as they were before, and the address.
// [ErrRefused] means that the address is not confirmed.
func (tx *Tx) SetPrimary(userID, id int64) (*models.User, *models.Email, error) {
	return tx.rows.SetPrimary(userID, id)
}

// CorrectEmail replaces all addresses of a pending sign-up with another one. [ErrChanged] means that it is not
// pending, or was changed since it was read.
func (tx *Tx) CorrectEmail(user *models.User, email *models.Email, deleteAt time.Time) error {
	return tx.rows.CorrectEmail(user, email, deleteAt)
}

// DropEmails removes all addresses of a user except one; "" keeps none.
func (tx *Tx) DropEmails(userID int64, except models.Key) error {
	return tx.rows.DropEmails(userID, except)
}

// OwnerID returns the ID of the account that has confirmed an address, or 0.
func (tx *Tx) OwnerID(key models.Key) (int64, error) { return tx.rows.OwnerID(key) }

// Prefer makes an address of a user, confirmed or not, their primary one. It returns the address, and whether
// another one was primary before. [ErrNoRow] means that the user does not have it.
func (tx *Tx) Prefer(userID int64, key models.Key) (address string, changed bool, err error) {
	return tx.rows.Prefer(userID, key)
}

// Added reports whether an account other than except, in use, has an address that it has not confirmed, primary or
// not.
func (tx *Tx) Added(key models.Key, except int64, now time.Time) (bool, error) {
	return tx.rows.Added(key, except, now)
}

// DropUnconfirmed removes all unconfirmed addresses of a user except one, and the tickets that would confirm them.
func (tx *Tx) DropUnconfirmed(userID int64, except models.Key) error {
	return tx.rows.DropUnconfirmed(userID, except, ForVerify)
}
