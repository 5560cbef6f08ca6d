package store

// Addresses of users: listed, added, removed, made primary.

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// table of the addresses
var emails = models.Email{}.TableName()

// Emails lists the addresses of a user, the oldest first.
func (s *Store) Emails(ctx context.Context, userID int64) (all []models.Email, err error) {
	err = s.retry(ctx, func() error { all, err = emailsOf(s.db.WithContext(ctx), userID); return err })
	return all, err
}

// Emails lists the addresses of a user, the oldest first.
func (tx *Tx) Emails(userID int64) ([]models.Email, error) { return emailsOf(tx.db, userID) }

func emailsOf(db *gorm.DB, userID int64) ([]models.Email, error) {
	var all []models.Email
	if err := db.Where("user_id = ?", userID).Order("id").Find(&all).Error; err != nil {
		return nil, fmt.Errorf("list addresses: %w", explain(err))
	}
	return all, nil
}

// HasConfirmed reports whether a user has confirmed any address.
func (s *Store) HasConfirmed(ctx context.Context, userID int64) (bool, error) {
	var confirmed bool
	err := s.retry(ctx, func() (err error) { confirmed, err = hasConfirmed(s.db.WithContext(ctx), userID); return err })
	return confirmed, err
}

// HasConfirmed is [Store.HasConfirmed] within a transaction, which locks the user.
func (tx *Tx) HasConfirmed(userID int64) (bool, error) {
	if err := tx.LockUser(userID); err != nil {
		return false, err
	}
	return hasConfirmed(tx.db, userID)
}

func hasConfirmed(db *gorm.DB, userID int64) (bool, error) {
	var n int64
	err := db.Table(emails).Where("user_id = ? AND verified_key IS NOT NULL", userID).Count(&n).Error
	return n > 0, explain(err)
}

// AddEmail adds an address to a user. ErrExists means that they already have it, ErrTooMany that they have the maximum
// number.
func (tx *Tx) AddEmail(email *models.Email, most int) error {
	if err := tx.LockUser(email.UserID); err != nil {
		return err
	}
	var n int64
	if err := tx.db.Table(emails).Where("user_id = ?", email.UserID).Count(&n).Error; err != nil {
		return err
	}
	if n >= int64(most) {
		return ErrTooMany
	}
	return tx.CreateEmail(email)
}

// CreateEmail adds an address to a new user, or to a user who is known not to have it.
func (tx *Tx) CreateEmail(email *models.Email) error {
	email.ID = 0
	if err := tx.db.Create(email).Error; err != nil {
		return fmt.Errorf("create address: %w", err)
	}
	return nil
}

// HaveEmail adds an address to a user unless they already have it. ErrNotFound means that there is no such user.
func (tx *Tx) HaveEmail(email *models.Email) error {
	if err := tx.LockUser(email.UserID); err != nil {
		return err
	}
	if _, err := tx.User(email.UserID); err != nil {
		return err
	}
	all, err := tx.Emails(email.UserID)
	if err != nil || slices.ContainsFunc(all, func(e models.Email) bool { return e.Key == email.Key }) {
		return err
	}
	return tx.CreateEmail(email)
}

// emailOf reads one address of a user. ErrNotFound means that they have no address with this ID.
func (tx *Tx) emailOf(userID, id int64) (*models.Email, error) {
	var email models.Email
	q := tx.db.Where("id = ? AND user_id = ?", id, userID).Limit(1).Find(&email)
	if q.Error == nil && q.RowsAffected == 0 {
		return nil, ErrNotFound
	}
	return &email, q.Error
}

// ErrRefused means that the row is not in the required state.
var ErrRefused = errors.New("store: refused")

// RemoveEmail removes an address from a user, and its tickets except those of the purpose keep. ErrRefused means that it is
// the primary address.
func (tx *Tx) RemoveEmail(userID, id int64, keep string) (*models.Email, error) {
	user, email, err := tx.lockedEmail(userID, id)
	if err != nil {
		return nil, err
	}
	if models.EmailKey(user.Email) == email.Key {
		return nil, ErrRefused
	}
	return email, tx.dropEmail(userID, email.Key, keep)
}

// SetPrimary makes a confirmed address the user's primary one. It returns the address, and the user before the change.
// ErrRefused means that the address is not confirmed.
func (tx *Tx) SetPrimary(userID, id int64) (*models.User, *models.Email, error) {
	user, email, err := tx.lockedEmail(userID, id)
	if err != nil {
		return nil, nil, err
	}
	if !email.Verified() {
		return nil, nil, ErrRefused
	}
	return user, email, tx.setEmail(userID, email.Address, email.VerifiedKey)
}

// Prefer makes one of the user's addresses the primary one, confirmed or not. It returns the address, and whether the
// primary address changed. ErrNotFound means that the user does not have it.
func (tx *Tx) Prefer(userID int64, key models.Key) (address string, changed bool, err error) {
	user, err := tx.LockedUser(userID)
	if err != nil {
		return "", false, err
	}
	all, err := tx.Emails(userID)
	if err != nil {
		return "", false, err
	}
	i := slices.IndexFunc(all, func(e models.Email) bool { return e.Key == key })
	if i < 0 {
		return "", false, ErrNotFound
	}
	return all[i].Address, models.EmailKey(user.Email) != key, tx.setEmail(userID, all[i].Address, &key)
}

// lockedEmail locks a user, and reads the user and one of their addresses.
func (tx *Tx) lockedEmail(userID, id int64) (*models.User, *models.Email, error) {
	if err := tx.LockUser(userID); err != nil {
		return nil, nil, err
	}
	user, err := tx.User(userID)
	if err != nil {
		return nil, nil, err
	}
	email, err := tx.emailOf(userID, id)
	return user, email, err
}

func (tx *Tx) setEmail(userID int64, address string, key *models.Key) error {
	return tx.user(userID).Updates(map[string]any{"email": address, "email_key": key}).Error
}

// dropEmail removes an address from a user, and its tickets except those of the purpose keep.
func (tx *Tx) dropEmail(userID int64, key models.Key, keep string) error {
	if err := tx.db.Where("user_id = ? AND email_key = ?", userID, key).Delete(&models.Email{}).Error; err != nil {
		return err
	}
	return tx.db.Where("user_id = ? AND email_key = ? AND purpose <> ?", userID, key, keep).Delete(&models.Ticket{}).Error
}

// DropUnconfirmed removes all unconfirmed addresses of a user except one, and the tickets of the purpose that would confirm
// them.
func (tx *Tx) DropUnconfirmed(userID int64, except models.Key, purpose string) error {
	err := tx.db.Where("user_id = ? AND verified_key IS NULL AND email_key <> ?", userID, except).Delete(&models.Email{}).Error
	if err != nil {
		return err
	}
	return tx.db.Where("user_id = ? AND purpose = ? AND email_key <> ?", userID, purpose, except).Delete(&models.Ticket{}).Error
}

// DropEmails removes all addresses of a user except one; with "" it removes all.
func (tx *Tx) DropEmails(userID int64, except models.Key) error {
	return tx.db.Where("user_id = ? AND email_key <> ?", userID, except).Delete(&models.Email{}).Error
}

// SweepOrphans deletes addresses whose user the application deleted itself.
func (s *Store) SweepOrphans(ctx context.Context) error {
	users := s.db.WithContext(ctx).Table(s.usersAs("u")).Select("1").Where("u.id = auth_email.user_id")
	_, err := deleteBatches[int64](ctx, s, &models.Email{}, "id", func(db *gorm.DB) *gorm.DB { return db.Where("NOT EXISTS (?)", users) })
	return err
}
