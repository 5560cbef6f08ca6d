package ginauth

// POST password/reset/ and password/reset/confirm/: a new password through a mail.

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) resetRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "password/reset", status: http.StatusOK,
		doc: "Send a mail by which a new password can be set.", form: a.cfg.Forms.PasswordReset,
	}, a.resetPassword)
	add(s, route{
		method: http.MethodPost, path: "password/reset/confirm", status: http.StatusOK, setsCookies: true,
		doc: "Set a new password by what is in the mail; ends all sessions.", form: a.cfg.Forms.ResetConfirm,
	}, a.confirmReset, append(bothIf(a.cfg.LoginOnReset), a.checkConfirmReset)...)
}

// resetPassword answers POST password/reset/, alike for every address (T007).
func (a *Auth) resetPassword(c *gin.Context, in *binding.ResetPassword) (binding.Detail, error) {
	if err := applyForm(c, nil, a.cfg.NewUser()); err != nil {
		return binding.Detail{}, err
	}
	err := a.postToHolder(c, in.Email, mailReset)
	return binding.Detail{Detail: a.say(c, "done.reset_sent", nil)}, err
}

// checkConfirmReset looks at what can be told without knowing the user, so that a poor
// password spends no try of a code.
func (a *Auth) checkConfirmReset(c *gin.Context, in *binding.ConfirmReset, good func(string) bool) error {
	err := checkProof(map[string]string{"uid": in.UID, "token": in.Token}, in.Email, in.Code, good)
	if err != nil || !good("new_password1") || !good("new_password2") {
		return err
	}
	return a.newPasswordProblems(c.Request.Context(), in, &models.User{})
}

func (a *Auth) newPasswordProblems(ctx context.Context, in *binding.ConfirmReset, user *models.User) error {
	if in.NewPassword1 != in.NewPassword2 {
		return binding.Invalid("new_password2", problemMismatch)
	}
	problems, err := a.passwordProblems(ctx, in.NewPassword1, user)
	if err != nil {
		return err
	}
	return asField("new_password2", problems)
}

// confirmReset answers POST password/reset/confirm/. In one transaction it spends the ticket,
// sets the password and ends every session, token and ticket; of any number at once one
// succeeds. It also confirms the address, so nothing is left by which anyone who had the account
// before could come back (T114).
func (a *Auth) confirmReset(c *gin.Context, in *binding.ConfirmReset) (any, error) {
	ctx := c.Request.Context()
	shown := proof{selector: in.UID, verifier: in.Token}
	refused := binding.Invalid("token", problemTicket)
	if in.Code != "" {
		shown, refused = proof{email: in.Email, code: in.Code}, binding.Invalid("code", problemTicket)
	}
	ticket, account, err := a.ticketFor(ctx, forReset, shown)
	if err != nil {
		return nil, asTicketError(err, refused)
	}
	user := account.Base()
	own, encoded, err := a.prepareReset(c, in, account)
	if err != nil {
		return nil, a.tried(c, ticket, in.Code, err, refused)
	}
	after := withEpoch(own, user.SessionEpoch+1)
	var confirmed *confirmation
	redeem := func(tx *store.Tx) (err error) {
		if confirmed, err = a.redeemReset(c, tx, ticket, user, after, encoded); err != nil {
			return err
		}
		if err := saveOwn(c, tx, account, after); err != nil {
			return err
		}
		return a.before(ctx, tx, config.EventPasswordReset, a.event(c, after))
	}
	login, err := a.mayLogIn(c, user, a.cfg.LoginOnReset)
	if err != nil {
		return nil, a.tried(c, ticket, in.Code, err, refused)
	}
	out, err := a.complete(c, flow{
		login: login, account: after, method: methodLink, work: redeem, done: "done.password_reset",
		committed: func() {
			a.notifyConfirmed(ctx, confirmed)
			a.after(ctx, config.EventPasswordReset, a.event(c, after))
		},
	})
	return out, a.tried(c, ticket, in.Code, err, refused)
}

// prepareReset does what can be refused without spending the ticket.
func (a *Auth) prepareReset(c *gin.Context, in *binding.ConfirmReset, account models.Account) (own models.Account, encoded string, err error) {
	if err := a.newPasswordProblems(c.Request.Context(), in, account.Base()); err != nil {
		return nil, "", err
	}
	if own, err = applyToCopy(c, account); err != nil {
		return nil, "", err
	}
	encoded, err = a.hasher.Hash(c.Request.Context(), in.NewPassword1)
	return own, encoded, err
}

// redeemReset sets the password of a user, who is after then. The address comes before the
// notice of that, which is worth more where it is confirmed.
func (a *Auth) redeemReset(c *gin.Context, tx *store.Tx, t *models.Ticket, user *models.User, after models.Account, encoded string) (*confirmation, error) {
	if _, err := a.redeem(tx, t); err != nil {
		return nil, err
	}
	known, err := isConfirmed(tx, t)
	if err != nil {
		return nil, err
	}
	var confirmed *confirmation
	if !known {
		if confirmed, err = a.confirmTicket(c, tx, after, t, false); err != nil {
			return nil, err
		}
	}
	if err := a.setPassword(c, tx, user, encoded, ""); err != nil {
		return nil, err
	}
	return confirmed, tx.EndTickets(user.ID, string(forNotice), a.now())
}
