package mfa

// Require and Reset: what the package offers to applications.

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Require returns middleware that lets only logged-in users through who have proven this number of factors in their session,
// 1 or 2. auth is your *ginauth.Auth:
//
//	router.POST("/transfer", mfa.Require(auth, 2), transfer)
//
// It answers 401 if the request is not logged in, 403 factor_setup_required to a user without a second factor, and 403
// factor_required if the session has not proven it: send a code to reauthenticate/. It refuses personal tokens. The session
// is always read from the database. To also ask for a recent proof, add Auth.RequireFresh. It panics for other numbers.
func Require(auth core.Holder, factors int) gin.HandlerFunc {
	if factors < 1 || factors > 2 {
		panic(fmt.Sprintf("mfa: Require(auth, %d): the number of factors must be 1 or 2", factors))
	}
	c := core.Of(auth)
	return c.Guard(func(g *gin.Context) error {
		if err := c.Require(g, false, core.AccessUser.Admits); err != nil {
			return err
		}
		return c.RequireFactors(g, factors)
	})
}

// Reset removes all second factors of a user who lost them, also those of other features, and ends all sessions and personal
// tokens. The user logs in with one factor afterwards, so first make sure that you talk to the user. They get a notice,
// and the audit trail has [EventReset]. A user who has no password, and no confirmed address for a mail that sets one, keeps their
// passkeys, and logs in with one: without them, no one could log in. If they are lost, call ginauth.Auth.SetPassword or ConfirmEmail first.
// Reset does nothing for a user without second factors. It returns [core.ErrNoRow] if no user has the ID.
func Reset(ctx context.Context, auth core.Holder, userID int64) error {
	if _, err := of(auth); err != nil {
		return fmt.Errorf("mfa: Reset %w", err)
	}
	c := core.Of(auth)
	g := core.WithoutRequest(ctx)
	err := c.Tx(ctx, func(tx *core.Tx) error {
		if err := tx.LockUser(userID); err != nil {
			return err
		}
		user, err := tx.LockedUser(userID)
		if err != nil || user.Factors == "" {
			return err
		}
		return c.ResetFactors(g, tx, user)
	})
	if err == nil {
		c.Posted(g)
	}
	return err
}

// tellReset is Listener.AfterFactorsReset.
func (f *feature) tellReset(g *gin.Context, tx *core.Tx, user *models.User) error {
	if err := tx.Record(EventReset, config.Event{User: user}); err != nil {
		return err
	}
	return f.core.Notify(g, tx, mailReset, user, user.Email)
}
