package ginauth

// POST password/reset/ and password/reset/confirm/: a new password by mail.

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) resetRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "password/reset", Limit: core.LimitMail,
		Doc: "Send a mail with a link and a code for a new password.", Form: a.cfg.Forms.PasswordReset,
	}, a.resetPassword)
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "password/reset/confirm", SetsCookies: true, Limit: core.LimitFailure,
		Doc: "Set a new password with the link or code from the mail. Ends all sessions and personal tokens.", Form: a.cfg.Forms.ResetConfirm,
		Answers: responsesIf(a.cfg.LoginOnReset),
	}, a.checkConfirmReset, a.confirmReset)
}

// resetPassword answers POST password/reset/, the same for every address (T007).
func (a *Auth) resetPassword(c *gin.Context, in *binding.ResetPassword) (binding.Detail, error) {
	if err := a.core.ApplyForm(c, nil, a.cfg.NewUser()); err != nil {
		return binding.Detail{}, err
	}
	err := a.core.PostToAddress(c, in.Email, core.MailReset)
	return binding.Detail{Detail: a.core.Say(c, "done.reset_sent", nil)}, err
}

// checkConfirmReset checks everything that does not depend on the user, so that a weak password does not use up a
// try of a code.
func (a *Auth) checkConfirmReset(c *gin.Context, in *binding.ConfirmReset, good func(string) bool) error {
	err := ticket.CheckProof(map[string]string{"uid": in.UID, "token": in.Token}, in.Email, in.Code, good)
	if err != nil || !good("new_password1") || !good("new_password2") {
		return err
	}
	return a.newPasswordProblems(c.Request.Context(), in, &models.User{})
}

func (a *Auth) newPasswordProblems(ctx context.Context, in *binding.ConfirmReset, user *models.User) error {
	if in.NewPassword1 != in.NewPassword2 {
		return binding.Invalid("new_password2", core.ProblemMismatch)
	}
	problems, err := a.core.PasswordProblems(ctx, in.NewPassword1, user)
	if err != nil {
		return err
	}
	return asField("new_password2", problems)
}

// confirmReset answers POST password/reset/confirm/. In one transaction it spends the ticket, sets the password and
// ends every session, token and ticket. Of concurrent requests one succeeds. It also confirms the address, so that
// a stranger who had set up the account has no way back in (T114).
func (a *Auth) confirmReset(c *gin.Context, in *binding.ConfirmReset) (any, error) {
	shown := &binding.KeyOrCode{Key: in.UID + in.Token, Email: in.Email, Code: in.Code}
	refused := binding.Invalid("token", core.ProblemTicket)
	if in.Code != "" {
		refused = binding.Invalid("code", core.ProblemTicket)
	}
	ticket, account, err := a.core.TicketFor(c.Request.Context(), core.ForReset, shown)
	if err != nil {
		return nil, a.core.AsTicketError(err, refused)
	}
	out, err := a.reset(c, in, ticket, account)
	return out, a.core.RefundTry(c, ticket, in.Code, err, refused)
}

// reset is confirmReset after the ticket and its account were found.
func (a *Auth) reset(c *gin.Context, in *binding.ConfirmReset, ticket *models.Ticket, account models.Account) (any, error) {
	ctx, user := c.Request.Context(), account.Base()
	edited, encoded, err := a.prepareReset(c, in, account)
	if err != nil {
		return nil, err
	}
	after := clone.Account(edited)
	after.Base().SessionEpoch = user.SessionEpoch + 1 // all sessions are ended
	login, err := a.core.MayLogIn(c, user, a.cfg.LoginOnReset)
	if err != nil {
		return nil, err
	}
	var confirmed *core.Confirmation
	return a.core.Complete(c, core.Flow{
		Login: login, Account: after, Method: core.MethodLink, ByMail: true, Done: "done.password_reset",
		Work: func(tx *core.Tx) (err error) {
			if confirmed, err = a.redeemReset(c, tx, ticket, user, after, encoded); err != nil {
				return err
			}
			if err := tx.SaveOwn(c, account, after); err != nil {
				return err
			}
			return a.core.Before(ctx, tx, config.EventPasswordReset, a.core.Event(c, after))
		},
		Committed: func() {
			a.core.NotifyConfirmed(ctx, confirmed)
			a.core.After(ctx, config.EventPasswordReset, a.core.Event(c, after))
		},
	})
}

// prepareReset does everything that can fail without spending the ticket.
func (a *Auth) prepareReset(c *gin.Context, in *binding.ConfirmReset, account models.Account) (edited models.Account, encoded string, err error) {
	if err := a.newPasswordProblems(c.Request.Context(), in, account.Base()); err != nil {
		return nil, "", err
	}
	if edited, err = a.core.ApplyToCopy(c, account); err != nil {
		return nil, "", err
	}
	encoded, err = a.core.HashPassword(c.Request.Context(), in.NewPassword1)
	return edited, encoded, err
}

// redeemReset sets the password of user; after is the same user as it will be stored. It confirms the address
// before it writes the notice, so that the notice goes to a confirmed address.
func (a *Auth) redeemReset(c *gin.Context, tx *core.Tx, t *models.Ticket, user *models.User, after models.Account, encoded string) (*core.Confirmation, error) {
	if _, err := a.core.Redeem(tx, t); err != nil {
		return nil, err
	}
	address, err := tx.Confirmed(t)
	if err != nil {
		return nil, err
	}
	var confirmed *core.Confirmation
	if address != nil {
		if err := tx.Reclaim(after, address); err != nil {
			return nil, err
		}
	} else {
		if err = tx.DisarmFeatures(after); err != nil {
			return nil, err
		}
		if confirmed, err = a.core.ConfirmTicket(c, tx, after, t, false); err != nil {
			return nil, err
		}
	}
	if err := a.core.ReplacePassword(c, tx, user, encoded, ""); err != nil {
		return nil, err
	}
	return confirmed, tx.EndTickets(user.ID, core.ForNotice, a.core.Now())
}

// responsesIf returns the types that a route responds with if it logs in sometimes, or never.
func responsesIf(login bool) []any {
	if login {
		return []any{binding.Detail{}, binding.LoginResponse{}}
	}
	return []any{binding.Detail{}}
}
