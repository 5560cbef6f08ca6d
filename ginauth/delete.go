package ginauth

// DELETE user/: deletion of the account, at once or after DeleteGrace.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

func (a *Auth) deleteRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "user/delete", Access: core.AccessUser,
		Doc: "Delete the account, at once or after a grace period.",
	}, a.deleteUser)
	s.Sweep(a.sweepAccounts)
}

// deleteUser answers POST user/delete/: everything that the library holds of the user is deleted
// at once, or after config.Config.DeleteGrace, in which a login restores the account. Their
// sessions end either way, and they get a mail (T225, T226).
func (a *Auth) deleteUser(c *gin.Context, in *binding.RecentPassword) (binding.Detail, error) {
	var none binding.Detail
	if err := a.core.RequireRecent(c, in.Password); err != nil {
		return none, err
	}
	at := a.core.Now().Add(a.cfg.DeleteGrace)
	if err := a.deleteAt(c, at); err != nil {
		return none, core.NotFoundAs(err, core.ErrNotAuthenticated)
	}
	a.forgetLogin(c)
	if a.cfg.DeleteGrace == 0 {
		return binding.Detail{Detail: a.core.Say(c, "done.account_deleted", nil)}, nil
	}
	return binding.Detail{Detail: a.core.Say(c, "done.deletion_scheduled", map[string]any{"Date": a.core.DateTime(c, at)})}, nil
}

// deleteAt is the transaction of deleteUser.
func (a *Auth) deleteAt(c *gin.Context, at time.Time) error {
	ctx, user, grace := c.Request.Context(), core.User(c), a.cfg.DeleteGrace
	l := core.Mail{Kind: core.MailAccountDeleted, User: user, Grace: grace}
	schedule := func(tx *core.Tx) (err error) {
		if err := a.core.AsEnded(c, tx.LockedIn(user.ID, core.Session(c).ID)); err != nil {
			return err
		}
		if l.Address, l.Confirmed, err = a.core.Reachable(tx, user.ID, user.Email); err != nil {
			return err
		}
		l.Asked = !l.Confirmed
		return tx.ScheduleDeletion(user.ID, at)
	}
	tell := func(tx *core.Tx) error {
		if !a.core.Notices() || l.Address == "" {
			return nil
		}
		return a.core.Post(c, tx, l)
	}
	if grace == 0 {
		return a.remove(ctx, a.core.Event(c, a.core.IdentityOf(c).Account), schedule, tell)
	}
	return a.core.Tx(ctx, func(tx *core.Tx) error {
		return inOrder(tx, schedule, func(tx *core.Tx) error { return a.revokeAccess(tx, user.ID) }, tell)
	})
}

// revokeAccess ends all that gives access to the account without a login. Notices stay valid: the person
// who deletes the account may not be the user.
func (a *Auth) revokeAccess(tx *core.Tx, userID int64) error {
	if err := tx.EndAllSessions(userID); err != nil {
		return err
	}
	return tx.EndTickets(userID, core.ForNotice, a.core.Now())
}

// remove is how every user goes: what the application has to delete, then every row that the library
// holds of the user. Within the transaction first locks the user and decides whether they go, and last, which
// may be nil, is told. The hooks do not hear of a pending sign-up, as they did not hear that it came.
func (a *Auth) remove(ctx context.Context, e config.Event, first, last func(*core.Tx) error) error {
	var pending bool // as it is once the user is locked: a confirmation may have completed the sign-up
	id := e.User.Base().ID
	err := a.core.Tx(ctx, func(tx *core.Tx) error {
		return inOrder(tx, first,
			func(tx *core.Tx) error {
				user, err := tx.LockedUser(id)
				if err != nil {
					return err
				}
				if pending = user.Pending; pending {
					return nil
				}
				return a.core.Before(ctx, tx, config.EventDelete, e)
			},
			func(tx *core.Tx) error { return tx.DeleteUser(id) }, last)
	})
	if err == nil && !pending {
		a.core.After(ctx, config.EventDelete, e)
	}
	return err
}

// inOrder does one step after the other until one fails; nil steps are skipped.
func inOrder(tx *core.Tx, steps ...func(*core.Tx) error) error {
	for _, step := range steps {
		if step == nil {
			continue
		}
		if err := step(tx); err != nil {
			return err
		}
	}
	return nil
}

// sweepAccounts deletes those whose grace is over, each in a transaction of its own. One that
// cannot be deleted does not keep the others.
func (a *Auth) sweepAccounts(ctx context.Context, now time.Time) error {
	var errs []error
	for behind := int64(0); ; {
		ids, err := a.core.DueDeletions(ctx, now, behind)
		if err != nil || len(ids) == 0 {
			return errors.Join(append(errs, err)...)
		}
		for _, id := range ids {
			behind = id
			if err := a.sweepAccount(ctx, id, now); err != nil && !errors.Is(err, core.ErrNoRow) {
				errs = append(errs, fmt.Errorf("user %d: %w", id, err))
			}
		}
	}
}

// sweepAccount deletes one account. core.ErrNoRow means that the user came back, or that another instance was
// quicker.
func (a *Auth) sweepAccount(ctx context.Context, id int64, now time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil { // in a hook; it must not keep the others
			a.core.LogPanic(ctx, p)
			err = core.ErrInternal
		}
	}()
	account, err := a.core.UserByID(ctx, id)
	if err != nil {
		return err
	}
	return a.remove(ctx, config.Event{User: account}, func(tx *core.Tx) error { return tx.StillDue(id, now) }, nil)
}
