package ginauth

import (
	"context"
	"log/slog"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// confirmation is an address that a user has shown to be his.
type confirmation struct {
	event   config.Event
	primary bool    // it took the place of one that was not confirmed
	losers  []int64 // users whose primary address it was
}

// prove confirms the address of a ticket because what was mailed to it came back, and asks the
// hooks. The account is brought up to date. The transaction must have begun with redeem.
func (a *Auth) prove(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket) (*confirmation, error) {
	changed, err := a.confirm(tx, account.Base().ID, t.Key)
	if err != nil {
		return nil, err
	}
	done := &confirmation{event: a.event(c, account), primary: changed.Primary != "", losers: changed.Losers}
	if done.event.Email = t.Address; done.primary {
		account.Base().SetEmail(changed.Primary)
	}
	if err := before(c.Request.Context(), tx, a.cfg.Hooks.BeforeVerify, done.event); err != nil || !done.primary {
		return done, err
	}
	return done, before(c.Request.Context(), tx, a.cfg.Hooks.BeforeEmailChange, done.event)
}

// proveNew is prove for an address that may be confirmed already, and nothing then. Otherwise
// the user's other addresses go with the time before, in which anybody may have added them.
func (a *Auth) proveNew(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket) (*confirmation, error) {
	if known, err := isProved(tx, t); err != nil || known {
		return nil, err
	}
	return a.proveAlone(c, tx, account, t)
}

// takeOver is proveNew for who had no password to show: whoever had the account before is shut
// out, password and all (T114). The account's epoch is raised, as that of its row.
func (a *Auth) takeOver(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket) (*confirmation, error) {
	if known, err := isProved(tx, t); err != nil || known {
		return nil, err
	}
	unusable, err := passhash.Unusable(a.cfg.Rand)
	if err != nil {
		return nil, errInternal.Because(err)
	}
	if err := tx.Expel(t.UserID, unusable); err != nil {
		return nil, err
	}
	account.Base().SessionEpoch++
	return a.proveAlone(c, tx, account, t)
}

func isProved(tx *store.Tx, t *models.Ticket) (bool, error) {
	all, err := tx.Emails(t.UserID)
	return slices.ContainsFunc(all, func(e models.Email) bool { return e.Key == t.Key && e.Verified() }), err
}

func (a *Auth) proveAlone(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket) (*confirmation, error) {
	done, err := a.prove(c, tx, account, t)
	if err != nil {
		return nil, err
	}
	return done, tx.DropUnconfirmed(t.UserID, t.Key, string(forVerify))
}

// tellProved tells the hooks of a confirmation when it is committed; nil is none.
func (a *Auth) tellProved(c *gin.Context, done *confirmation) {
	if done == nil {
		return
	}
	a.after(c.Request.Context(), a.cfg.Hooks.AfterVerify, done.event)
	if done.primary {
		a.after(c.Request.Context(), a.cfg.Hooks.AfterEmailChange, done.event)
	}
	a.tellMoved(c.Request.Context(), done.losers)
}

// tellMoved tells the hook of users whose primary address is another one without their doing,
// when that is committed: because somebody else has confirmed it, say.
func (a *Auth) tellMoved(ctx context.Context, users []int64) {
	if a.cfg.Hooks.AfterEmailChange == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	for _, id := range users {
		account, err := a.store.UserByID(ctx, id)
		if err != nil {
			a.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: AfterEmailChange was not told of a user who lost his address",
				slog.Int64("id", id), slog.String("error", err.Error()))
			continue
		}
		a.after(ctx, a.cfg.Hooks.AfterEmailChange, config.Event{User: account, Email: account.Base().Email})
	}
}

// confirm is [store.Tx.Confirm] with a password for those who lose their account. The
// transaction must have begun with lockAddress or redeem.
func (a *Auth) confirm(tx *store.Tx, userID int64, key models.Key) (store.Confirmed, error) {
	unusable, err := passhash.Unusable(a.cfg.Rand)
	if err != nil {
		return store.Confirmed{}, errInternal.Because(err)
	}
	return tx.Confirm(userID, key, a.now(), unusable)
}
