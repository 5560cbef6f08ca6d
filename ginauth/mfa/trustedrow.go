package mfa

// Rows of trusted browsers.

import (
	"slices"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// plusOne makes each use change the row, because MariaDB does not count rows that already have the value.
var plusOne = gorm.Expr("uses + 1")

// trustedBy narrows a query to the browsers of a user that are trusted now, by the hashes of their keys.
func (f *feature) trustedBy(db *gorm.DB, user *models.User, hashes []string) *gorm.DB {
	return f.trusted(db, user).Where("key_hash IN ?", hashes)
}

func (f *feature) trusted(db *gorm.DB, user *models.User) *gorm.DB {
	return db.Where("user_id = ? AND epoch = ? AND expires_at > ?", user.ID, user.SessionEpoch, f.core.Now())
}

// trustedOf returns the browsers that a user trusts now, the newest first.
func (f *feature) trustedOf(db *gorm.DB, user *models.User) (rows []TrustedBrowser, err error) {
	err = f.trusted(db, user).Order("created_at DESC, id").Find(&rows).Error
	return rows, err
}

// shown returns what users see of a row. current are the hashes of the browser's keys.
func (t *TrustedBrowser) shown(current []string) Trusted {
	return Trusted{
		ID: t.ID, CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(), LastUsedAt: inUTC(t.LastUsedAt),
		IP: t.IP, UserAgent: t.UserAgent, Current: slices.Contains(current, t.KeyHash),
	}
}
