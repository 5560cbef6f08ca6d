package ginauth

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func noticeRoutes() []route {
	return []route{{
		method: http.MethodPost, path: "security/revoke", status: http.StatusOK,
		doc: "Secure an account by the key in a security notice: \"it was not me\".", action: handle((*Auth).revokeAll, nil),
	}}
}

// revokeAll answers POST security/revoke/. Whoever did what the notice tells of knows the
// password or added an address, so it takes all of that away: every session, token and ticket
// ends, the password is worth nothing, the address that got the notice is the only one left,
// and a mail with a link for a new password goes there. Notices from before this one stay
// good, later ones do not: a thief who made his own address the primary one gets notices,
// too, and must neither void the one that told the owner nor undo what the owner undid.
func (a *Auth) revokeAll(c *gin.Context, in *binding.Key) (binding.Detail, error) {
	var none binding.Detail
	ctx := c.Request.Context()
	ticket, account, err := a.ticketFor(ctx, forNotice, linkProof(in.Key))
	if err != nil {
		return none, asTicketError(err, errTicketGone)
	}
	confirmed, err := a.store.HasConfirmed(ctx, account.Base().ID)
	if err != nil {
		return none, err
	}
	if confirmed && ticket.State != confirmedState { // the user has an address that is his: this one may be a stranger's
		return none, errTicketGone
	}
	unusable, err := passhash.Unusable(a.cfg.Rand)
	if err != nil {
		return none, errInternal.Because(err)
	}
	var losers []int64
	err = a.store.Tx(ctx, func(tx *store.Tx) (err error) {
		losers, err = a.secure(c, tx, ticket, unusable)
		return err
	})
	if err != nil {
		return none, asTicketError(err, errTicketGone)
	}
	if models.EmailKey(account.Base().Email) != ticket.Key {
		losers = append(losers, account.Base().ID)
	}
	a.tellMoved(ctx, losers)
	a.after(ctx, a.cfg.Hooks.AfterSessionRevoked, a.event(c, account))
	return binding.Detail{Detail: a.say(c, "done.secured", nil)}, nil
}

// secure does what revokeAll says, and mails the link for a new password, which is good for
// the user as he is then: a login may have changed him since he was read.
func (a *Auth) secure(c *gin.Context, tx *store.Tx, t *models.Ticket, unusable string) (losers []int64, err error) {
	if _, err := a.redeem(tx, t); err != nil {
		return nil, err
	}
	if err := tx.Disarm(t.UserID, unusable); err != nil {
		return nil, err
	}
	if err := tx.EndTickets(t.UserID, string(forNotice), t.CreatedAt.Add(-time.Millisecond)); err != nil {
		return nil, err
	}
	if err := tx.ScheduleDeletion(t.UserID, nil); err != nil {
		return nil, err
	}
	if losers, err = tx.KeepOnly(confirmedEmail(t.UserID, t.Address, a.now()), unusable); err != nil {
		return nil, err
	}
	user, err := tx.User(t.UserID)
	if err != nil {
		return nil, err
	}
	return losers, a.post(c, tx, letter{kind: mailSecured, user: user, address: t.Address, only: true})
}
