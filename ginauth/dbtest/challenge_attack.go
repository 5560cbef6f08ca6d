package dbtest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Attacks on the one door, and on what features add beside it.

// rightFactorsGiveNoExtraTries: a login that takes until the tries before it are forgotten starts the count at zero, not
// below.
func rightFactorsGiveNoExtraTries(c *Case) {
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
	tokenPair := c.tokenPairOf("ann")
	if err := c.setFactor(c.user("ann").ID, "pin", true); err != nil {
		c.Fatal(err)
	}
	second := c.refreshed(tokenPair.Refresh)
	c.withFeatures()
	c.Clock.Advance(time.Minute)
	c.browser().Post("/auth/token/refresh/", obj{"refresh": second.Refresh}).Want(503)
	c.browser().Post("/auth/token/verify/", obj{"token": second.Access}).Want(503)
}

// sessionsEndedAfterTheUserWasRead: a login whose work has read the user before does not miss that all sessions end meanwhile.
func sessionsEndedAfterTheUserWasRead(c *Case) {
	var ends interruption
	c.With(func(s *core.Setup) error {
		core.Add(s, core.Route{Method: http.MethodPost, Path: "enter", SetsCookies: true, Doc: "Log ann in.", Fails: []int{400}, Answers: []any{binding.LoginResponse{}}},
			func(g *gin.Context, _ *binding.Empty) (any, error) {
				account := c.user("ann")
				out, err := s.Core().SignIn(g, core.Flow{Account: &account, Method: "test", Work: func(tx *core.Tx) error {
					if err := tx.Exec("DELETE FROM auth_counter WHERE 1 = 0").Error; err != nil {
						return err
					}
					_, err := tx.User(account.ID)
					ends.run()
					return err
				}})
				if errors.Is(err, core.ErrChanged) {
					err = core.ErrCredentials
				}
				return out, err
			})
		return nil
	}).Start()
	c.SignedUp("ann")
	id := c.user("ann").ID
	c.Clock.Advance(time.Second)
	c.Client().Post("/auth/enter/", nil).Want(200)
	if c.DB.Name() == "sqlite" { // no other transaction writes meanwhile
		return
	}
	ends.set(func() {
		if err := c.Auth.EndSessions(c.Context(), id); err != nil {
			c.Error(err)
		}
	})
	c.Client().Post("/auth/enter/", nil).WantProblems("non_field_errors invalid_credentials")
}
