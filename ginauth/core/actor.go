package core

// Actors: operators in the place of a user. Whether one still may act is checked for each request of such a session.

import (
	"errors"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/models"
)

// errActorEnded means that the operator of a session may no longer act in it.
var errActorEnded = errors.New("ginauth: the operator may no longer act in the place of the user")

// ActAs lets operators with a permission, such as "auth.impersonate_user", act in the place of other users; see [Core.Impersonate].
// Without it, sessions with an actor are not valid. ended is called in the transaction that ends such a session early, for example a
// ban or a new password, with an event about it. It is not called for [Core.EndImpersonation], a logout, or a session that has expired. One
// feature can declare it.
func (s *Setup) ActAs(permission string, ended func(*Tx, config.Event) error) {
	c := s.declaring().core
	if permission == "" || c.actAs != "" || ended == nil {
		s.fail(errors.New("ActAs needs a permission and a function, and one feature can declare it"))
		return
	}
	c.actAs, c.actingEnded = permission, func(tx *Tx, sessions []models.Session) error { return c.endActing(tx, sessions, ended) }
}

// endActing calls ended for each session in which an operator acts, unless it has expired.
func (c *Core) endActing(tx *Tx, sessions []models.Session, ended func(*Tx, config.Event) error) error {
	for i := range sessions {
		s := &sessions[i]
		if !c.Now().Before(s.ExpiresAt) {
			continue
		}
		user, err := tx.rows.Account(s.UserID)
		if err != nil {
			return err
		}
		e := config.Event{User: user, Session: s, Actor: c.unreadActor(s.ActorID)}
		if err := custom.Failure("ActAs of a feature", ended(tx, e)); err != nil {
			return err
		}
	}
	return nil
}

// actorOf returns the operator of a session of the user, or errActorEnded if they may no longer act in it: their own session has ended, or
// their permission or rights no longer suffice. It takes a query, and two more for an operator who is no superuser.
func (c *Core) actorOf(g *gin.Context, s *models.Session, user *models.User) (models.Account, error) {
	own, actor, err := c.store.SessionByID(g.Request.Context(), s.ActorSession)
	if err != nil {
		return nil, NotFoundAs(err, errActorEnded)
	}
	operator, now := actor.Base(), c.Now()
	switch {
	case own.UserID != s.ActorID, own.Personal, own.ActorID != 0, own.Epoch != s.ActorEpoch, !c.valid(own, operator, now),
		operator.Factors != "" && own.Factors < 2, c.checkSetUp(own, actor) != nil:
		return nil, errActorEnded
	}
	may, err := c.mayActAs(c.DB(g.Request.Context()), operator, user)
	if err != nil {
		return nil, err
	}
	if !may {
		return nil, errActorEnded
	}
	c.touch(g, own, now) // the operator is at work
	return actor, nil
}

// mayActAs reports whether an operator may act in the place of a user, who must not be a superuser.
func (c *Core) mayActAs(db *gorm.DB, operator, user *models.User) (bool, error) {
	switch {
	case c.actAs == "" || user.IsSuperuser || operator.ID == user.ID:
		return false, nil
	case operator.IsSuperuser:
		return true, nil
	case !operator.IsStaff || c.rights == nil:
		return false, nil
	}
	rights, err := c.rights.Of(db, operator.ID)
	if err != nil || !rights.Can(c.permission(c.actAs)) {
		return false, err
	}
	theirs, err := c.rights.Of(db, user.ID)
	return err == nil && rights.Covers(theirs), err
}

// checkActor is actorOf for a token. A session without an actor costs nothing.
func (c *Core) checkActor(g *gin.Context, s *models.Session, account models.Account) error {
	if s.ActorID == 0 {
		return nil
	}
	_, err := c.actorOf(g, s, account.Base())
	if errors.Is(err, errActorEnded) {
		return ErrInvalidToken
	}
	return err
}

// asDead converts errActorEnded to the error for a session that has ended.
func asDead(id *Identity, err error) error {
	switch {
	case !errors.Is(err, errActorEnded):
		return err
	case id.ByHeader:
		return ErrInvalidToken
	}
	return ErrAuthenticationFailed
}

// unreadActor returns an operator with only the ID, or nil.
func (c *Core) unreadActor(id int64) models.Account {
	if id == 0 {
		return nil
	}
	actor := c.cfg.NewUser()
	actor.Base().ID = id
	return actor
}
