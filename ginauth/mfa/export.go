package mfa

// What GET user/export/ and GET config/ have of this feature.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Export is features.mfa in the response of GET user/export/. It has no secret and no code. Times are RFC 3339 in UTC.
type Export struct {
	TOTP          *ExportedTOTP  `json:"totp"` // null without an authenticator app
	RecoveryCodes []ExportedCode `json:"recovery_codes"`
	Browsers      []Trusted      `json:"trusted_browsers"`
	Recovery      *ExportedLost  `json:"recovery"` // null if none was started lately
}

// ExportedLost is the latest recovery of a user who lost the second factors.
type ExportedLost struct {
	RecoveryTimes
	EndedAt   *time.Time `json:"ended_at"` // when it was cancelled; null if it was not
	IP        string     `json:"ip"`
	UserAgent string     `json:"user_agent"`
}

// ExportedTOTP is the authenticator app of the user.
type ExportedTOTP struct {
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

// ExportedCode is a recovery code of the user.
type ExportedCode struct {
	UsedAt *time.Time `json:"used_at"` // null if it was not used
}

// Facts are features.mfa in the response of GET config/.
type Facts struct {
	Factors []string `json:"factors"` // which codes mfa/verify/ takes
	Digits  int      `json:"digits"`  // of a code of an authenticator app

	TrustDays int  `json:"trust_days"` // how long a browser can be trusted; 0 if it cannot
	Recovery  bool `json:"recovery"`   // mfa/recovery/ exists
}

func (f *feature) facts() Facts {
	names := []string{FactorTOTP, FactorRecovery}
	if f.EmailCodes {
		names = []string{FactorTOTP, FactorEmail, FactorRecovery}
	}
	return Facts{Factors: names, Digits: f.Digits, TrustDays: f.TrustDays, Recovery: f.Recovery.Wait > 0}
}

func export(tx *core.Tx, userID int64) (any, error) {
	out := Export{RecoveryCodes: []ExportedCode{}, Browsers: []Trusted{}}
	var app TOTP
	if found := tx.Where("user_id = ?", userID).Limit(1).Find(&app); found.Error != nil {
		return out, found.Error
	} else if found.RowsAffected > 0 {
		out.TOTP = &ExportedTOTP{app.CreatedAt.UTC(), inUTC(app.LastUsedAt)}
	}
	var codes []RecoveryCode
	if err := tx.Where("user_id = ?", userID).Find(&codes).Error; err != nil {
		return out, err
	}
	for _, code := range codes {
		out.RecoveryCodes = append(out.RecoveryCodes, ExportedCode{inUTC(code.UsedAt)})
	}
	var browsers []TrustedBrowser
	if err := tx.Where("user_id = ?", userID).Order("created_at, id").Find(&browsers).Error; err != nil {
		return out, err
	}
	for _, browser := range browsers {
		out.Browsers = append(out.Browsers, browser.shown(nil))
	}
	row, err := recoveryOf(tx.DB, userID)
	if err == nil && row.UserID != 0 {
		out.Recovery = &ExportedLost{*row.times(), inUTC(row.EndedAt), row.IP, row.UserAgent}
	}
	return out, err
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}
