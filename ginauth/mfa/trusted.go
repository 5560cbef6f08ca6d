package mfa

// Trusted browsers: mfa/verify/ with trust, logins without a code, and mfa/trusted-browsers/.

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// TrustedBrowser is a browser in which a user's logins by password need no code. The secret is in a cookie.
type TrustedBrowser struct {
	ID         string     `gorm:"primaryKey;size:32"`                      // random and public
	UserID     int64      `gorm:"not null;index:idx_auth_trusted_user_id"` // models.User.ID
	KeyHash    string     `gorm:"size:64;not null" json:"-"`               // hex SHA-256 of the secret
	Epoch      int64      `gorm:"not null" json:"-"`                       // models.User.SessionEpoch: a new password ends the trust
	CreatedAt  time.Time  `gorm:"not null;autoCreateTime:false"`           // UTC
	ExpiresAt  time.Time  `gorm:"not null;index:idx_auth_trusted_expires"` // UTC
	LastUsedAt *time.Time // UTC; the latest login without a code; nil before
	Uses       int64      `gorm:"not null;default:0"` // logins without a code
	IP         string     `gorm:"size:45;not null"`   // of the client when it was trusted
	UserAgent  string     `gorm:"size:255;not null"`  // at that time
}

// TableName is auth_trusted_browser.
func (TrustedBrowser) TableName() string { return "auth_trusted_browser" }

// Trusted is an entry of GET mfa/trusted-browsers/. Times are RFC 3339 in UTC.
type Trusted struct {
	ID         string     `json:"id"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  time.Time  `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"` // the latest login without a code; null before
	IP         string     `json:"ip"`
	UserAgent  string     `json:"user_agent"`
	Current    bool       `json:"current"` // the browser of the request
}

const (
	maxTrusted = 20 // browsers of a user; a new one replaces the oldest
	idSize     = 26
)

func (f *feature) trustRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "mfa/trusted-browsers", Access: core.AccessUser, WhileImpersonated: true, Doc: "List the browsers in which logins need no second factor, the newest first.",
	}, f.listTrusted)
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "mfa/trusted-browsers", Status: http.StatusNoContent, Access: core.AccessUser, Doc: "Stop trusting all browsers.",
	}, f.distrustAll)
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "mfa/trusted-browsers/:id", Status: http.StatusNoContent, Access: core.AccessUser, Doc: "Stop trusting one browser.",
	}, f.distrust)
}

func (f *feature) trustFor() time.Duration { return time.Duration(f.TrustDays) * 24 * time.Hour }

// trusts reports whether a login asks to trust its browser. Users who do not want to be remembered do not mean it.
func (f *feature) trusts(in *Verify, login *core.Challenge) bool {
	return in.Trust && f.TrustDays > 0 && f.core.UsesCookies() && !login.Short
}

// trust stores the key of a browser in the transaction of the login that passed a factor.
func (f *feature) trust(g *gin.Context, tx *core.Tx, account models.Account, key *core.BrowserKey) error {
	user, now, event := account.Base(), f.core.Now(), f.core.Event(g, account)
	if err := tx.Where("user_id = ? AND (expires_at <= ? OR epoch <> ?)", user.ID, now, user.SessionEpoch).Delete(&TrustedBrowser{}).Error; err != nil {
		return err
	}
	var old []string
	err := tx.Model(&TrustedBrowser{}).Where("user_id = ?", user.ID).Order("created_at DESC, id").Offset(maxTrusted-1).Limit(maxTrusted).Pluck("id", &old).Error
	if err != nil {
		return err
	}
	if len(old) > 0 {
		if err := tx.Where("id IN ?", old).Delete(&TrustedBrowser{}).Error; err != nil {
			return err
		}
	}
	row := TrustedBrowser{
		ID: key.Hash[:idSize], UserID: user.ID, KeyHash: key.Hash, Epoch: user.SessionEpoch, CreatedAt: now, ExpiresAt: now.Add(f.trustFor()),
		IP: event.IP, UserAgent: event.UserAgent,
	}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return tx.Record(EventBrowserTrusted, event)
}

// excuse lets a login by password pass without a code if the user trusted the browser. Without the cookie it runs no statement.
func (f *feature) excuse(g *gin.Context, user *models.User) (func(*core.Tx) error, error) {
	hashes := f.core.BrowserKeys(g)
	if f.TrustDays == 0 || len(hashes) == 0 {
		return nil, nil
	}
	var n int64
	if err := f.trustedBy(f.core.DB(g.Request.Context()).Model(&TrustedBrowser{}), user, hashes).Count(&n).Error; err != nil || n == 0 {
		return nil, err
	}
	return func(tx *core.Tx) error {
		used := f.trustedBy(tx.Model(&TrustedBrowser{}), user, hashes).Updates(map[string]any{"last_used_at": f.core.Now(), "uses": plusOne})
		if used.Error == nil && used.RowsAffected == 0 {
			return core.ErrChanged
		}
		return used.Error
	}, nil
}

// listTrusted answers GET mfa/trusted-browsers/.
func (f *feature) listTrusted(g *gin.Context, _ *binding.Empty) ([]Trusted, error) {
	rows, err := f.trustedOf(f.core.DB(g.Request.Context()), core.User(g))
	out, current := make([]Trusted, len(rows)), f.core.BrowserKeys(g)
	for i, row := range rows {
		out[i] = row.shown(current)
	}
	return out, err
}

// distrust answers DELETE mfa/trusted-browsers/:id/.
func (f *feature) distrust(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	id := g.Param("id")
	if len(id) != idSize || strings.Trim(id, "0123456789abcdef") != "" { // a database might reject some bytes, or ignore case
		return binding.Empty{}, core.ErrNotFound
	}
	n, err := f.endTrust(g, "id = ?", id)
	if err == nil && n == 0 {
		err = core.ErrNotFound
	}
	return binding.Empty{}, err
}

// distrustAll answers DELETE mfa/trusted-browsers/.
func (f *feature) distrustAll(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	_, err := f.endTrust(g, "1 = 1")
	return binding.Empty{}, err
}

func (f *feature) endTrust(g *gin.Context, which string, values ...any) (n int64, err error) {
	err = f.core.Held(g, func(tx *core.Tx) error {
		ended := tx.Where("user_id = ?", core.User(g).ID).Where(which, values...).Delete(&TrustedBrowser{})
		if n = ended.RowsAffected; ended.Error != nil || n == 0 {
			return ended.Error
		}
		return tx.Record(EventBrowserDistrusted, f.core.Event(g, f.core.IdentityOf(g).Account))
	})
	return n, err
}

// forgetBrowsers ends the trust in all browsers of a user.
func forgetBrowsers(tx *core.Tx, userID int64) error {
	return tx.Where("user_id = ?", userID).Delete(&TrustedBrowser{}).Error
}

// sweep deletes what has expired: the trust in browsers, and recoveries.
func (f *feature) sweep(ctx context.Context, now time.Time) error {
	return f.core.Tx(ctx, func(tx *core.Tx) error {
		if err := tx.Where("expires_at <= ?", now).Delete(&TrustedBrowser{}).Error; err != nil {
			return err
		}
		return tx.Where("expires_at <= ?", now).Delete(&LostFactors{}).Error
	})
}
