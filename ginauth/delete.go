package ginauth

// POST user/delete/: deletion of the account, at once or after DeleteGrace.

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
		Method: http.MethodPost, Path: "user/delete", Limit: core.LimitGuess, Access: core.AccessUser,
		Doc: "Delete the account, at once or after a grace period.",
	}, a.deleteUser)
	s.Sweep(a.sweepAccounts)
}

// deleteUser answers POST user/delete/. All rows about the user are deleted at once, or after
// config.Config.DeleteGrace; until then a login restores the account. The user's sessions end in both cases, and
// they get a mail (T225, T226).
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

// deleteAt runs the transaction of deleteUser.
func (a *Auth) deleteAt(c *gin.Context, at time.Time) error {
	ctx, user, grace := c.Request.Context(), core.User(c), a.cfg.DeleteGrace
	mail := core.Mail{Kind: core.MailAccountDeleted, User: user, Grace: grace}
	schedule := func(tx *core.Tx) (err error) {
		if err := a.core.AsEnded(c, tx.LockedIn(user.ID, core.Session(c).ID)); err != nil {
			return err
		}
		if mail.Address, mail.Confirmed, err = a.core.Reachable(tx, user.ID, user.Email); err != nil {
			return err
		}
		mail.Asked = !mail.Confirmed
		return tx.ScheduleDeletion(user.ID, at)
	}
	notify := func(tx *core.Tx) error {
		if !a.core.Notices() || mail.Address == "" {
			return nil
		}
		return a.core.Post(c, tx, mail)
	}
	e := a.core.Event(c, a.core.IdentityOf(c).Account)
	if grace == 0 {
		return a.remove(ctx, e, schedule, notify)
	}
	return a.core.Tx(ctx, func(tx *core.Tx) error {
		return inOrder(tx, schedule, func(tx *core.Tx) error { return a.revokeAccess(tx, user.ID) }, notify,
			func(tx *core.Tx) error { return tx.Record(config.EventDeleteScheduled, e) })
	})
}

// revokeAccess ends everything that gives access to the account without a login. Notices stay valid: someone other
// than the user may have deleted the account.
func (a *Auth) revokeAccess(tx *core.Tx, userID int64) error {
	if err := tx.EndAllSessions(userID); err != nil {
		return err
	}
	return tx.EndTickets(userID, core.ForNotice, a.core.Now())
}

// remove deletes a user; every deletion ends here. In the transaction, first locks the user and decides whether to
// delete them, then hooks and features delete their rows, then the library deletes its own. last, which may be nil,
// runs after that. No hook is called for a pending sign-up, because none was called when it was created.
func (a *Auth) remove(ctx context.Context, e config.Event, first, last func(*core.Tx) error) error {
	var pending bool // read after the user is locked: a confirmation may have completed the sign-up
	err := a.core.Tx(ctx, func(tx *core.Tx) error {
		return inOrder(tx, first,
			func(tx *core.Tx) (err error) {
				pending, err = a.core.Remove(ctx, tx, e)
				return err
			}, last)
	})
	if err == nil && !pending {
		a.core.After(ctx, config.EventDelete, e)
	}
	return err
}

// inOrder runs steps until one fails, and skips nil steps.
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

// sweepAccounts deletes accounts whose grace period has ended, each in its own transaction. An account that cannot
// be deleted does not stop the others.
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

// sweepAccount deletes one account. It returns core.ErrNoRow if the user restored the account, or another instance
// deleted it first.
func (a *Auth) sweepAccount(ctx context.Context, id int64, now time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil { // in a hook; it must not stop the others
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
