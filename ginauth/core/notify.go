package core

// Security notices: mails that tell users about changes to their account.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/models"
)

// Notices reports whether users get security notices.
func (c *Core) Notices() bool { return c.mails.Texts != nil && !c.cfg.Mail.AllowSilentChanges }

// Notify mails a user a security notice about a change to their account (ASVS 6.3.7). It goes to the given address
// if they have confirmed it, and otherwise to one that they have confirmed. Its link ends all sessions. A user who
// has confirmed no address gets it at the primary address, if that is not another account's; a stranger may own it,
// so such mails count for the limit of mails that anyone can trigger.
func (c *Core) Notify(g *gin.Context, tx *Tx, kind string, user *models.User, address string) error {
	return c.notifyAt(g, tx, kind, user, address, false)
}

// notifyAt is Notify or, if ownersOnly is true, NotifyOwner.
func (c *Core) notifyAt(g *gin.Context, tx *Tx, kind string, user *models.User, address string, ownersOnly bool) error {
	if !c.Notices() || address == "" {
		return nil
	}
	to, confirmed, err := c.Reachable(tx, user.ID, address)
	if err != nil || to == "" || ownersOnly && !confirmed {
		return err
	}
	asked := !confirmed || c.mails.Kinds[kind].Limited
	return c.Post(g, tx, Mail{Kind: kind, User: user, Address: to, Confirmed: confirmed, Asked: asked, Only: true})
}

// Reachable returns the address that [Core.Notify] uses for a user, or "", and whether the user has confirmed it.
func (c *Core) Reachable(tx *Tx, userID int64, address string) (to string, confirmed bool, err error) {
	all, err := tx.rows.Emails(userID)
	if err != nil {
		return "", false, err
	}
	key := models.EmailKey(address)
	for _, e := range all {
		if e.Verified() && e.Key == key {
			return e.Address, true, nil
		}
		if e.Verified() && !confirmed {
			to, confirmed = e.Address, true
		}
	}
	if confirmed {
		return to, true, nil
	}
	holds, err := tx.rows.Holds(userID, key, c.Now())
	if err != nil || !holds {
		return "", false, err
	}
	return address, false, nil
}

// NotifyOwner is [Core.Notify] for users who have confirmed an address. It does nothing for other users.
func (c *Core) NotifyOwner(g *gin.Context, tx *Tx, kind string, user *models.User) error {
	return c.notifyAt(g, tx, kind, user, user.Email, true)
}
