package invite

// Using an invitation: found by its key before a sign-up, and counted in the transaction that stores the user.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func hashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// open selects the invitations that are neither revoked nor expired. One that is used up can be used again if a sign-up that used it is never
// confirmed.
func (f *feature) open(db *gorm.DB) *gorm.DB {
	return db.Model(&Invitation{}).Where("revoked_at IS NULL AND expires_at > ?", f.core.Now())
}

// valid selects the invitations that can be used now.
func (f *feature) valid(db *gorm.DB) *gorm.DB { return f.open(db).Where("uses < max_uses") }

// find implements core.Invitations.Find. The statement is the same for all keys.
func (f *feature) find(ctx context.Context, key string, again int64) (core.Invitation, error) {
	var row Invitation
	db := f.core.DB(ctx)
	own := db.Model(&Use{}).Where("user_id = ? AND user_id <> 0", again).Select("invitation_id")
	q := f.open(db).Where("key_hash = ?", hashOf(key)).Where("uses < max_uses OR id IN (?)", own).Limit(1).Find(&row)
	if q.Error == nil && q.RowsAffected == 0 {
		return core.Invitation{}, core.ErrNoRow
	}
	return core.Invitation{ID: row.ID, Address: row.Email}, q.Error
}

// use implements core.Invitations.Use: one statement decides a race, and locks the row until the transaction ends.
func (f *feature) use(tx *core.Tx, id int64, user *models.User) error {
	_, err := f.take(tx, id, user)
	return err
}

// take is use, and returns the groups of the invitation.
func (f *feature) take(tx *core.Tx, id int64, user *models.User) ([]string, error) {
	q := f.valid(tx.DB).Where("id = ?", id).UpdateColumn("uses", gorm.Expr("uses + 1"))
	if q.Error != nil {
		return nil, q.Error
	}
	if q.RowsAffected == 0 {
		return nil, core.ErrNoRow
	}
	var row Invitation
	if err := tx.Where("id = ?", id).Limit(1).Find(&row).Error; err != nil {
		return nil, err
	}
	if err := f.stillGiven(tx, &row); err != nil {
		return nil, err
	}
	if err := tx.Create(&Use{UserID: user.ID, InvitationID: id, CreatedAt: f.core.Now()}).Error; err != nil {
		return nil, err
	}
	for _, group := range row.GroupNames { // one that was deleted since does not keep the others away
		if err := f.core.JoinGroups(tx, user.ID, []string{group}); err != nil && !errors.Is(err, core.ErrNoRow) {
			return nil, err
		}
	}
	return row.GroupNames, tx.Record(EventUsed, config.Event{User: user, Details: strconv.FormatInt(id, 10)})
}

// stillGiven returns [core.ErrNoRow] if the operator who created an invitation could not create it now, because they were demoted, banned
// or deactivated. An operator who leaves must not be able to come back by it.
func (f *feature) stillGiven(tx *core.Tx, row *Invitation) error {
	if row.CreatedBy == 0 {
		return nil
	}
	creator, err := tx.User(row.CreatedBy)
	if err != nil {
		return err
	}
	if !creator.IsActive || creator.IsBanned(f.core.Now()) || !creator.IsStaff && !creator.IsSuperuser {
		return core.ErrNoRow
	}
	for i := range len(row.GroupNames) + 1 { // one by one, and at first without a group
		err := f.mayGive(tx, creator.ID, row.GroupNames[max(0, i-1):i])
		if errors.Is(err, core.ErrPermission) {
			return core.ErrNoRow
		}
		if err != nil && !errors.Is(err, core.ErrNoRow) { // a group that was deleted since gives no rights
			return err
		}
	}
	return nil
}
