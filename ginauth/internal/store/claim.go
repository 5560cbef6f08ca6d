package store

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// Confirmed says whose primary address changed when one was confirmed.
type Confirmed struct {
	Primary string  // the user's own from then on, where it was another; else ""
	Losers  []int64 // users who have another one now, or none
}

// Confirm notes that the user has shown that the address is his. Everybody else who has it
// without having confirmed it loses it; whose account rests on nothing else loses that, too:
// his password becomes the unusable one given, his sessions and tickets end (T114).
//
// ErrExists means that somebody else has confirmed it, ErrNotFound that the user has it no
// longer.
func (tx *Tx) Confirm(userID int64, key models.Key, at time.Time, unusable string) (c Confirmed, err error) {
	r := tx.db.Table(emails).Where("user_id = ? AND email_key = ?", userID, key).
		Updates(map[string]any{"verified_key": key, "verified_at": at})
	if r.Error != nil {
		return c, r.Error
	}
	if r.RowsAffected == 0 { // gone, or on MySQL also confirmed at this very time
		owner, err := tx.confirmedBy(key)
		if err != nil {
			return c, err
		}
		if owner != userID {
			return c, ErrNotFound
		}
	}
	if c.Losers, err = tx.takeFromOthers(userID, key, unusable); err != nil {
		return c, err
	}
	c.Primary, err = tx.preferConfirmed(userID, key)
	return c, err
}

// preferConfirmed makes an address that was just confirmed the primary one where that is not:
// it may belong to a stranger. The user is found by it from then on.
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

// takeFromOthers takes an address from everybody else, and returns those whose primary one it was.
// A stranger can make any number of them, so it takes a few statements for hundreds.
func (tx *Tx) takeFromOthers(userID int64, key models.Key, unusable string) (losers []int64, err error) {
	if losers, err = tx.withPrimary(key, userID); err != nil {
		return nil, err
	}
	others := tx.db.Table(emails).Select("user_id").Where("email_key = ? AND user_id <> ?", key, userID)
	if err := tx.db.Where("email_key = ? AND user_id IN (?)", key, others).Delete(&models.Ticket{}).Error; err != nil {
		return nil, err
	}
	if err := tx.db.Where("email_key = ? AND user_id <> ?", key, userID).Delete(&models.Email{}).Error; err != nil {
		return nil, err
	}
	for some := range slices.Chunk(losers, 500) {
		if err := tx.loseEmail(some, unusable); err != nil {
			return nil, err
		}
	}
	return losers, nil
}

// withPrimary finds the users but one whose primary address it is, confirmed or not.
func (tx *Tx) withPrimary(key models.Key, except int64) ([]int64, error) {
	var found, claimants []int64
	err := tx.db.Table(tx.store.users).Where("email_key = ? AND id <> ?", key, except).Pluck("id", &found).Error
	if err != nil {
		return nil, err
	}
	err = tx.store.primaries(tx.db).Where("e.email_key = ? AND e.user_id <> ?", key, except).Order("e.user_id").Pluck("e.user_id", &claimants).Error
	for _, id := range found { // one at the most, with or without a row for it
		if !slices.Contains(claimants, id) {
			claimants = append(claimants, id)
		}
	}
	return claimants, err
}

func (tx *Tx) confirmedBy(key models.Key) (userID int64, err error) {
	var owner models.Email
	err = tx.db.Where("verified_key = ?", key).Limit(1).Find(&owner).Error
	return owner.UserID, err
}

// loseEmail gives users without their primary address another one that they have confirmed; who
// has none loses his account, too.
func (tx *Tx) loseEmail(users []int64, unusable string) error {
	var rest []models.Email
	if err := tx.db.Where("user_id IN ? AND verified_key IS NOT NULL", users).Order("id").Find(&rest).Error; err != nil {
		return err
	}
	kept := map[int64]bool{}
	for _, other := range rest {
		if kept[other.UserID] {
			continue
		}
		kept[other.UserID] = true
		if err := tx.setEmail(other.UserID, other.Address, other.VerifiedKey); err != nil {
			return err
		}
	}
	gone := slices.DeleteFunc(slices.Clone(users), func(id int64) bool { return kept[id] })
	if len(gone) == 0 {
		return nil
	}
	columns := map[string]any{"email": "", "email_key": nil, "password": unusable, "session_epoch": gorm.Expr("session_epoch + 1")}
	if err := tx.db.Table(tx.store.users).Where("id IN ?", gone).Updates(columns).Error; err != nil {
		return err
	}
	if err := tx.db.Where("user_id IN ?", gone).Delete(&models.Session{}).Error; err != nil {
		return err
	}
	return tx.db.Where("user_id IN ?", gone).Delete(&models.Ticket{}).Error
}

// Expel makes the password of a user the unusable one given and ends his sessions, personal
// tokens and tickets.
func (tx *Tx) Expel(userID int64, unusable string) error {
	if err := tx.Disarm(userID, unusable); err != nil {
		return err
	}
	return tx.EndTickets(userID, "", time.Time{})
}

// Disarm is Expel without the tickets.
func (tx *Tx) Disarm(userID int64, unusable string) error {
	err := tx.store.user(tx.db, userID).Updates(map[string]any{"password": unusable, "session_epoch": gorm.Expr("session_epoch + 1")}).Error
	if err != nil {
		return err
	}
	return tx.EndSessions(userID, "")
}

// KeepOnly makes an address the only one of a user, confirmed and primary. ErrExists means
// that somebody else has confirmed it since; others lose it as with Confirm, and are returned.
func (tx *Tx) KeepOnly(email *models.Email, unusable string) (losers []int64, err error) {
	if err := tx.db.Where("user_id = ?", email.UserID).Delete(&models.Email{}).Error; err != nil {
		return nil, err
	}
	if err := tx.CreateEmail(email); err != nil {
		return nil, err
	}
	if losers, err = tx.takeFromOthers(email.UserID, email.Key, unusable); err != nil {
		return nil, err
	}
	return losers, tx.setEmail(email.UserID, email.Address, email.VerifiedKey)
}
