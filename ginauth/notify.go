package ginauth

// Security notices: mails that tell users what was done to their account.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// notices reports whether users are told of changes.
func (a *Auth) notices() bool { return a.mails != nil && !a.cfg.Mail.AllowSilentChanges }

// notify tells a user what was done to their account (ASVS 6.3.7, T225), at the address given if
// they have confirmed it, else at one that they have confirmed. The link in it ends all sessions.
// A user who has confirmed none is told at the primary address, if it leads to them: its owner
// may be a stranger, so such mails are limited like others that anyone could ask for.
func (a *Auth) notify(c *gin.Context, tx *store.Tx, kind string, user *models.User, address string) error {
	return a.notifyAt(c, tx, kind, user, address, false)
}

// notifyAt is notify or, for users who have confirmed an address alone, notifyOwner.
func (a *Auth) notifyAt(c *gin.Context, tx *store.Tx, kind string, user *models.User, address string, ownersOnly bool) error {
	if !a.notices() || address == "" {
		return nil
	}
	to, confirmed, err := a.reachable(tx, user.ID, address)
	if err != nil || to == "" || ownersOnly && !confirmed {
		return err
	}
	return a.post(c, tx, letter{kind: kind, user: user, address: to, confirmed: confirmed, asked: !confirmed, only: true})
}

// reachable returns where a user can be told something, or "": see notify.
func (a *Auth) reachable(tx *store.Tx, userID int64, address string) (to string, confirmed bool, err error) {
	all, err := tx.Emails(userID)
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
	holds, err := tx.Holds(userID, key, a.now())
	if err != nil || !holds {
		return "", false, err
	}
	return address, false, nil
}

// notifyOwner is notify for users who have confirmed an address, and does nothing for others.
func (a *Auth) notifyOwner(c *gin.Context, tx *store.Tx, kind string, user *models.User) error {
	return a.notifyAt(c, tx, kind, user, user.Email, true)
}
