// Package logincode adds logins with a code or link from a mail: the routes login/code/ and login/code/confirm/.
// Package ginauth adds it to an Auth if config.Config.LoginByCode is set; you do not list it in ginauth.New.
package logincode

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	method   = "code"  // models.Session.Method
	forLogin = "login" // the ticket in the mail
	mailCode = "login_code"
)

type feature struct{ core *core.Core }

// Feature returns the feature. New returns an error if Mail.Sender is not set.
func Feature() core.Feature {
	return func(s *core.Setup) error {
		f, m := feature{s.Core()}, s.Config().Mail
		s.Name("logincode")
		if m.Sender == nil {
			s.Refuse("Mail.Sender", errors.New("must be set"))
			return nil
		}
		s.Ticket(core.TicketKind{Name: forLogin, Link: m.LoginLifetime, Code: m.CodeLifetime, Page: m.URLs.Login, LogsIn: true})
		s.Mail(core.MailKind{Name: mailCode, Ticket: forLogin})
		s.WayIn((*core.Tx).HasConfirmed)
		core.Add(s, core.Route{
			Method: http.MethodPost, Path: "login/code", Limit: core.LimitMail,
			Doc: "Send a mail with a link and a code to log in.",
		}, f.send)
		core.AddChecked(s, core.Route{
			Method: http.MethodPost, Path: "login/code/confirm", SetsCookies: true, Limit: core.LimitFailure,
			Doc: "Log in with the key or code from the mail.", Answers: []any{binding.LoginResponse{}},
		}, f.check, f.confirm)
		return nil
	}
}

// send answers POST login/code/, the same for every address.
func (f feature) send(c *gin.Context, in *binding.EmailRequest) (binding.Detail, error) {
	err := f.core.PostToAddress(c, in.Email, mailCode)
	return binding.Detail{Detail: f.core.Say(c, "done.code_sent", nil)}, err
}

func (f feature) check(c *gin.Context, in *binding.LoginByCode, good func(string) bool) error {
	return f.core.CheckKeyOrCode(c, &in.KeyOrCode, good)
}

// confirm answers POST login/code/confirm/. It also confirms the address. If the address was not confirmed and the
// request has no session of the account, the account is disarmed: a stranger may have signed up with the address
// (T114). A request with a session of another account gets 403, because the login would replace that session
// (T111).
func (f feature) confirm(c *gin.Context, in *binding.LoginByCode) (any, error) {
	field := "key"
	if in.Code != "" {
		field = "code"
	}
	refused := binding.Invalid(field, core.ProblemTicket)
	ticket, account, err := f.core.TicketFor(c.Request.Context(), forLogin, &in.KeyOrCode)
	if errors.Is(err, core.ErrTicket) {
		f.core.LoginFailed(c, in.Email, method)
	}
	if err != nil {
		return nil, f.core.AsTicketError(err, refused)
	}
	id, err := f.core.CurrentIdentity(c)
	if err != nil {
		return nil, f.core.RefundTry(c, ticket, in.Code, err, refused)
	}
	if id != nil && id.Account.Base().ID != account.Base().ID {
		return nil, f.core.RefundTry(c, ticket, in.Code, core.ErrPermission, refused)
	}
	var confirmed *core.Confirmation
	var invite bool
	out, err := f.core.SignIn(c, core.Flow{
		Account: account, Method: method, ByMail: true, Short: core.Shortens(in.Remember),
		Work: func(tx *core.Tx) (err error) {
			confirmed, invite, err = f.redeem(c, tx, account, ticket, id != nil)
			return err
		},
		Then: func(tx *core.Tx) error {
			if !invite {
				return nil
			}
			return f.core.PostInvitation(c, tx, account.Base().ID)
		},
		Committed: func() { f.core.NotifyConfirmed(c.Request.Context(), confirmed) },
	})
	return out, f.core.RefundTry(c, ticket, in.Code, err, refused)
}

// redeem spends a ticket and confirms its address unless it is confirmed. It reports whether it disarmed an account
// with a password, whose owner needs a new one.
func (f feature) redeem(c *gin.Context, tx *core.Tx, account models.Account, t *models.Ticket, inSession bool) (done *core.Confirmation, disarmed bool, err error) {
	if _, err := f.core.Redeem(tx, t); err != nil {
		return nil, false, err
	}
	if known, err := tx.IsConfirmed(t); err != nil || known {
		return nil, false, err
	}
	if !inSession {
		disarmed = account.Base().HasPassword()
		if err := f.core.Disarm(tx, account, t.Key, time.Time{}); err != nil {
			return nil, false, err
		}
	}
	done, err = f.core.ConfirmTicket(c, tx, account, t, inSession)
	return done, disarmed, err
}
