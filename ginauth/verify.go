package ginauth

// POST registration/verify-email/ and resend-email/: confirming the address of a sign-up.

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) verifyRoutes(s *core.Setup) {
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "registration/verify-email", Access: core.AccessOptional, SetsCookies: true, Limit: core.LimitFailure,
		Doc:     "Confirm an e-mail address with the key or code from a mail.",
		Answers: responsesIf(a.cfg.LoginOnVerify), Fails: []int{http.StatusUnauthorized, http.StatusNotFound},
	}, a.core.CheckKeyOrCode, a.verifyEmail)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "registration/resend-email", Limit: core.LimitMail,
		Doc: "Send the confirmation mail again.",
	}, a.resendEmail)
}

// verifyEmail answers POST registration/verify-email/: the user of the link or code becomes the owner of the
// address.
func (a *Auth) verifyEmail(c *gin.Context, in *binding.KeyOrCode) (any, error) {
	ticket, account, err := a.core.TicketFor(c.Request.Context(), core.ForVerify, in)
	if err != nil {
		return nil, a.core.AsTicketError(err, core.ErrTicketGone)
	}
	user := account.Base()
	added := ticket.Key != models.EmailKey(user.Email) // at emails/, not at sign-up
	inSession, contested, err := a.isContested(c, ticket, user, added)
	if err != nil {
		return nil, err
	}
	login, err := a.core.MayLogIn(c, user, a.cfg.LoginOnVerify && !contested)
	if err != nil {
		return nil, err
	}
	var confirmed *core.Confirmation
	f := core.Flow{
		Login: login, Account: account, Method: core.MethodLink, ByMail: true, Done: "done.email_verified",
		Work: func(tx *core.Tx) (err error) {
			confirmed, err = a.redeemVerify(c, tx, account, ticket, inSession, added, contested)
			return err
		},
		Committed: func() { a.core.NotifyConfirmed(c.Request.Context(), confirmed) },
	}
	if contested && !a.core.Managed(user) {
		f.Done, f.Then = "done.email_contested", func(tx *core.Tx) error { return a.core.PostInvitation(c, tx, user.ID) }
	}
	out, err := a.core.Complete(c, f)
	return out, a.core.RefundTry(c, ticket, in.Code, err, core.ErrTicketGone)
}

// redeemVerify spends a ticket. It fails if its address has changed from the primary one to an added one, or back,
// since the ticket was looked up: its user has confirmed another address concurrently (T114).
func (a *Auth) redeemVerify(c *gin.Context, tx *core.Tx, account models.Account, t *models.Ticket, inSession, added, contested bool) (*core.Confirmation, error) {
	now, err := a.core.Redeem(tx, t)
	if err != nil {
		return nil, err
	}
	if added != (t.Key != models.EmailKey(now.Email)) {
		return nil, core.ErrTicket
	}
	if added {
		err = a.core.NotifyOwner(c, tx, core.MailEmailAdded, account.Base())
	} else if contested {
		err = a.core.Disarm(tx, account, t.Key, time.Time{})
	} else if !inSession && account.Base().Factors != "" && account.Base().HasPassword() {
		err = tx.DisarmFeatures(account) // a stranger may have set the factors; without a password, they may be the only way in
	}
	if err != nil {
		return nil, err
	}
	return a.core.ConfirmTicket(c, tx, account, t, inSession)
}

// isContested reports whether a link may belong to another sign-up than that of the person who opens it: other
// accounts name the address, and no session shows which account is theirs. A client that is logged in to another
// account is refused, because the link would give that user's address to a stranger's account (T114).
func (a *Auth) isContested(c *gin.Context, t *models.Ticket, user *models.User, added bool) (inSession, contested bool, err error) {
	if added {
		return true, false, a.requireSame(c, user)
	}
	id, err := a.core.CurrentIdentity(c)
	if err != nil || id != nil && id.Account.Base().ID == user.ID {
		return true, false, err
	}
	contested, err = a.core.Claimed(c.Request.Context(), t.Key, user.ID, true)
	if err == nil && contested && id != nil {
		err = core.ErrPermission
	}
	return false, contested, err
}

// requireSame requires that the user is logged in: an added address can only be confirmed while logged in to that
// account, so that it cannot be attached to someone else's (T114).
func (a *Auth) requireSame(c *gin.Context, user *models.User) error {
	if err := a.core.Require(c, false, core.AccessUser.Admits); err != nil {
		return err
	}
	if core.User(c).ID != user.ID {
		return core.ErrPermission
	}
	return nil
}

// resendEmail answers POST registration/resend-email/, the same for every address. A mail is sent only if no
// account has confirmed the address, for the account that claims it first. Addresses that a user added have
// emails/:id/resend/.
func (a *Auth) resendEmail(c *gin.Context, in *binding.EmailRequest) (binding.Detail, error) {
	ctx := c.Request.Context()
	holder, err := a.core.RecipientOf(ctx, in.Email)
	if err != nil {
		return binding.Detail{}, err
	}
	mail := core.Mail{Kind: core.MailVerify, User: holder.User, Address: holder.Address, Asked: true, Opened: true}
	if holder.Confirmed {
		mail.User = core.Nobody
	}
	err = a.core.Tx(ctx, func(tx *core.Tx) error { return a.core.Post(c, tx, mail) })
	return binding.Detail{Detail: a.core.Say(c, "done.verification_sent", nil)}, err
}
