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
// everyone. reason is for operators, at most 255 characters: it is stored with the user and in the audit trail. No response
// contains it, and a mail only with config.BanNoticeReason. Names and addresses stay taken as long as the account exists, so a banned user cannot sign
// up with them again. A ban also holds a deletion that the user asked for before; see Config.DeleteGrace. Auth.Sweep then deletes
// the account when the ban ends, and never if it has no end. The user's right to erasure is for you to weigh: Check reports
// such users, and [Auth.DeleteUser] deletes them at once.
//
// Hooks.BeforeBan can refuse it, AfterBan follows; both get the values of ctx. Mail.BanNotice decides whether the user gets a
// mail. It returns
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
	g, done := core.WithoutRequest(ctx), false
	err = a.core.Tx(ctx, clone.OnRetry(account, func(tx *core.Tx) (err error) {
		done, err = a.core.Ban(g, tx, config.Event{User: account}, ban)
		return err
	}))
	if err != nil {
		return core.NotFoundAs(a.core.Localized(err), ErrNoSuchUser)
	}
	if done {
		a.core.Posted(g)
		a.core.After(ctx, name, config.Event{User: account})
	}
	return nil
}
