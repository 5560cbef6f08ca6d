package store

// The owners of addresses. Package models documents the rules; these are their queries.
//
// The owner of an address is the account that has confirmed it. Without an owner, the first claimant holds the address: of
// the accounts in use that have it as their primary address, the oldest that was not created by sign-up, else the oldest
// sign-up.

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// Owner returns the row of the account other than except that has confirmed an address, or an empty row.
func (s *Store) Owner(ctx context.Context, key models.Key, except int64) (owner models.Email, err error) {
	err = s.retry(ctx, func() error {
		owner = models.Email{}
		return s.owners(s.db.WithContext(ctx), key).Where("user_id <> ?", except).Limit(1).Find(&owner).Error
	})
	return owner, wrap("look for the owner of an address", err)
}

// owners selects the row of the account that has confirmed an address, if that still exists.
func (s *Store) owners(db *gorm.DB, key models.Key) *gorm.DB {
	return db.Where("verified_key = ? AND user_id IN (?)", key, s.db.Table(s.users).Select("id"))
}

// Claimant returns the account that holds an address without an owner, or ErrNotFound. For an address with an owner, it runs
// the same query and ignores the owner.
func (s *Store) Claimant(ctx context.Context, key models.Key, now time.Time) (models.Account, error) {
	return s.claimant(claimants(s.db.WithContext(ctx), key, now).Order(byRank))
}

// LatestClaimant returns the claimant that was created last.
func (s *Store) LatestClaimant(ctx context.Context, key models.Key, now time.Time) (models.Account, error) {
	return s.claimant(claimants(s.db.WithContext(ctx), key, now).Order("date_joined DESC, id DESC"))
}

func (s *Store) claimant(q *gorm.DB) (models.Account, error) {
	var account models.Account
	err := s.retry(q.Statement.Context, func() error {
		account = s.newUser()
		return orNotFound(q.Session(&gorm.Session{}).Limit(1).Find(account))
	})
	if err != nil {
		return nil, wrap("find the claimant of an address", err)
	}
	return account, nil
}

// Holds reports whether a user holds an address that they have not confirmed.
func (tx *Tx) Holds(userID int64, key models.Key, now time.Time) (bool, error) {
	var first []int64
	if err := claimants(tx.db.Table(tx.store.users), key, now).Order(byRank).Limit(1).Pluck("id", &first).Error; err != nil {
		return false, err
	}
	owner, err := tx.OwnerID(key)
	return owner == 0 && len(first) == 1 && first[0] == userID, err
}

// OwnerID returns the ID of the account that has confirmed an address, or 0.
func (s *Store) OwnerID(ctx context.Context, key models.Key) (id int64, err error) {
	var owner models.Email
	err = s.retry(ctx, func() error { return s.owners(s.db.WithContext(ctx), key).Limit(1).Find(&owner).Error })
	return owner.UserID, err
}

// OwnerID is [Store.OwnerID] within a transaction.
func (tx *Tx) OwnerID(key models.Key) (int64, error) {
	var owner models.Email
	err := tx.store.owners(tx.db, key).Limit(1).Find(&owner).Error
	return owner.UserID, err
}

// claimants selects the accounts in use that have an address as their primary one and do not own it. The empty address has
// no claimants (T107).
func claimants(db *gorm.DB, key models.Key, now time.Time) *gorm.DB {
	return db.Where("email_key = ? AND email_key <> '' AND id NOT IN ("+ownerOf+")", key, key).Where(inUse, true, now, now)
}

// UserByKeys finds the account that holds the address or has the name. An empty key matches no account. If the two belong to
// different accounts, the address wins. With ownersOnly, an address without an owner matches no account. It always runs one
// query.
func (s *Store) UserByKeys(ctx context.Context, email, username models.Key, ownersOnly bool, now time.Time) (models.Account, error) {
	texts := &s.statements
	var account models.Account
	var err error
	switch {
	case email == "" && username == "":
		return nil, ErrNotFound // an empty key must never match a row (T107, T195)
	case email == "":
		account, err = s.findUser(ctx, &texts.byName, username)
	default:
		var claims, name any // NULL equals nothing
		if !ownersOnly {
			claims = email
		}
		if username != "" {
			name = username
		}
		account, err = s.findUser(ctx, &texts.byKeys, email, claims, name, email, email, true, now, now, email)
	}
	return account, wrap("find user", err)
}

