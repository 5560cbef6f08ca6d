package social

// The rows of identities and of spent ID tokens, and the statements that decide races for them.

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	maxProfile    = 8 << 10 // bytes of models.Identity.Profile
	maxIdentities = 50      // of a user
)

// spent is an ID token that a client has used.
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

// use spends the ID token or code of a proof, if it has one. The insert decides between concurrent requests: one row has the hash, and
// it names its request.
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
	row := spent{Hash: p.spend, By: request, ExpiresAt: f.core.Now().Add(maxAge + 2*clockSkew)} // then it is too old anyway
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return err
	}
	var winner spent
	if err := tx.Where("hash = ?", row.Hash).Limit(1).Find(&winner).Error; err != nil {
		return err
	}
	if winner.By != request {
		return fmt.Errorf("%w: the ID token was used before", ErrRefused)
	}
	return nil
}

// connect stores an identity of a user, who is locked. It reports whether it is new; [core.ErrExists] means that the
// provider's account belongs to another user. The insert decides between concurrent requests.
func (f *feature) connect(tx *core.Tx, p *proof, userID int64) (added bool, err error) {
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
	return known == nil, f.refresh(tx, p, kept.ID, false)
}

// refresh stores what the provider said at a login.
func (f *feature) refresh(tx *core.Tx, p *proof, id int64, login bool) error {
	columns := map[string]any{"profile": profileJSON(p.profile.Raw)}
	if login {
		columns["last_login"] = f.core.Now()
	}
	if f.options.StoreTokens && p.tokens != nil {
		sealed, err := f.seal(p, id)
		if err != nil {
			return err
		}
		columns["tokens"] = sealed
	}
	return tx.Model(&models.Identity{}).Where("id = ?", id).Updates(columns).Error
}

// storedTokens is the content of models.Identity.Tokens.
type storedTokens struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"`
	Expiry  time.Time `json:"expiry"` // zero if the provider did not say
}

func (f *feature) seal(p *proof, id int64) (string, error) {
	value, err := json.Marshal(storedTokens{p.tokens.AccessToken, p.tokens.RefreshToken, p.tokens.Expiry})
	if err != nil {
		return "", err
	}
	return f.keys.Seal(value, fmt.Sprint("identity ", id))
}

// profileJSON returns the profile as it is stored.
func profileJSON(raw json.RawMessage) string {
	if len(raw) > maxProfile || !json.Valid(raw) || !utf8.Valid(raw) {
		return "{}"
	}
	return string(raw)
}

// forget deletes the identities of a user who is deleted, or whose account could have been prepared by a stranger.
func forget(tx *core.Tx, userID int64) error {
	return tx.Where("user_id = ?", userID).Delete(&models.Identity{}).Error
}
