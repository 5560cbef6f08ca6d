package mfa

// POST mfa/verify/: the second step of a login.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Verify is the body of POST mfa/verify/.
type Verify struct {
	EphemeralToken string `json:"ephemeral_token" binding:"required,max=512"`
	Code           string `json:"code" binding:"required,max=32"` // of the authenticator app, or a recovery code
}

// verify answers POST mfa/verify/. The core counts wrong codes.
func (f *feature) verify(g *gin.Context, in *Verify) (any, error) {
	invalid := binding.Invalid("ephemeral_token", core.ProblemTicket)
	login, err := f.core.Challenge(g.Request.Context(), in.EphemeralToken)
	if err != nil {
		return nil, f.core.AsTicketError(err, invalid)
	}
	user := login.Account.Base()
	factor, spend := f.asked(user, in.Code)
	if spend == nil {
		return nil, errCode
	}
	out, err := f.core.Pass(g, login, factor, func(tx *core.Tx) error { return spend(g, tx, user, in.Code) })
	return out, f.core.AsTicketError(err, invalid)
}

// asked returns the factor that a code has the form of, and the function that uses it up; nil if it cannot be right.
func (f *feature) asked(user *models.User, code string) (factor string, spend func(*gin.Context, *core.Tx, *models.User, string) error) {
	switch {
	case user.HasFactor(FactorTOTP) && f.isTOTP(code):
		return FactorTOTP, f.spendTOTP
	case user.Factors != "" && isRecovery(code):
		return FactorRecovery, f.spendRecovery
	}
	return "", nil
}
