package core

// SignInNew and SignUpPending: new users that a backend or an identity provider has authenticated.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/models"
)

// SignInNew is [Core.SignIn] for a new user that a backend or an identity provider has authenticated. It stores the
// account of the flow, which has the type that config.Config.NewUser makes, before the flow's Work runs. Work can
// then store rows that refer to its ID. An empty password becomes one that no login matches. The hooks of a
// registration are called.
//
// The address counts as confirmed, so leave it empty unless the provider has verified it. Sign-ups that have not
// confirmed it lose it. If it is the only way into one of them, the new account is stored without it. [ErrExists]
// means that another account has the name, or has the address and was not made by a sign-up.
//
// If models.User.SignedUp is set, the address is stored as that of a registration: not confirmed, and [ErrExists]
// also means that another sign-up has it.
func (c *Core) SignInNew(g *gin.Context, f Flow) (any, error) {
	var keeper int64      // the sign-up that keeps the address
	var displaced []int64 // accounts that lost the address
	ctx, account, given := g.Request.Context(), f.Account, f
	var invited Invitation
	if account.Base().Backend == "" { // a directory says itself who is admitted
		var err error
		if invited, err = c.invitation(ctx, f.Invitation, f.Again); err != nil {
			return nil, err
		}
		invited.spell(account.Base())
	}
	if err := c.authn.Complete(account.Base()); err != nil {
		return nil, err
	}
	f.created = account.Base().Backend == "" // a thief of a directory's password may be the first to log in with it
	f.Work = func(tx *Tx) (err error) {
		if keeper, displaced, err = c.adopt(g, tx, account, given.begin); err != nil {
			return err
		}
		if err := c.useInvitation(tx, invited, account.Base()); err != nil {
			return err
		}
		return given.work(tx)
	}
	f.Committed = func() {
		given.committed(ctx)
		c.authn.LogWithout(ctx, "name", account.Base(), given.nameHolder)
		c.authn.LogWithout(ctx, "address", account.Base(), keeper)
		c.After(ctx, config.EventRegister, c.Event(g, account))
		c.NotifyPrimaryChanged(ctx, displaced)
	}
	return c.SignIn(g, f)
}

// SignUpPending stores a new user whose address must be confirmed before they can log in, as registration/ does with
// VerifyMandatory, and mails the link. The response has a text, the same for an address of another account. The hooks of a
// registration are called when the address is confirmed. The flow's Work runs before the account is stored, and its Then
// afterwards. [ErrExists] means that another account has the name.
func (c *Core) SignUpPending(g *gin.Context, f Flow) (any, error) {
	ctx, account, given := g.Request.Context(), f.Account, f
	user := account.Base()
	invited, err := c.invitation(ctx, f.Invitation, f.Again)
	if err != nil {
		return nil, err
	}
	if err := c.authn.Complete(user); err != nil {
		return nil, err
	}
	user.SignedUp, user.Pending, user.DeleteAt = true, true, new(c.Now().Add(c.cfg.UnconfirmedLifetime))
	taken, err := c.TakenBy(ctx, user.EmailKey.OrEmpty(), 0)
	if err != nil {
		return nil, err
	}
	f.Login, f.Done = false, "done.verification_sent"
	f.Work = func(tx *Tx) error {
		if err := c.LockNew(tx, user); err != nil {
			return err
		}
		if err := given.begin(tx); err != nil {
			return err
		}
		if err := given.work(tx); err != nil {
			return err
		}
		if err := c.ApplyForm(g, tx, account); err != nil {
			return err
		}
		if err := c.AddUser(tx, account, true); err != nil {
			return err
		}
		return c.useInvitation(tx, invited, user)
	}
	f.Then = func(tx *Tx) error {
		if err := given.then(tx); err != nil {
			return err
		}
		return c.PostClaim(g, tx, user, taken)
	}
	return c.Complete(g, f)
}

// adopt stores a new user and confirms their address, unless it is that of a sign-up.
func (c *Core) adopt(g *gin.Context, tx *Tx, account models.Account, first func(*Tx) error) (keeper int64, displaced []int64, err error) {
	user := account.Base()
	if err := c.LockNew(tx, user); err != nil {
		return 0, nil, err
	}
	if err := first(tx); err != nil {
		return 0, nil, err
	}
	if !user.SignedUp {
		if keeper, err = tx.onlyByAddress(user.EmailKey.OrEmpty()); err != nil {
			return 0, nil, err
		}
	}
	if keeper != 0 {
		user.SetEmail("")
	}
	if err := custom.ApplyNew(g, tx.rows, account); err != nil {
		return 0, nil, err
	}
	if err := c.AddUser(tx, account, user.SignedUp); err != nil {
		return 0, nil, err
	}
	if err := c.Before(g.Request.Context(), tx, config.EventRegister, c.Event(g, account)); err != nil || user.Email == "" || user.SignedUp {
		return keeper, nil, err
	}
	changed, err := tx.rows.Confirm(user.ID, models.EmailKey(user.Email), c.Now())
	if err != nil {
		return keeper, nil, err
	}
	return keeper, changed.Displaced, tx.recordDisplaced(changed.Displaced)
}
