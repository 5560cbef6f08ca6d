package mfa

// Required factors: a login of a user who must set up an authenticator app first, at mfa/setup/ and mfa/setup/confirm/.

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// SetupRequest is the body of POST mfa/setup/.
type SetupRequest struct {
	EphemeralToken string `json:"ephemeral_token" binding:"required,max=512"`
}

// Setup is the response of POST mfa/setup/: what GET mfa/totp/activate/ returns, and whether a code was mailed.
type Setup struct {
	Offer
	EmailCode bool `json:"email_code_required"` // the user has to enter the code of a mail as well
}

// SetupConfirm is the body of POST mfa/setup/confirm/.
type SetupConfirm struct {
	EphemeralToken  string `json:"ephemeral_token" binding:"required,max=512"`
	ActivationToken string `json:"activation_token" binding:"required,max=512"`
	Code            string `json:"code" binding:"required,max=32"` // of the authenticator app
	EmailCode       string `json:"email_code" in:"blank" binding:"max=32"`
}

var errUnreachable = &binding.Error{Status: http.StatusForbidden, Code: codeUnreachable}

func (f *feature) setupRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/setup", Limit: core.LimitMail, Fails: []int{http.StatusForbidden},
		Doc: "Begin to set up an authenticator app in a login that requires one. Mails a code, unless the login came from a mail.",
	}, f.beginSetup)
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "mfa/setup/confirm", SetsCookies: true, Limit: core.LimitFailure, Fails: []int{http.StatusForbidden}, Answers: []any{binding.LoginResponse{}},
		Doc: "Complete a login that requires an authenticator app, with its first code and the code of the mail.",
	}, f.checkSetup, f.confirmSetup)
}

// deadline returns when the grace of a user ends.
func (f *feature) deadline(user *models.User) time.Time {
	from := user.DateJoined
	if f.RequireFrom.After(from) {
		from = f.RequireFrom
	}
	return from.Add(f.RequireGrace).UTC()
}

// mustHave is the policy for the core.
func (f *feature) mustHave(account models.Account) bool {
	return !f.core.Now().Before(f.deadline(account.Base())) && f.RequireFor(account)
}

// setupOf returns the login that an ephemeral token belongs to, if its user must set up a factor.
func (f *feature) setupOf(g *gin.Context, token string) (*core.Challenge, error) {
	login, err := f.core.Challenge(g.Request.Context(), token)
	if err == nil && !login.SetUp {
		err = core.ErrTicket
	}
	return login, f.core.AsTicketError(err, errEphemeral)
}

// beginSetup answers POST mfa/setup/. The mailed code keeps out a thief of the password, who could set up an app of their own.
func (f *feature) beginSetup(g *gin.Context, in *SetupRequest) (Setup, error) {
	login, err := f.setupOf(g, in.EphemeralToken)
	if err != nil {
		return Setup{}, err
	}
	out := Setup{EmailCode: !login.Vouched}
	if out.Offer, err = f.offerTo(g, login.Account.Base()); err == nil && out.EmailCode {
		err = f.mailCode(g, login.Account.Base(), mailCode, false)
	}
	return out, err
}

func (f *feature) checkSetup(g *gin.Context, in *SetupConfirm, good func(string) bool) error {
	if in.EmailCode != "" || !good("email_code") || !good("ephemeral_token") {
		return nil
	}
	if login, err := f.core.Challenge(g.Request.Context(), in.EphemeralToken); err != nil || login.Vouched {
		return nil
	}
	return binding.Invalid("email_code", binding.Problem{Code: binding.CodeRequired})
}

// confirmSetup answers POST mfa/setup/confirm/. All other sessions end: they have proven one factor.
func (f *feature) confirmSetup(g *gin.Context, in *SetupConfirm) (any, error) {
	login, err := f.setupOf(g, in.EphemeralToken)
	if err != nil {
		return nil, err
	}
	user := login.Account.Base()
	activation, row, err := f.activation(g, user, in.ActivationToken, in.Code)
	if err != nil {
		return nil, err
	}
	out, err := f.core.Enrol(g, login, FactorTOTP, func(tx *core.Tx) error {
		if !login.Vouched {
			if err := f.spendMailed(tx, user, in.EmailCode, errEmailCode); err != nil {
				return err
			}
		}
		if _, err := f.core.Redeem(tx, activation); err != nil {
			return err
		}
		return f.setUp(g, tx, login.Account, row)
	})
	return out, f.core.AsTicketError(err, errEphemeral)
}

// setUp stores the app of a user who is not logged in yet.
func (f *feature) setUp(g *gin.Context, tx *core.Tx, account models.Account, row TOTP) error {
	user := account.Base()
	if err := tx.Save(&row).Error; err != nil {
		return err
	}
	if err := tx.SetFactor(user.ID, FactorTOTP, true); err != nil {
		return err
	}
	if err := tx.EndOtherSessions(user.ID, ""); err != nil {
		return err
	}
	if err := tx.Record(EventTOTPOn, f.core.Event(g, account)); err != nil {
		return err
	}
	return f.core.Notify(g, tx, mailOn, user, user.Email)
}
