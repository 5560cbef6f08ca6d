package mfa

// GET mfa/status/.

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Status is the response of GET mfa/status/. Times are RFC 3339 in UTC.
type Status struct {
	Enabled    bool       `json:"mfa_enabled"`  // whether logins ask for a second factor
	CreatedAt  *time.Time `json:"created_at"`   // when the authenticator app was set up; null without one
	LastUsedAt *time.Time `json:"last_used_at"` // when the app or a recovery code was last used; null before
	Factors    []string   `json:"factors"`      // names of the user's second factors
	Remaining  int64      `json:"recovery_codes_remaining"`
	Required   bool       `json:"required"`      // the user must have a second factor, see Options.RequireFor
	RequiredAt *time.Time `json:"required_from"` // when the user can do nothing else without one; null if it is not required

	Recovery *RecoveryTimes `json:"recovery"` // someone is removing the factors, see Options.Recovery; null if not
}

// status answers GET mfa/status/.
func (f *feature) status(g *gin.Context, _ *binding.Empty) (Status, error) {
	user, out := core.User(g), Status{Factors: []string{}}
	if f.RequireFor != nil && f.RequireFor(f.core.IdentityOf(g).Account) {
		out.Required, out.RequiredAt = true, new(f.deadline(user))
	}
	if user.Factors == "" {
		return out, nil
	}
	out.Enabled, out.Factors = true, user.FactorNames()
	db := f.core.DB(g.Request.Context())
	var app TOTP
	if found := db.Where("user_id = ?", user.ID).Limit(1).Find(&app); found.Error != nil {
		return out, found.Error
	} else if found.RowsAffected > 0 {
		out.CreatedAt, out.LastUsedAt = new(app.CreatedAt.UTC()), inUTC(app.LastUsedAt)
	}
	var codes []RecoveryCode
	if err := db.Where("user_id = ?", user.ID).Find(&codes).Error; err != nil {
		return out, err
	}
	for _, code := range codes {
		if code.UsedAt == nil {
			out.Remaining++
		} else if out.LastUsedAt == nil || code.UsedAt.After(*out.LastUsedAt) {
			out.LastUsedAt = inUTC(code.UsedAt)
		}
	}
	var err error
	out.Recovery, err = f.runningRecovery(db, user)
	return out, err
}
