package mfa

// POST mfa/verify/: the second step of a login.

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Verify is the body of POST mfa/verify/.
type Verify struct {
	EphemeralToken string `json:"ephemeral_token" binding:"required,max=512"`
	Code           string `json:"code" binding:"required,max=32"` // of the authenticator app, or a recovery code
	Trust          bool   `json:"trust"`                          // later logins by password in this browser need no code, for Options.TrustDays
}

var errEphemeral = binding.Invalid("ephemeral_token", core.ProblemTicket)

// verify answers POST mfa/verify/. The core counts wrong codes.
func (f *feature) verify(g *gin.Context, in *Verify) (any, error) {
	login, err := f.core.Challenge(g.Request.Context(), in.EphemeralToken)
	if err != nil {
		return nil, f.core.AsTicketError(err, errEphemeral)
	}
	user := login.Account.Base()
	factor, spend, err := f.asked(g, user, in.Code)
	if err != nil {
		return nil, err
	}
	if factor == FactorEmail && login.ByMail { // what began the login and this mail are one factor
		return nil, errCode
	}
	var key *core.BrowserKey
	if f.trusts(in, login) {
		if key, err = f.core.NewBrowserKey(); err != nil {
			return nil, err
		}
	}
	out, err := f.core.Pass(g, login, factor, func(tx *core.Tx) error {
		if err := spend(g, tx, user, in.Code); err != nil || key == nil {
			return err
		}
		return f.trust(g, tx, login.Account, key)
	})
	if err == nil && key != nil {
		key.Keep(g, f.trustFor())
	}
	return out, f.core.AsTicketError(err, errEphemeral)
}

// spender uses up a code in a transaction, or returns errCode.
type spender func(*gin.Context, *core.Tx, *models.User, string) error

// asked returns the factor that a code has the form of, and the function that uses it up, or errCode if it cannot be right. Of
// imported recovery codes, some have the form of codes in mails.
func (f *feature) asked(g *gin.Context, user *models.User, code string) (factor string, spend spender, err error) {
	mailed := user.HasFactor(FactorEmail) && isEmailCode(code)
	if mailed && isRecovery(code) {
		var n int64
		own := f.core.DB(g.Request.Context()).Model(&RecoveryCode{}).Where("user_id = ? AND mac IN ?", user.ID, f.macs.MACs(fmt.Sprint(user.ID), bareCode(code)))
		if err := own.Count(&n).Error; err != nil {
			return "", nil, err
		}
		mailed = n == 0
	}
	switch {
	case user.HasFactor(FactorTOTP) && f.isTOTP(code):
		return FactorTOTP, f.spendTOTP, nil
	case mailed:
		return FactorEmail, f.spendEmail, nil
	case user.Factors != "" && isRecovery(code):
		return FactorRecovery, f.spendRecovery, nil
	}
	return "", nil, errCode
}
