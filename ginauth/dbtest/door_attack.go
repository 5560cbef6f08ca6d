package dbtest

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Attacks on the one door, and on what features add beside it.

// rightFactorsGiveNoMoreTries: a login that takes until the tries before it are forgotten starts the count at zero, not
// below.
func rightFactorsGiveNoMoreTries(c *Case) {
	slow := false
	c.startPins(func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(context.Context, *gorm.DB, config.Event) error {
			if slow {
				c.Clock.Advance(16 * time.Minute)
			}
			return nil
		}
	})
	c.withPin("ann")
	enter := func(word string) *authtest.Response {
		token := c.challenge(c.Client().Post("/auth/login/", authtest.Login("ann")))
		return c.Client().Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": word})
	}
	for range 9 {
		enter("wrong").WantProblems("word password_incorrect")
	}
	slow = true
	enter("open ann").Want(200)
	slow = false
	for range 10 {
		enter("wrong").WantProblems("word password_incorrect")
	}
	enter("wrong").WantProblems("ephemeral_token ticket_not_valid")
}

// missingFeatureEndsRefreshes: a user whose factor nobody can ask for gets no token for the one that is there, and it
// does not count as good.
func missingFeatureEndsRefreshes(c *Case) {
	c.With(func(s *core.Setup) error { s.Factor("pin"); return nil }).Start(withEverything)
	c.SignedUp("ann")
	pair := c.pairOf("ann")
	if err := c.setFactor(c.user("ann").ID, "pin", true); err != nil {
		c.Fatal(err)
	}
	second := c.refreshed(pair.Refresh)
	c.withFeatures()
	c.Clock.Advance(time.Minute)
	c.browser().Post("/auth/token/refresh/", obj{"refresh": second.Refresh}).Want(503)
	c.browser().Post("/auth/token/verify/", obj{"token": second.Access}).Want(503)
}
