package ginauth

// Ban and Unban: shut a user out until a time, or for good.

import (
	"context"
	"errors"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
)

// Ban shuts a user out until a time; with the zero time, until [Auth.Unban]. All their sessions and personal tokens end
// at once, on every instance, and no login of any kind works until then. No job is needed for the end: it is compared
// with the clock. A ban replaces an earlier one.
//
// With the right password, a login returns the code account_banned. With a wrong one the response is the same as for
// everyone. reason is for operators, at most 255 characters: it is stored with the user and in the audit trail, and no
// response or mail contains it. Names and addresses stay taken as long as the account exists, so a banned user cannot sign
// up with them again. A deletion that the user had asked for before still happens; see Config.DeleteGrace.
//
// Hooks.BeforeBan can refuse it, AfterBan follows; both get the values of ctx. No mail is sent. It returns
// [ErrNoSuchUser] if no user has the ID, and an error if until has passed or reason is too long.
func (a *Auth) Ban(ctx context.Context, userID int64, reason string, until time.Time) error {
	now := a.core.Now()
	until = until.UTC().Truncate(time.Millisecond)
	switch {
	case !until.IsZero() && !until.After(now):
		return errors.New("ginauth: Ban: the end of the ban has passed; the zero time means no end")
	case len([]rune(reason)) > maxReason:
		return errors.New("ginauth: Ban: the reason has more than 255 characters")
	}
	return a.changeBan(ctx, userID, core.Ban{At: now, Until: until, Reason: reason}, config.EventBan)
}

// Unban ends a ban before its time. It does nothing for a user who is not banned. The user can then log in again;
// sessions that the ban ended stay ended. Hooks.AfterUnban gets the values of ctx. It returns [ErrNoSuchUser] if no
// user has the ID.
func (a *Auth) Unban(ctx context.Context, userID int64) error {
	return a.changeBan(ctx, userID, core.Ban{}, config.EventUnban)
}

const maxReason = 255 // models.User.BanReason

// changeBan stores a ban, or ends one if it is zero, and calls the hooks.
func (a *Auth) changeBan(ctx context.Context, userID int64, ban core.Ban, name config.EventName) error {
	account, err := a.core.UserByID(ctx, userID)
	if err != nil {
		return core.NotFoundAs(err, ErrNoSuchUser)
	}
	done := false
	err = a.core.Tx(ctx, clone.OnRetry(account, func(tx *core.Tx) (err error) {
		if done, err = tx.SetBan(userID, ban); err != nil || !done {
			return err
		}
		ban.Apply(account.Base())
		return a.core.Before(ctx, tx, name, config.Event{User: account})
	}))
	if err != nil {
		return core.NotFoundAs(a.core.Localized(err), ErrNoSuchUser)
	}
	if done {
		a.core.After(ctx, name, config.Event{User: account})
	}
	return nil
}
