package ginauth

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func resetRoutes(cfg *config.Config) []route {
	return []route{
		{
			method: http.MethodPost, path: "password/reset", status: http.StatusOK,
			doc: "Send a mail by which a new password can be set.", form: cfg.Forms.PasswordReset, action: handle((*Auth).resetPassword, nil),
		},
		{
			method: http.MethodPost, path: "password/reset/confirm", status: http.StatusOK, setsCookies: true,
			doc: "Set a new password by what is in the mail; ends all sessions.", form: cfg.Forms.ResetConfirm, action: handle((*Auth).confirmReset, (*Auth).checkConfirmReset, bothIf(cfg.LoginOnReset)...),
		},
	}
}

// resetPassword answers POST password/reset/, alike for every address (T007).
func (a *Auth) resetPassword(c *gin.Context, in *binding.ResetPassword) (binding.Detail, error) {
	if err := applyForm(c, a.cfg.NewUser()); err != nil {
		return binding.Detail{}, err
	}
	err := a.postToOwner(c, in.Email, mailReset)
	return binding.Detail{Detail: a.say(c, "done.reset_sent", nil)}, err
}

// postToOwner mails a ticket to whose account a mail to an address may open. Where it is not
// confirmed there may be several such accounts, so the mail says when this one was opened.
func (a *Auth) postToOwner(c *gin.Context, address, kind string) error {
	ctx := c.Request.Context()
	owner, err := a.ownerOf(ctx, address)
	if err != nil {
		return err
	}
	l := letter{kind: kind, user: owner.user, address: owner.address, asked: true, opened: !owner.confirmed}
	return a.store.Tx(ctx, func(tx *store.Tx) error { return a.post(c, tx, l) })
}

// owner is whose account a mail to an address opens.
type owner struct {
	user      *models.User // nobody, if there is none who may use his account
	address   string       // as it is on file; not as a stranger typed it, which may be another mailbox
	confirmed bool
}

// ownerOf finds the user who confirmed an address or, while nobody has, the one who signed up
// with it last and has confirmed nothing else. It asks the database the same questions for
// every address (T113).
func (a *Auth) ownerOf(ctx context.Context, address string) (owner, error) {
	none := owner{user: nobody, address: models.NormalizeEmail(address)}
	key := models.EmailKey(address)
	confirmedBy, err := a.store.Confirmed(ctx, key, 0)
	if err != nil {
		return none, err
	}
	claimant, err := a.store.Claimant(ctx, key, a.now())
	if err != nil {
		return none, err
	}
	user, err := a.ownerOrNobody(ctx, cmp.Or(confirmedBy.UserID, claimant))
	if err != nil {
		return none, err
	}
	all, err := a.store.Emails(ctx, user.ID)
	if err != nil {
		return none, err
	}
	i := slices.IndexFunc(all, func(e models.Email) bool { return e.Key == key })
	if i < 0 {
		return none, nil
	}
	return owner{user, all[i].Address, all[i].Verified()}, nil
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

// confirmReset answers POST password/reset/confirm/. In one transaction it spends the
// ticket, sets the password and ends every session, token and ticket; of any number at once
// one succeeds. An address that was not confirmed is so from then on, and who signed up with
// it before has no way in left (T114).
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
	var proved *confirmation
	redeem := func(tx *store.Tx) (err error) {
		if proved, err = a.redeemReset(c, tx, ticket, user, after, encoded); err != nil {
			return err
		}
		if err := tx.SaveOwn(account, copyOf(own)); err != nil {
			return err
		}
		return before(ctx, tx, a.cfg.Hooks.BeforePasswordReset, a.event(c, after))
	}
	login, err := a.mayLogIn(c, user, a.cfg.LoginOnReset)
	if err != nil {
		return nil, a.tried(c, ticket, in.Code, err, refused)
	}
	out, err := a.complete(c, flow{login, after, methodLink, redeem, func() {
		a.tellProved(c, proved)
		a.after(ctx, a.cfg.Hooks.AfterPasswordReset, a.event(c, after))
	}, "done.password_reset"})
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
	proved, err := a.proveNew(c, tx, after, t)
	if err != nil {
		return nil, err
	}
	if err := a.setPassword(c, tx, user, encoded, ""); err != nil {
		return nil, err
	}
	return proved, tx.EndTickets(user.ID, string(forNotice), a.now())
}
