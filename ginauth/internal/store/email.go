package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/models"
)

// table of the addresses
var emails = models.Email{}.TableName()

const confirmedBy = "SELECT user_id FROM auth_email WHERE verified_key = ?"

// UserByID finds a user. No ID, 0, is nobody's, and is asked for all the same.
func (s *Store) UserByID(ctx context.Context, id int64) (models.Account, error) {
	account := s.newUser()
	q := s.db.WithContext(ctx).Where("id = ?", id).Limit(1).Find(account)
	if q.Error != nil {
		return nil, fmt.Errorf("find user by id: %w", explain(q.Error))
	}
	if q.RowsAffected == 0 {
		return nil, ErrNotFound
	}
	return account, nil
}

// Emails lists the addresses of a user, the oldest first.
func (s *Store) Emails(ctx context.Context, userID int64) ([]models.Email, error) {
	return emailsOf(s.db.WithContext(ctx), userID)
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

// Claimant finds who signed up with an address and has confirmed none, the latest if there
// are several: whoever came before may have been a stranger. Who only added it to an account
// is none (T114), nor is who may not use his account at the time given: he would keep the
// others from it.
func (s *Store) Claimant(ctx context.Context, key models.Key, now time.Time) (userID int64, err error) {
	return s.claimant(ctx, key, 0, now)
}

// Contested reports whether anybody but the user given is such a claimant.
func (s *Store) Contested(ctx context.Context, key models.Key, userID int64, now time.Time) (bool, error) {
	other, err := s.claimant(ctx, key, userID, now)
	return other != 0, err
}

func (s *Store) claimant(ctx context.Context, key models.Key, except int64, now time.Time) (userID int64, err error) {
	var claims []models.Email
	err = s.primaries(s.db.WithContext(ctx)).Select("e.user_id").
		Where("u.is_active = ? AND (u.delete_at IS NULL OR u.delete_at > ?)", true, now).
		Where("e.email_key = ? AND e.user_id <> ? AND e.verified_key IS NULL AND "+
			"NOT EXISTS (SELECT 1 FROM auth_email o WHERE o.user_id = e.user_id AND o.verified_key IS NOT NULL)", key, except).
		Order("e.created_at DESC, e.id DESC").Limit(1).Find(&claims).Error
	if err != nil {
		return 0, fmt.Errorf("find claimant: %w", explain(err))
	}
	if len(claims) == 0 {
		return 0, nil
	}
	return claims[0].UserID, nil
}

// primaries are the addresses e that are the primary ones of their users u.
func (s *Store) primaries(db *gorm.DB) *gorm.DB {
	quote := (&gorm.Statement{DB: db}).Quote
	return db.Table(emails + " e").Joins("JOIN " + quote(s.users) + " u ON u.id = e.user_id AND u.email = " + anyCollation(db, "e.address"))
}

// anyCollation lets MySQL compare a column with that of a table which the library did not make,
// in a database of any character set.
func anyCollation(db *gorm.DB, column string) string {
	if db.Name() == "mysql" {
		return "CONVERT(" + column + " USING utf8mb4) COLLATE utf8mb4_bin"
	}
	return column
}

// HasConfirmed reports whether a user has confirmed any address.
func (s *Store) HasConfirmed(ctx context.Context, userID int64) (bool, error) {
	var n int64
	err := s.db.WithContext(ctx).Table(emails).Where("user_id = ? AND verified_key IS NOT NULL", userID).Count(&n).Error
	return n > 0, explain(err)
}

// Confirmed returns the row of a user other than the one given who has confirmed the address;
// an empty one where nobody has.
func (s *Store) Confirmed(ctx context.Context, key models.Key, except int64) (owner models.Email, err error) {
	q := s.db.WithContext(ctx).Where("verified_key = ? AND user_id <> ?", key, except).Limit(1).Find(&owner)
	if q.Error != nil {
		return owner, fmt.Errorf("look for who confirmed an address: %w", explain(q.Error))
	}
	return owner, nil
}

// AddEmail adds an address to a user unless he has as many as he may. ErrExists means that
// he has it already, ErrTooMany that he has the most.
func (tx *Tx) AddEmail(email *models.Email, most int) error {
	if err := tx.lockUser(email.UserID); err != nil {
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

// CreateEmail adds the address of a new user, or one that he is known not to have.
func (tx *Tx) CreateEmail(email *models.Email) error {
	email.ID = 0
	if err := tx.db.Create(email).Error; err != nil {
		return fmt.Errorf("create address: %w", err)
	}
	return nil
}

// HaveEmail adds an address to a user unless he has it. ErrNotFound means that there is no
// such user.
func (tx *Tx) HaveEmail(email *models.Email) error {
	if err := tx.lockUser(email.UserID); err != nil {
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

// ErrTooMany means that there are as many rows as there may be.
var ErrTooMany = errors.New("store: too many")

// emailOf reads one address of a user. ErrNotFound means that he has none by that ID.
func (tx *Tx) emailOf(userID, id int64) (*models.Email, error) {
	var email models.Email
	q := tx.db.Where("id = ? AND user_id = ?", id, userID).Limit(1).Find(&email)
	if q.Error == nil && q.RowsAffected == 0 {
		return nil, ErrNotFound
	}
	return &email, q.Error
}

// ErrRefused means that the row is not in the state that the change needs.
var ErrRefused = errors.New("store: refused")

// RemoveEmail takes an address from a user, and the tickets for it but those of the purpose
// given. ErrRefused means that it is his primary address.
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

// SetPrimary makes a confirmed address the primary one of a user, and returns both the
// address and the user as he was. ErrRefused means that the address is not confirmed.
func (tx *Tx) SetPrimary(userID, id int64) (*models.User, *models.Email, error) {
	user, email, err := tx.lockedEmail(userID, id)
	if err != nil {
		return nil, nil, err
	}
	if !email.Verified() {
		return nil, nil, ErrRefused
	}
	// Nobody else can be found by it; should one be, that is an error of the past.
	err = tx.db.Table(tx.store.users).Where("email_key = ? AND id <> ?", email.Key, userID).Updates(map[string]any{"email_key": nil}).Error
	if err != nil {
		return nil, nil, err
	}
	return user, email, tx.setEmail(userID, email.Address, email.VerifiedKey)
}

// lockedEmail reads a user and one of his addresses when other changes of the user have to
// wait.
func (tx *Tx) lockedEmail(userID, id int64) (*models.User, *models.Email, error) {
	if err := tx.lockUser(userID); err != nil {
		return nil, nil, err
	}
	user, err := tx.User(userID)
	if err != nil {
		return nil, nil, err
	}
	email, err := tx.emailOf(userID, id)
	return user, email, err
}

// User reads the library's own columns of a user, as they are by now. ErrNotFound means that there is none.
func (tx *Tx) User(id int64) (*models.User, error) {
	var user models.User
	q := tx.store.user(tx.db, id).Limit(1).Find(&user)
	if q.Error == nil && q.RowsAffected == 0 {
		return nil, ErrNotFound
	}
	return &user, q.Error
}

// LockedUser is User for a transaction that may have read before: it waits for, and sees, what
// others commit.
func (tx *Tx) LockedUser(id int64) (*models.User, error) {
	var user models.User
	q := tx.store.user(tx.db, id).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Limit(1).Find(&user)
	if q.Error == nil && q.RowsAffected == 0 {
		return nil, ErrNotFound
	}
	return &user, q.Error
}

func (tx *Tx) setEmail(userID int64, address string, key *models.Key) error {
	return tx.store.user(tx.db, userID).Updates(map[string]any{"email": address, "email_key": key}).Error
}

// dropEmail takes an address from a user, and the tickets for it but those of a purpose.
func (tx *Tx) dropEmail(userID int64, key models.Key, keep string) error {
	if err := tx.db.Where("user_id = ? AND email_key = ?", userID, key).Delete(&models.Email{}).Error; err != nil {
		return err
	}
	return tx.db.Where("user_id = ? AND email_key = ? AND purpose <> ?", userID, key, keep).Delete(&models.Ticket{}).Error
}

// DropUnconfirmed takes from a user all addresses that he has not confirmed, but the one
// given, and the tickets of the purpose that would confirm them.
func (tx *Tx) DropUnconfirmed(userID int64, except models.Key, purpose string) error {
	err := tx.db.Where("user_id = ? AND verified_key IS NULL AND email_key <> ?", userID, except).Delete(&models.Email{}).Error
	if err != nil {
		return err
	}
	return tx.db.Where("user_id = ? AND purpose = ? AND email_key <> ?", userID, purpose, except).Delete(&models.Ticket{}).Error
}

// YieldEmail makes a new user not found by his address if another one has confirmed it since
// that was looked up. The transaction must have locked the address.
func (tx *Tx) YieldEmail(userID int64, key models.Key) error {
	return tx.store.user(tx.db, userID).Where("EXISTS (SELECT 1 FROM auth_email o WHERE o.verified_key = ? AND o.user_id <> ?)", key, userID).
		Updates(map[string]any{"email_key": nil}).Error
}
