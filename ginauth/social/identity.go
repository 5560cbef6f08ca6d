package social

// The rows of identities and of spent ID tokens, and the statements that decide races for them.

import (
	"context"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

const maxIdentities = 50 // of a user

// spent is something that counts once: an ID token or state that was used, or a notification. A row can also be a lease: see
// feature.lease.
type spent struct {
	Hash      string    `gorm:"primaryKey;size:64"`
	By        string    `gorm:"size:32;not null"` // the request that used it
	ExpiresAt time.Time `gorm:"not null;index:idx_auth_social_spent_expires_at"`
}

// TableName returns "auth_social_spent".
func (spent) TableName() string { return "auth_social_spent" }

// migrate creates the tables of the feature.
func migrate(db *gorm.DB) error { return db.AutoMigrate(&models.Identity{}, &spent{}) }

// sweep deletes spent ID tokens that are too old to be used again.
func (f *feature) sweep(ctx context.Context, now time.Time) error {
	return f.core.Tx(ctx, func(tx *core.Tx) error { return tx.Where("expires_at < ?", now).Delete(&spent{}).Error })
}

// find returns the identity of a subject, or nil.
func find(db *gorm.DB, provider, subject string) (*models.Identity, error) {
	var row models.Identity
	r := db.Where("provider = ? AND subject = ?", provider, subject).Limit(1).Find(&row)
	if r.Error != nil || r.RowsAffected == 0 {
		return nil, r.Error
	}
	return &row, nil
}

// use spends the ID token or code of a proof, if it has one.
func (f *feature) use(tx *core.Tx, p *proof, request string) error {
	if p.code != "" {
		r := tx.Where("hash = ?", p.code).Delete(&parked{})
		if r.Error == nil && r.RowsAffected != 1 {
			return fmt.Errorf("%w: it was used before", errCode)
		}
		return r.Error
	}
	if p.spend == "" {
		return nil
	}
	won, err := spend(tx, spent{Hash: p.spend, By: request, ExpiresAt: f.core.Now().Add(maxAge + 2*clockSkew)}) // then it is too old anyway
	if err == nil && !won {
		err = fmt.Errorf("%w: the ID token was used before", ErrRefused)
	}
	return err
}

// spend inserts a row, and reports whether no other request had done so. The insert decides between concurrent ones.
func spend(tx *core.Tx, row spent) (bool, error) {
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return false, err
	}
	var winner spent
	err := tx.Where("hash = ?", row.Hash).Limit(1).Find(&winner).Error
	return winner.By == row.By, err
}

// connect stores an identity of a user, who is locked. It reports whether it is new; [core.ErrExists] means that the
// provider's account belongs to another user. The insert decides between concurrent requests.
func (f *feature) connect(g *gin.Context, tx *core.Tx, p *proof, userID int64) (added bool, err error) {
	known, err := find(tx.DB, p.source.Name, p.profile.Subject) // the driver of MySQL can count a row that was not inserted
	if err != nil {
		return false, err
	}
	row := models.Identity{
		UserID: userID, Provider: models.Key(p.source.Name), Subject: models.Key(p.profile.Subject), Profile: "{}", CreatedAt: f.core.Now(),
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return false, err
	}
	kept, err := find(tx.DB, p.source.Name, p.profile.Subject)
	if err != nil {
		return false, err
	}
	if kept == nil || kept.UserID != userID {
		return false, core.ErrExists
	}
	var n int64
	if err := tx.Model(&models.Identity{}).Where("user_id = ?", userID).Count(&n).Error; err != nil {
		return false, err
	}
	if n > maxIdentities {
		return false, binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeTooMany, Params: map[string]any{"Limit": maxIdentities}})
	}
	if known == nil {
		if err := f.record(g, tx, EventConnected, userID, p.source.Name); err != nil {
			return false, err
		}
	}
	return known == nil, f.refresh(tx, p, kept.ID, false)
}

// refresh stores what the provider said at a login.
func (f *feature) refresh(tx *core.Tx, p *proof, id int64, login bool) error {
	columns := map[string]any{"profile": profileJSON(p.profile.Raw)}
	if login {
		columns["last_login"] = f.core.Now()
	}
	if p.tokens != nil && f.keepsTokens(p.source) {
		sealed, err := f.merged(tx, p, id)
		if err != nil {
			return err
		}
		columns["tokens"] = sealed
	}
	return tx.Model(&models.Identity{}).Where("id = ?", id).Updates(columns).Error
}

// lastUse returns when an identity was last used, or connected.
func lastUse(r *models.Identity) time.Time {
	if r.LastLogin != nil {
		return *r.LastLogin
	}
	return r.CreatedAt
}

// forget deletes the identities of a user who is deleted, or whose account could have been prepared by a stranger.
func (f *feature) forget(tx *core.Tx, userID int64) error {
	return f.deleteAll(tx, func() *gorm.DB { return tx.Where("user_id = ?", userID) })
}

// reclaim deletes the identities that were connected before a time.
func (f *feature) reclaim(tx *core.Tx, userID int64, before time.Time) error {
	return f.deleteAll(tx, func() *gorm.DB { return tx.Where("user_id = ? AND created_at < ?", userID, before) })
}

// deleteAll deletes identities, and revokes their tokens.
func (f *feature) deleteAll(tx *core.Tx, which func() *gorm.DB) error {
	var rows []models.Identity
	if err := which().Where("tokens <> ?", "").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		if err := f.revokeLater(tx, &rows[i]); err != nil {
			return err
		}
	}
	return which().Delete(&models.Identity{}).Error
}
