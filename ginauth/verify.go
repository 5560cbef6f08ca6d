package ginauth

// POST registration/verify-email/ and resend-email/: confirming the address of a sign-up.

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) verifyRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "registration/verify-email", status: http.StatusOK, setsCookies: true,
		doc: "Confirm an address by the key or code in a mail.",
	}, a.verifyEmail, append(bothIf(a.cfg.LoginOnVerify), checkKeyOrCode)...)
	add(s, route{
		method: http.MethodPost, path: "registration/resend-email", status: http.StatusOK,
		doc: "Send the mail with the key once more.",
	}, a.resendEmail)
}

// verifyEmail answers POST registration/verify-email/: the user of the link or code becomes the
// owner of the address.
func (a *Auth) verifyEmail(c *gin.Context, in *binding.Proof) (any, error) {
	ticket, account, err := a.ticketFor(c.Request.Context(), forVerify, proofOf(in))
	if err != nil {
		return nil, asTicketError(err, errTicketGone)
	}
	user := account.Base()
	added := ticket.Key != models.EmailKey(user.Email) // later, and not at sign-up
	inSession, contested, err := a.isContested(c, ticket, user, added)
	if err != nil {
		return nil, err
	}
	login, err := a.mayLogIn(c, user, a.cfg.LoginOnVerify && !contested)
	if err != nil {
		return nil, err
	}
	var confirmed *confirmation
	f := flow{
		login: login, account: account, method: methodLink, done: "done.email_verified",
		work: func(tx *store.Tx) (err error) {
			confirmed, err = a.redeemVerify(c, tx, account, ticket, inSession, added, contested)
			return err
		},
		committed: func() { a.notifyConfirmed(c.Request.Context(), confirmed) },
	}
	if contested && !a.managed(user) {
		f.done, f.then = "done.email_contested", func(tx *store.Tx) error { return a.invite(c, tx, user.ID) }
	}
	out, err := a.complete(c, f)
	return out, a.tried(c, ticket, in.Code, err, errTicketGone)
}

// redeemVerify spends a ticket unless its address has become another than it was when it was
// looked up, the primary one or an added one: its user confirmed another meanwhile (T114).
func (a *Auth) redeemVerify(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket, inSession, added, contested bool) (*confirmation, error) {
	now, err := a.redeem(tx, t)
	if err != nil {
		return nil, err
	}
	if added != (t.Key != models.EmailKey(now.Email)) {
		return nil, errTicket
	}
	if added {
		err = a.notifyOwner(c, tx, mailEmailAdded, account.Base())
	} else if contested {
		err = a.disarm(tx, account, t.Key, time.Time{})
	}
	if err != nil {
		return nil, err
	}
	return a.confirmTicket(c, tx, account, t, inSession)
}

// isContested reports whether a link may be of another sign-up than that of the person who opens
// it: other accounts name the address, and no session says which is theirs. A client that is
// logged in to another account is refused then, since the link would give the address of its user
// to a stranger's account (T114).
func (a *Auth) isContested(c *gin.Context, t *models.Ticket, user *models.User, added bool) (inSession, contested bool, err error) {
	if added {
		return true, false, a.requireSame(c, user)
	}
	id, err := a.currentIdentity(c)
	if err != nil || id != nil && id.account.Base().ID == user.ID {
		return true, false, err
	}
	contested, err = a.store.Claimed(c.Request.Context(), t.Key, user.ID, true, a.now())
	if err == nil && contested && id != nil {
		err = errPermission
	}
	return false, contested, err
}

// requireSame requires that the user is logged in: an address that was added to an account can
// only be confirmed there, so that it cannot be attached to someone else's (T114).
func (a *Auth) requireSame(c *gin.Context, user *models.User) error {
	if err := a.requireUser(c, false, notPersonal); err != nil {
		return err
	}
	if User(c).ID != user.ID {
		return errPermission
	}
	return nil
}

// resendEmail answers POST registration/resend-email/, alike for every address: a mail goes
// out only to one that nobody has confirmed, for the account that claims it first. Addresses
// that a user added are for emails/:id/resend/.
func (a *Auth) resendEmail(c *gin.Context, in *binding.Address) (binding.Detail, error) {
	ctx := c.Request.Context()
	holder, err := a.holder(ctx, in.Email)
	if err != nil {
		return binding.Detail{}, err
	}
	mail := letter{kind: mailVerify, user: holder.user, address: holder.address, asked: true, opened: true}
	if holder.confirmed {
		mail.user = nobody
	}
	err = a.store.Tx(ctx, func(tx *store.Tx) error { return a.post(c, tx, mail) })
	return binding.Detail{Detail: a.say(c, "done.verification_sent", nil)}, err
}
