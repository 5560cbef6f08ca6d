package ginauth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

func deleteRoutes() []route {
	return []route{{
		method: http.MethodPost, path: "user/delete", status: http.StatusOK, user: true,
		doc: "Delete the account.", action: handle((*Auth).deleteUser, nil),
	}}
}

// deleteUser answers POST user/delete/: at once everything that the library holds of the
// user is deleted, or after config.Config.DeleteGrace, in which a login takes it back. His
// sessions end either way, and he gets a mail (T225, T226).
func (a *Auth) deleteUser(c *gin.Context, in *binding.Password) (binding.Detail, error) {
	var none binding.Detail
	if err := a.proveFresh(c, in.Password); err != nil {
		return none, err
	}
	ctx, user, grace := c.Request.Context(), User(c), a.cfg.DeleteGrace
	at, event := a.now().Add(grace), a.event(c, identityOf(c).account)
	err := a.store.Tx(ctx, func(tx *store.Tx) error {
		if grace == 0 {
			if err := a.removeUser(ctx, tx, event); err != nil {
				return err
			}
		} else if err := errors.Join(tx.ScheduleDeletion(user.ID, &at), tx.EndSessions(user.ID, ""), tx.EndTickets(user.ID, "", at)); err != nil {
			return err
		}
		if !a.notices() || user.Email == "" {
			return nil
		}
		return a.post(c, tx, letter{kind: mailAccountDeleted, user: user, address: user.Email, asked: true, grace: grace})
	})
	if err != nil {
		return none, notFoundAs(err, errNotAuthenticated)
	}
	a.forgetLogin(c)
	if grace == 0 {
		a.after(ctx, a.cfg.Hooks.AfterDelete, event)
		return binding.Detail{Detail: a.say(c, "done.account_deleted", nil)}, nil
	}
	return binding.Detail{Detail: a.say(c, "done.deletion_scheduled", map[string]any{"Date": at.Format(time.DateOnly)})}, nil
}

// removeUser deletes a user, after what the application has to delete.
func (a *Auth) removeUser(ctx context.Context, tx *store.Tx, e config.Event) error {
	if err := before(ctx, tx, a.cfg.Hooks.BeforeDelete, e); err != nil {
		return err
	}
	return tx.DeleteUser(e.User.Base().ID)
}

// forgetLogin deletes the cookies of a session that has ended. That the session store fails
// at it is not the client's business any more.
func (a *Auth) forgetLogin(c *gin.Context) {
	if err := a.dropCarrier(c); err != nil {
		a.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "ginauth: the session store failed when a session had ended",
			slog.String("error", err.Error()))
		a.expireCookie(c)
	}
	a.dropTokenCookies(c)
}

// sweepAccounts deletes those whose grace is over, each in a transaction of its own.
func (a *Auth) sweepAccounts(ctx context.Context, now time.Time) error {
	for {
		ids, err := a.store.DueDeletions(ctx, now)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			account, err := a.store.UserByID(ctx, id)
			if err == nil {
				err = a.store.Tx(ctx, func(tx *store.Tx) error {
					if err := tx.StillDue(id, now); err != nil {
						return err
					}
					return a.removeUser(ctx, tx, config.Event{User: account})
				})
			}
			if errors.Is(err, store.ErrNotFound) { // he came back, or another instance was quicker
				continue
			}
			if err != nil {
				return err
			}
			a.after(ctx, a.cfg.Hooks.AfterDelete, config.Event{User: account})
		}
	}
}
