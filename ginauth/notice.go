package ginauth

// POST security/revoke/: "it was not me", by the link in a notice.

import (
	"cmp"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) noticeRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "security/revoke", status: http.StatusOK,
		doc: "Secure an account by the key in a security notice: \"it was not me\".",
	}, a.revokeAll)
}

// revokeAll answers POST security/revoke/. The person that the notice tells of knows the password
// or added an address, so all of that goes: every session, token and ticket ends, the password is
// void, and a mail with a link for a new one goes to the address of the notice, unless only a backend
// may log the user in.
//
// If the user had confirmed that address, it becomes their only one again. An address that is not
// confirmed stays so, and so do those of other accounts: whoever gets the mail may only shut down
// an account that names their address.
//
// Earlier notices stay valid, later ones do not: a thief who made another address the primary one
// gets notices as well, and must neither void the one that told the owner nor undo what the owner
// undid.
func (a *Auth) revokeAll(c *gin.Context, in *binding.Key) (binding.Detail, error) {
	var none binding.Detail
	ctx := c.Request.Context()
	ticket, account, err := a.ticketFor(ctx, forNotice, linkProof(in.Key))
	if err != nil {
		return none, asTicketError(err, errTicketGone)
	}
	if ticket.State != confirmedState {
		if other, err := a.isOther(c, account.Base()); err != nil || other {
			return none, cmp.Or[error](err, errPermission)
		}
	}
	event := a.event(c, account)
	var confirmed *confirmation
	err = a.store.Tx(ctx, restoreOnRetry(account, func(tx *store.Tx) (err error) {
		confirmed, err = a.secure(c, tx, account, ticket)
		return err
	}))
	if err != nil {
		return none, asTicketError(err, errTicketGone)
	}
	if confirmed != nil {
		if confirmed.primary {
			confirmed.losers = append(confirmed.losers, account.Base().ID)
		}
		a.notifyPrimaryChanged(ctx, confirmed.losers)
	}
	a.after(ctx, config.EventSessionRevoked, event)
	return binding.Detail{Detail: a.say(c, "done.secured", nil)}, nil
}

// redeemNotice spends the ticket of a notice, unless it went to an address that the user has not
// confirmed, and they have confirmed or corrected it since.
func (a *Auth) redeemNotice(tx *store.Tx, t *models.Ticket) error {
	if _, err := a.redeem(tx, t); err != nil || t.State == confirmedState {
		return err
	}
	user, err := tx.LockedUser(t.UserID)
	if err != nil {
		return err
	}
	confirmed, err := tx.HasConfirmed(t.UserID)
	if err == nil && (confirmed || models.EmailKey(user.Email) != t.Key) {
		err = errTicketGone
	}
	return err
}

// secure does what revokeAll says, and mails the link for a new password, which is valid for the
// user as they are then: a login may have changed them since they were read.
func (a *Auth) secure(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket) (confirmed *confirmation, err error) {
	if err := a.redeemNotice(tx, t); err != nil {
		return nil, err
	}
	if err := a.disarm(tx, account, t.Key, t.CreatedAt.Add(-time.Millisecond)); err != nil {
		return nil, err
	}
	if err := tx.KeepUser(t.UserID); err != nil {
		return nil, err
	}
	if t.State == confirmedState {
		if err := tx.DropEmails(t.UserID); err != nil {
			return nil, err
		}
		if err := tx.CreateEmail(newEmail(t.UserID, t.Address, a.now())); err != nil {
			return nil, err
		}
		if confirmed, err = a.confirm(c.Request.Context(), tx, a.event(c, account), t.Key); err != nil {
			return nil, err
		}
	}
	user, err := tx.User(t.UserID)
	if err != nil || a.managed(user) { // a link for a new password would end in an error
		return confirmed, err
	}
	return confirmed, a.post(c, tx, letter{kind: mailSecured, user: user, address: t.Address, confirmed: t.State == confirmedState, only: true})
}
