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
}

func (f *feature) facts() Facts {
	return Facts{Factors: []string{FactorTOTP, FactorRecovery}, Digits: f.Digits}
}

func export(tx *core.Tx, userID int64) (any, error) {
	out := Export{RecoveryCodes: []ExportedCode{}}
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
	return out, nil
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}
