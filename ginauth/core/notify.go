package core

// Security notices: mails that tell users what was done to their account.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/models"
)

// Notices reports whether users are told of changes.
func (c *Core) Notices() bool { return c.mails.Texts != nil && !c.cfg.Mail.AllowSilentChanges }

// Notify tells a user what was done to their account (ASVS 6.3.7, T225), at the address given if
// they have confirmed it, else at one that they have confirmed. The link in it ends all sessions.
// A user who has confirmed none is told at the primary address, if it leads to them: its owner
// may be a stranger, so such mails are limited like others that anyone could ask for.
func (c *Core) Notify(g *gin.Context, tx *Tx, kind string, user *models.User, address string) error {
	return c.notifyAt(g, tx, kind, user, address, false)
}

// notifyAt is Notify or, for users who have confirmed an address alone, NotifyOwner.
func (c *Core) notifyAt(g *gin.Context, tx *Tx, kind string, user *models.User, address string, ownersOnly bool) error {
	if !c.Notices() || address == "" {
		return nil
	}
	to, confirmed, err := c.Reachable(tx, user.ID, address)
	if err != nil || to == "" || ownersOnly && !confirmed {
		return err
	}
	return c.Post(g, tx, Mail{Kind: kind, User: user, Address: to, Confirmed: confirmed, Asked: !confirmed, Only: true})
}

// Reachable returns the address at which [Core.Notify] tells a user something, or "", and whether the user has
// confirmed it.
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

// NotifyOwner is [Core.Notify] for users who have confirmed an address, and does nothing for others.
func (c *Core) NotifyOwner(g *gin.Context, tx *Tx, kind string, user *models.User) error {
	return c.notifyAt(g, tx, kind, user, user.Email, true)
}