// Claimed reports whether an account other than except owns an address, or is in use and has it as its primary address.
// Sign-ups that have not confirmed it count only if signUps is true.
func (s *Store) Claimed(ctx context.Context, key models.Key, except int64, signUps bool, now time.Time) (bool, error) {
	var claimed bool
	err := s.retry(ctx, func() (err error) {
		claimed, err = s.claimed(s.db.WithContext(ctx), key, except, signUps, now)
		return err
	})
	return claimed, err
}

// Claimed is [Store.Claimed] within a transaction that has locked the address.
func (tx *Tx) Claimed(key models.Key, except int64, signUps bool, now time.Time) (bool, error) {
	return tx.store.claimed(tx.db, key, except, signUps, now)
}

func (s *Store) claimed(db *gorm.DB, key models.Key, except int64, signUps bool, now time.Time) (bool, error) {
	claim := s.db.Where("email_key = ?", key).Where(inUse, true, now, now)
	if !signUps {
		claim = claim.Where("signed_up = ?", false)
	}
	var n int64
	err := db.Table(s.users).Where("id <> ?", except).Where(s.db.Where("id = ("+ownerOf+")", key).Or(claim)).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("look for the accounts with an address: %w", explain(err))
	}
	return n > 0, nil
}

// NeedAddress returns the IDs of the sign-ups in use whose users have no name or no password, and so can log in with a password or
// mail only by an address. The first one holds it. It returns no user if another kind of account owns or names the address.
func (tx *Tx) NeedAddress(key models.Key, now time.Time) (users []int64, err error) {
	if key == "" {
		return nil, nil
	}
	if claimed, err := tx.Claimed(key, 0, false, now); err != nil || claimed {
		return nil, err
	}
	err = claimants(tx.db.Table(tx.store.users), key, now).Where("pending = ? AND (username_key IS NULL OR "+noPassword+")", false).
		Order(byRank).Pluck("id", &users).Error
	return users, err
}

// Confirmed lists the users whose primary address changed when an address was confirmed.
type Confirmed struct {
	Primary   string  // the user's new primary address, or "" if it did not change
	Displaced []int64 // users who lost the address and have none now, except pending sign-ups
}

// Confirm makes a user the owner of one of their addresses. Every other account that has it loses only the address; see
// takeFromOthers. The transaction must have locked the address.
//
// ErrExists means that another account owns it, ErrNotFound that the user does not have it.
func (tx *Tx) Confirm(userID int64, key models.Key, at time.Time) (c Confirmed, err error) {
	if err := tx.dropOrphan(key); err != nil {
		return c, err
	}
	r := tx.db.Table(emails).Where("user_id = ? AND email_key = ?", userID, key).
		Updates(map[string]any{"verified_key": key, "verified_at": gorm.Expr("COALESCE(verified_at, ?)", at)}) // the first time stays; see models.Email.NoSession
	if r.Error != nil {
		return c, r.Error
	}
	if r.RowsAffected == 0 { // the row was deleted or, on MySQL, confirmed before
		var owner models.Email
		if err := tx.db.Where("verified_key = ?", key).Limit(1).Find(&owner).Error; err != nil {
			return c, err
		}
		if owner.UserID != userID {
			return c, ErrNotFound
		}
	}
	if c.Displaced, err = tx.takeFromOthers(userID, key); err != nil {
		return c, err
	}
	c.Primary, err = tx.preferConfirmed(userID, key)
	return c, err
}

// ConfirmedWithoutSession marks an address; see models.Email.NoSession. The first time counts, not an earlier confirmation by an operator.
func (tx *Tx) ConfirmedWithoutSession(userID int64, key models.Key, at time.Time) error {
	return tx.db.Table(emails).Where("user_id = ? AND email_key = ? AND no_session = ?", userID, key, false).
		Updates(map[string]any{"no_session": true, "verified_at": at}).Error
}

// dropOrphan deletes the row of an owner whose account the application deleted itself.
func (tx *Tx) dropOrphan(key models.Key) error {
	return tx.db.Where("verified_key = ? AND user_id NOT IN (?)", key, tx.db.Table(tx.store.users).Select("id")).Delete(&models.Email{}).Error
}

