package ginauth

// Login by a code or link in a mail.

import (
	"errors"
	"net/http"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// The ticket and the mail of this flow.
const (
	forLogin      core.Purpose = "login"
	mailLoginCode string       = "login_code"
)

func (a *Auth) loginCodeRoutes(s *core.Setup) {
	m := a.cfg.Mail
	s.Ticket(core.TicketKind{Name: forLogin, Link: m.LoginLifetime, Code: m.CodeLifetime, Page: m.URLs.Login, Binds: core.SameLogins})
	s.Mail(core.MailKind{Name: mailLoginCode, Ticket: forLogin})
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "login/code",
		Doc: "Send a mail with a code to log in with.",
	}, a.sendLoginCode)
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "login/code/confirm", SetsCookies: true,
		Doc: "Log in with the code or key in the mail.", Answers: core.LoginIf(true),
	}, core.CheckKeyOrCode, a.confirmLoginCode)
}

// sendLoginCode answers POST login/code/, alike for every address.
func (a *Auth) sendLoginCode(c *gin.Context, in *binding.EmailRequest) (binding.Detail, error) {
	err := a.core.PostToHolder(c, in.Email, mailLoginCode)
	return binding.Detail{Detail: a.core.Say(c, "done.code_sent", nil)}, err
}

// confirmLoginCode answers POST login/code/confirm/. It also confirms the address. If that was
// not confirmed and the request has no session of the account, the account is disarmed: a
// stranger may have signed up with the address (T114). It is refused in a session of another
// account, which it would replace (T111).
func (a *Auth) confirmLoginCode(c *gin.Context, in *binding.KeyOrCode) (any, error) {
	field := "key"
	if in.Code != "" {
		field = "code"
	}
	refused := binding.Invalid(field, core.ProblemTicket)
	ticket, account, err := a.core.TicketFor(c.Request.Context(), forLogin, core.ProofOf(in))
	if errors.Is(err, core.ErrTicket) {
		a.core.LoginFailed(c, in.Email, core.MethodCode)
	}
	if err != nil {
		return nil, core.AsTicketError(err, refused)
	}
	id, err := a.core.CurrentIdentity(c)
	if err != nil {
		return nil, a.core.RefundTry(c, ticket, in.Code, err, refused)
	}
	if id != nil && id.Account.Base().ID != account.Base().ID {
		return nil, a.core.RefundTry(c, ticket, in.Code, core.ErrPermission, refused)
	}
	var confirmed *core.Confirmation
	var invite bool
	out, err := a.core.SignIn(c, core.Flow{
		Account: account, Method: core.MethodCode,
		Work: func(tx *core.Tx) (err error) {
			confirmed, invite, err = a.redeemLoginCode(c, tx, account, ticket, id != nil)
			return err
		},
		Then: func(tx *core.Tx) error {
			if !invite {
				return nil
			}
			return a.core.PostInvitation(c, tx, account.Base().ID)
		},
		Committed: func() { a.core.NotifyConfirmed(c.Request.Context(), confirmed) },
	})
	return out, a.core.RefundTry(c, ticket, in.Code, err, refused)
}

// redeemLoginCode spends a ticket and confirms its address unless that is confirmed. It reports
// whether it has disarmed an account with a password, whose owner needs a new one.
func (a *Auth) redeemLoginCode(c *gin.Context, tx *core.Tx, account models.Account, t *models.Ticket, inSession bool) (done *core.Confirmation, disarmed bool, err error) {
	if _, err := a.core.Redeem(tx, t); err != nil {
		return nil, false, err
	}
	if known, err := core.IsConfirmed(tx, t); err != nil || known {
		return nil, false, err
	}
	if !inSession {
		disarmed = account.Base().HasPassword()
		if err := a.core.Disarm(tx, account, t.Key, time.Time{}); err != nil {
			return nil, false, err
		}
	}
	done, err = a.core.ConfirmTicket(c, tx, account, t, inSession)
	return done, disarmed, err
}
