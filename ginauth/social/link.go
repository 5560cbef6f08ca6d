package social

// LinkByEmail: logging in to an existing account by the address that the provider has verified.

import (
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// linkLater is the name of the change that connects an account once its user is logged in.
const linkLater = "social link"

// linkLasts is longer than a challenge.
const linkLasts = 10 * time.Minute

// enterLinked logs in the user who has confirmed the address of the proof, and connects the two once the login is complete: someone
// who has the mailbox, and not the second factor, could otherwise add a way in that stays.
func (f *feature) enterLinked(g *gin.Context, p *proof, owner *models.User, request string) (any, error) {
	if !f.mayLink(p, owner) {
		return nil, errEmailTaken
	}
	account, err := f.core.UserByID(g.Request.Context(), owner.ID)
	if err != nil {
		return nil, core.NotFoundAs(err, core.ErrChanged)
	}
	_, waits, err := f.newParked(p, arrival{}, toLink, linkLasts)
	if err != nil {
		return nil, err
	}
	flow := core.Flow{Account: account, Method: method(p.source), ByAddress: true, Later: core.Later{Name: linkLater, Data: waits.Hash}}
	flow.Work = func(tx *core.Tx) error {
		if err := f.core.LockAddress(tx, models.EmailKey(p.profile.Email)); err != nil {
			return err
		}
		if _, err := f.stillLinks(tx, p, owner.ID); err != nil {
			return err
		}
		if err := f.use(tx, p, request); err != nil {
			return err
		}
		return waits.store(tx)
	}
	return f.core.SignIn(g, flow)
}

// stillLinks returns the user, locked, if a login may still enter their account by the address of the proof.
func (f *feature) stillLinks(tx *core.Tx, p *proof, userID int64) (*models.User, error) {
	now, err := tx.LockedUser(userID)
	if err != nil {
		return nil, core.NotFoundAs(err, core.ErrChanged)
	}
	if id, err := tx.OwnerID(models.EmailKey(p.profile.Email)); err != nil || id != userID || !f.mayLink(p, now) {
		return nil, errors.Join(err, core.ErrChanged)
	}
	return now, nil
}

// linkWhenIn connects the account of a proof whose login is complete. It fails, and with it the login, if the proof is
// no longer enough: the address belongs to another account by now, or the provider's account does.
func (f *feature) linkWhenIn(g *gin.Context, tx *core.Tx, user *models.User, hash string) error {
	p, _, err := f.waiting(tx.DB, hash)
	if err == nil && p == nil {
		err = core.ErrChanged
	}
	if err != nil {
		return err
	}
	now, err := f.stillLinks(tx, p, user.ID)
	if err != nil {
		return err
	}
	if err := f.use(tx, p, ""); err != nil {
		return err
	}
	return f.connectTold(g, tx, p, now)
}

// mayLink reports whether a verified address is enough to enter an account: only where the provider is trusted with it, and never
// for accounts whose loss would cost more than one user's data.
func (f *feature) mayLink(p *proof, owner *models.User) bool {
	return p.source.LinkByEmail && p.profile.EmailVerified && !owner.IsStaff && !owner.IsSuperuser && !f.core.Managed(owner) && f.core.MayUse(owner)
}

// connectTold connects an identity to a user, who is locked, and mails a notice if it is new.
func (f *feature) connectTold(g *gin.Context, tx *core.Tx, p *proof, user *models.User) error {
	added, err := f.connect(g, tx, p, user.ID)
	if err != nil || !added {
		return err
	}
	return f.core.Notify(g, tx, mailConnected, user, user.Email)
}
