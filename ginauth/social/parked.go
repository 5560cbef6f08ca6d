package social

// The table of proofs that wait: for the exchange of a code, for a second factor, or for a sign-up to be completed.

import (
	"context"
	"encoding/json"
	"time"

	"golang.org/x/oauth2"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// What a proof waits for. The hash of a row begins with it, so the secret of one kind is worth nothing for another.
const (
	toExchange = "code"
	toLink     = "link by address"
)

// maxWaiting is how many proofs of one account of a provider wait at once. A new one replaces the oldest.
const maxWaiting = 5

// parked is a proof that waits. Only the hash of its secret is stored.
type parked struct {
	Hash      string    `gorm:"primaryKey;size:64"`
	Account   string    `gorm:"size:64;not null;default:'';index:idx_auth_social_code_account"` // hash of the provider and subject
	Sealed    string    `gorm:"type:text;not null"`
	ExpiresAt time.Time `gorm:"not null;index:idx_auth_social_code_expires_at"`
}

// TableName returns "auth_social_code".
func (parked) TableName() string { return "auth_social_code" }

func migrateFlow(db *gorm.DB) error { return db.AutoMigrate(&parked{}) }

// sweepCodes deletes proofs that waited too long.
func (f *feature) sweepCodes(ctx context.Context, now time.Time) error {
	return f.core.Tx(ctx, func(tx *core.Tx) error { return tx.Where("expires_at < ?", now).Delete(&parked{}).Error })
}

// arrival is the content of parked.Sealed.
type arrival struct {
	Flow    flow         `json:"flow"`
	Profile Profile      `json:"profile"`
	Tokens  *oauth2Token `json:"tokens,omitempty"`  // only if they are stored
	Browser string       `json:"browser,omitempty"` // that completes a sign-up; see core.Core.BindBrowser
}

type oauth2Token struct {
	Access, Refresh string
	Expiry          time.Time
}

// newParked returns a row for a proof, not stored yet, and its secret.
func (f *feature) newParked(p *proof, what arrival, waitsFor string, lasts time.Duration) (secret string, row *parked, err error) {
	if secret, err = f.random(); err != nil {
		return "", nil, err
	}
	what.Flow.Provider, what.Flow.Secret = p.source.Name, ""
	what.Profile = p.profile
	what.Profile.Raw = json.RawMessage(profileJSON(p.profile.Raw))
	if p.tokens != nil && f.keepsTokens(p.source) {
		what.Tokens = &oauth2Token{p.tokens.AccessToken, p.tokens.RefreshToken, p.tokens.Expiry}
	}
	value, err := json.Marshal(what)
	if err != nil {
		return "", nil, core.ErrInternal.Because(err)
	}
	row = &parked{
		Hash: hashOf(waitsFor, secret), Account: challengeOf("account " + p.source.Name + " " + p.profile.Subject), ExpiresAt: f.core.Now().Add(lasts),
	}
	row.Sealed, err = f.flowKeys.Seal(value, row.Hash)
	return secret, row, err
}

// store stores a row, and deletes the oldest of the same account of the provider if too many wait.
func (row *parked) store(tx *core.Tx) error {
	if err := tx.Create(row).Error; err != nil {
		return err
	}
	var old []string
	err := tx.Model(&parked{}).Where("account = ?", row.Account).Order("expires_at DESC, hash").Offset(maxWaiting).Limit(100).Pluck("hash", &old).Error
	if err != nil || len(old) == 0 {
		return err
	}
	return tx.Where("hash IN ? AND hash <> ?", old, row.Hash).Delete(&parked{}).Error
}

// waiting returns the proof that waits under a hash, or nil if no proof does, or its provider is no longer listed.
func (f *feature) waiting(db *gorm.DB, hash string) (*proof, *arrival, error) {
	var row parked
	r := db.Where("hash = ? AND expires_at > ?", hash, f.core.Now()).Limit(1).Find(&row)
	if r.Error != nil {
		return nil, nil, r.Error
	}
	value, err := f.flowKeys.Open(row.Sealed, hash)
	what := &arrival{}
	if err != nil || json.Unmarshal(value, what) != nil || f.sources[what.Flow.Provider] == nil {
		return nil, nil, nil
	}
	p := &proof{source: f.sources[what.Flow.Provider], profile: what.Profile, code: hash}
	if t := what.Tokens; t != nil {
		p.tokens = &oauth2.Token{AccessToken: t.Access, RefreshToken: t.Refresh, Expiry: t.Expiry}
	}
	return p, what, nil
}

// hashOf returns the hash of a secret, as it is stored.
func hashOf(waitsFor, secret string) string { return challengeOf(waitsFor + " " + secret) }
