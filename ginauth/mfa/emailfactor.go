package mfa

// E-mail codes as a second factor: mfa/email/send/, mfa/email/activate/ and mfa/email/deactivate/.

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// EmailSend is the body of POST mfa/email/send/.
type EmailSend struct {
	EphemeralToken string `json:"ephemeral_token" in:"blank" binding:"max=512"` // of a login that waits for a code; not needed in a session
}

// errSameMailbox refuses codes in mails to a session that a mail began: the session could never prove two factors, so the user
// would need a recovery code at once.
var errSameMailbox = &binding.Error{Status: http.StatusForbidden, Code: codeSameMailbox}

const emailLetters = "23456789BCDFGHJKMNPQRSTVWXZ" // of the library's codes in mails

// isEmailCode reports whether a text has the form of a code from a mail.
func isEmailCode(code string) bool {
	code = strings.ToUpper(bareCode(code))
	return len(code) == 8 && strings.Trim(code, emailLetters) == ""
}

func (f *feature) emailFactor(s *core.Setup) {
	if !f.EmailCodes {
		return
	}
	if s.Config().Mail.Sender == nil {
		s.Refuse("mfa.Options.EmailCodes", errNeedsSender)
	}
	s.MailFactor(FactorEmail)
	s.AMR(FactorEmail, "otp")
	s.FactorCode(core.FactorCode{Factor: FactorEmail, Proof: FactorEmail, Matches: isEmailCode, Spend: f.spendEmail})
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/email/send", Access: core.AccessOptional, Limit: core.LimitMail, Fails: []int{http.StatusUnauthorized, http.StatusForbidden},
		Doc: "Mail a code: to complete a login, or to turn e-mail codes on, or to re-authenticate.",
	}, f.sendEmail)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/email/activate", Limit: core.LimitGuess, Access: core.AccessUser, Fails: []int{http.StatusForbidden},
		Doc: "Turn on e-mail codes as a second factor, with a mailed code. Returns recovery codes, once, if the user had no factor.",
	}, f.activateEmail)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "mfa/email/deactivate", Limit: core.LimitGuess, Access: core.AccessUser, Doc: "Turn off e-mail codes, with a code.",
	}, f.deactivateEmail)
}

// sendEmail answers POST mfa/email/send/. A login that began with the mailbox gets none: that would be the same factor again.
func (f *feature) sendEmail(g *gin.Context, in *EmailSend) (binding.Detail, error) {
	done := binding.Detail{Detail: f.core.Say(g, "done.mfa_code_sent", nil)}
	if in.EphemeralToken == "" {
		if err := f.core.Require(g, false, core.AccessUser.Admits); err != nil {
			return binding.Detail{}, err
		}
		kind := mailEmailCode
		if core.User(g).HasFactor(FactorEmail) { // for reauthenticate/
			kind = mailCode
		}
		return done, f.mailCode(g, core.User(g), kind, true)
	}
	login, err := f.core.Challenge(g.Request.Context(), in.EphemeralToken)
	if err != nil {
		return binding.Detail{}, f.core.AsTicketError(err, errEphemeral)
	}
	if login.ByMail || !login.Account.Base().HasFactor(FactorEmail) {
		return binding.Detail{}, core.ErrPermission
	}
	return done, f.mailCode(g, login.Account.Base(), mailCode, true)
}

// spendEmail uses up a mailed code, or returns errCode.
func (f *feature) spendEmail(_ *gin.Context, tx *core.Tx, user *models.User, code string) error {
	return f.spendMailed(tx, user, code, errCode)
}

// activateEmail answers POST mfa/email/activate/.
func (f *feature) activateEmail(g *gin.Context, in *Deactivate) (Activated, error) {
	user, out := core.User(g), Activated{RecoveryCodes: []string{}}
	if user.HasFactor(FactorEmail) {
		return out, errEnabled
	}
	if err := f.core.RequireRecent(g, in.Password); err != nil {
		return out, err
	}
	if f.core.ProvenByMail(g) {
		return out, errSameMailbox
	}
	var rows []RecoveryCode
	var err error
	if user.Factors == "" {
		if out.RecoveryCodes, rows, err = f.newCodes(user.ID); err != nil {
			return out, err
		}
	}
	err = f.core.TryFactor(g, func() error {
		return f.core.RaiseSession(g, FactorEmail, func(tx *core.Tx) error {
			if err := f.spendEmail(g, tx, user, in.Code); err != nil {
				return err
			}
			if err := tx.SetFactor(user.ID, FactorEmail, true); err != nil {
				return err
			}
			if rows != nil {
				if err := replaceCodes(tx, user.ID, rows); err != nil {
					return err
				}
			}
			return f.changed(g, tx, mailEmailOn, EventEmailCodeOn)
		})
	})
	if err != nil {
		return Activated{}, err
	}
	return out, nil
}

// deactivateEmail answers POST mfa/email/deactivate/, with a code of any kind.
func (f *feature) deactivateEmail(g *gin.Context, in *Deactivate) (binding.Detail, error) {
	if !core.User(g).HasFactor(FactorEmail) {
		return binding.Detail{}, errDisabled
	}
	err := f.withCode(g, in, func(tx *core.Tx, user *models.User) error {
		return f.turnOff(g, tx, user.ID, FactorEmail, mailEmailOff, EventEmailCodeOff)
	})
	return binding.Detail{Detail: f.core.Say(g, "done.mfa_email_deactivated", nil)}, err
}
