package social

// The table of proofs that wait for the exchange of their code.

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// parked is a proof that waits for its exchange. Only the hash of its code is stored.
type parked struct {
	Hash      string    `gorm:"primaryKey;size:64"`
	Sealed    string    `gorm:"type:text;not null"`
	ExpiresAt time.Time `gorm:"not null;index:idx_auth_social_code_expires_at"`
}

// TableName returns "auth_social_code".
func (parked) TableName() string { return "auth_social_code" }

func migrateFlow(db *gorm.DB) error { return db.AutoMigrate(&parked{}) }

// sweepCodes deletes proofs that were not exchanged in time.
func (f *feature) sweepCodes(ctx context.Context, now time.Time) error {
	return f.core.Tx(ctx, func(tx *core.Tx) error { return tx.Where("expires_at < ?", now).Delete(&parked{}).Error })
}
