package ginauth

// POST security/revoke/: "it was not me", with the link in a notice.

import (
	"cmp"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) noticeRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "security/revoke", Limit: core.LimitFailure, Tag: "It was not me", Fails: []int{http.StatusNotFound},
		Doc: "Secure an account with the key from a security notice (\"it was not me\").",
	}, a.revokeAll)
}

// revokeAll answers POST security/revoke/. The intruder that the notice reports knows the password or added an
// address, so both are revoked: every session, token and ticket ends, the password becomes unusable, and a mail
// with a link for a new one goes to the address of the notice, unless only a backend can log the user in.
//
// If the user had confirmed that address, it becomes their only one again: see restore. Otherwise it stays
// unconfirmed, and so do those of other accounts: a person who gets the mail can only shut down an account that
// names their address.
//
// Earlier notices stay valid, later ones do not: an intruder who made another address the primary one gets notices
// as well. They must neither invalidate the notice that the owner got, nor undo what the owner restored.
func (a *Auth) revokeAll(c *gin.Context, in *binding.NoticeKey) (binding.Detail, error) {
	var none binding.Detail
	ctx := c.Request.Context()
	ticket, account, err := a.core.TicketFor(ctx, core.ForNotice, &binding.KeyOrCode{Key: in.Key})
	if err != nil {
		return none, a.core.AsTicketError(err, core.ErrTicketGone)
	}
	if ticket.State != core.ConfirmedState {
		if other, err := a.core.IsOther(c, account.Base()); err != nil || other {
			return none, cmp.Or[error](err, core.ErrPermission)
		}
	}
	event := a.core.Event(c, account)
	var restored *core.Confirmation
	err = a.core.Tx(ctx, clone.OnRetry(account, func(tx *core.Tx) (err error) {
		if restored, err = a.secure(c, tx, account, ticket); err != nil {
			return err
		}
		return a.recordSecured(tx, event, restored)
	}))
	if err != nil {
		return none, a.core.AsTicketError(err, core.ErrTicketGone)
	}
	if restored != nil {
		if restored.Primary {
			restored.Displaced = append(restored.Displaced, account.Base().ID)
		}
		a.core.NotifyPrimaryChanged(ctx, restored.Displaced)
	}
	a.core.After(ctx, config.EventSessionRevoked, event)
	done := "done.secured"
	if a.core.Managed(account.Base()) { // no link is mailed
		done = "done.secured_managed"
	}
	return binding.Detail{Detail: a.core.Say(c, done, nil)}, nil
}

// recordSecured writes the events of revokeAll to the audit trail.
func (a *Auth) recordSecured(tx *core.Tx, e config.Event, restored *core.Confirmation) error {
	if restored != nil && restored.Primary {
		changed := e
		changed.Email = e.User.Base().Email
		if err := tx.Record(config.EventEmailChange, changed); err != nil {
			return err
		}
	}
	return tx.Record(config.EventSessionRevoked, e)
}

// redeemNotice spends the ticket of a notice. It fails if the notice went to an address that the user had not
// confirmed, and the user has confirmed or corrected it since.
func (a *Auth) redeemNotice(tx *core.Tx, t *models.Ticket) error {
	if _, err := a.core.Redeem(tx, t); err != nil || t.State == core.ConfirmedState {
		return err
	}
	user, err := tx.LockedUser(t.UserID)
	if err != nil {
		return err
	}
	confirmed, err := tx.HasConfirmed(t.UserID)
	if err == nil && (confirmed || models.EmailKey(user.Email) != t.Key) {
		err = core.ErrTicketGone
	}
	return err
}

// secure runs the transaction of revokeAll, and mails the link for a new password. The user is read again for that
// link, because a login may have changed them since.
func (a *Auth) secure(c *gin.Context, tx *core.Tx, account models.Account, t *models.Ticket) (restored *core.Confirmation, err error) {
	if err := a.redeemNotice(tx, t); err != nil {
		return nil, err
	}
	if err := a.disarm(tx, account, t); err != nil {
		return nil, err
	}
	if err := tx.KeepUser(t.UserID); err != nil {
		return nil, err
	}
	if t.State == core.ConfirmedState {
		if restored, err = a.restore(c, tx, account, t); err != nil {
			return nil, err
		}
	}
	user, err := tx.User(t.UserID)
	if err != nil || a.core.Managed(user) { // a link for a new password would end in an error
		return restored, err
	}
	confirmed, err := tx.IsConfirmed(t)
	if err != nil {
		return nil, err
	}
	return restored, a.core.Post(c, tx, core.Mail{Kind: core.MailSecured, User: user, Address: t.Address, Confirmed: confirmed, Only: true})
}

// disarm revokes what an intruder may have. A factor that is older than the lifetime of notices is the owner's: its own notice was
// never used to remove it. It stays, or someone who reads the mails could reset the password and remove all factors with
// the notice about that. A factor that is younger ends, whichever notice the owner opens. Someone who
// reads the mails gains nothing from this: the notice about that factor is in the same mailbox, and its link also removes it. If the address was never confirmed, its reader may never have seen a notice, so all factors end.
func (a *Auth) disarm(tx *core.Tx, account models.Account, t *models.Ticket) error {
	notices := t.CreatedAt.Add(-time.Millisecond)
	if t.State != core.ConfirmedState {
		return a.core.Disarm(tx, account, t.Key, notices)
	}
	address, err := tx.Confirmed(t)
	if err == nil && address != nil {
		err = tx.Reclaim(account, address) // what was set up before the owner came had no notice that the owner could use
	}
	if err != nil {
		return err
	}
	return a.core.DisarmSince(tx, account, t.Key, notices, a.core.Now().Add(-a.cfg.Mail.NoticeLifetime))
}

// restore makes the address of a notice, which its user had confirmed, their only one again. If they have removed
// it since, it is confirmed again unless other accounts in use name it. If others do, the user has it unconfirmed
// until they open the link for a new password, so that no other account loses it here. If another account has
// confirmed it, the notice is invalid.
func (a *Auth) restore(c *gin.Context, tx *core.Tx, account models.Account, t *models.Ticket) (*core.Confirmation, error) {
	owner, err := tx.OwnerID(t.Key)
	if err != nil {
		return nil, err
	}
	switch owner {
	case t.UserID:
		err = tx.DropEmails(t.UserID, t.Key)
	case 0:
		if err = tx.DropEmails(t.UserID, ""); err == nil {
			err = tx.CreateEmail(a.core.NewEmail(t.UserID, t.Address))
		}
	default:
		err = core.ErrTicketGone
	}
	if err != nil {
		return nil, err
	}
	if owner == 0 {
		if named, err := a.isNamedByOthers(tx, t); err != nil {
			return nil, err
		} else if !named {
			return a.core.Confirm(c.Request.Context(), tx, a.core.Event(c, account), t.Key)
		}
	}
	address, changed, err := tx.Prefer(t.UserID, t.Key)
	if err == nil {
		account.Base().SetEmail(address)
	}
	return &core.Confirmation{Primary: changed}, err
}

// isNamedByOthers reports whether an account in use, other than the ticket's own, names its address.
func (a *Auth) isNamedByOthers(tx *core.Tx, t *models.Ticket) (bool, error) {
	claimed, err := tx.Claimed(t.Key, t.UserID, true, a.core.Now())
	if err != nil || claimed {
		return claimed, err
	}
	return tx.Added(t.Key, t.UserID, a.core.Now())
}