// takeFromOthers removes an address from every other account, in a constant number of statements, and returns the users
// whose primary address it was. Pending sign-ups lose it as well but are not returned: there can be any number, and no hook
// has been called for them. An account without a password keeps the address but loses its links: its user has no other way
// to log in if the owner gives the address up.
func (tx *Tx) takeFromOthers(userID int64, key models.Key) (displaced []int64, err error) {
	others := func() *gorm.DB { return tx.db.Table(tx.store.users).Where("email_key = ? AND id <> ?", key, userID) }
	if err := others().Where("NOT "+noPassword+" AND pending = ?", false).Order("id").Pluck("id", &displaced).Error; err != nil {
		return nil, err
	}
	rows := tx.db.Where("email_key = ? AND user_id <> ?", key, userID).Session(&gorm.Session{})
	if err := rows.Delete(&models.Ticket{}).Error; err != nil {
		return nil, err
	}
	if err := rows.Where("user_id NOT IN (?)", others().Where(noPassword).Select("id")).Delete(&models.Email{}).Error; err != nil {
		return nil, err
	}
	for _, id := range displaced {
		tx.changed = append(tx.changed, id)
	}
	return displaced, others().Where("NOT " + noPassword).Updates(map[string]any{"email": "", "email_key": nil}).Error
}

// preferConfirmed makes a newly confirmed address the primary one if the current primary address is not confirmed, since
// that may belong to a stranger.
func (tx *Tx) preferConfirmed(userID int64, key models.Key) (primary string, err error) {
	user, err := tx.User(userID)
	if err != nil {
		return "", err
	}
	all, err := tx.Emails(userID)
	if err != nil {
		return "", err
	}
	address, before := "", models.EmailKey(user.Email)
	for _, e := range all {
		if e.Key == before && e.Key != key && e.Verified() {
			return "", nil
		}
		if e.Key == key {
			address = e.Address
		}
	}
	if key != before {
		primary = address
	}
	return primary, tx.setEmail(userID, address, &key)
}

// CorrectEmail replaces all addresses of a pending sign-up with another one. The tickets for the old addresses must be
// disowned. The sign-up counts as new and is deleted at deleteAt. ErrChanged means that it is not pending, or was changed
// since it was read.
func (tx *Tx) CorrectEmail(user *models.User, email *models.Email, deleteAt time.Time) error {
	now, err := tx.LockedUser(user.ID)
	if err != nil {
		return err
	}
	if !now.Pending || now.Password != user.Password || now.SessionEpoch != user.SessionEpoch {
		return ErrChanged
	}
	if err := tx.DropEmails(user.ID, ""); err != nil {
		return err
	}
	if err := tx.CreateEmail(email); err != nil {
		return err
	}
	return tx.user(user.ID).Updates(map[string]any{
		"email": email.Address, "email_key": email.Key, "date_joined": email.CreatedAt, "delete_at": deleteAt,
	}).Error
}

// EndPending makes a pending sign-up an ordinary account, and reports whether it was pending.
func (tx *Tx) EndPending(userID int64) (bool, error) {
	r := tx.user(userID).Where("pending = ?", true).Updates(map[string]any{"pending": false, "delete_at": nil})
	return r.RowsAffected == 1, r.Error
}

// InvalidatePassword replaces a user's password with an unusable one, and ends their sessions and personal tokens. Their factors stay.
func (tx *Tx) InvalidatePassword(userID int64, unusable string) error {
	err := tx.user(userID).Updates(map[string]any{"password": unusable, "session_epoch": gorm.Expr("session_epoch + 1")}).Error
	if err != nil {
		return err
	}
	return tx.EndSessions(userID, "")
}

// Added reports whether an account in use, other than except, has an address without having confirmed it, as the primary one
// or not.
func (tx *Tx) Added(key models.Key, except int64, now time.Time) (bool, error) {
	var n int64
	users := tx.db.Table(tx.store.users).Where(inUse, true, now, now).Select("id")
	err := tx.db.Table(emails).Where("email_key = ? AND verified_key IS NULL AND user_id <> ? AND user_id IN (?)", key, except, users).Count(&n).Error
	return n > 0, err
}
