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

// Attacks on logins with a second factor, and on what features add to them.

// rightFactorsGiveNoExtraTries: if a login takes so long that the earlier tries expire, the count starts at zero and not
// below.
func rightFactorsGiveNoExtraTries(c *Case) {
	slow := false
	c.startPins(limited, func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(context.Context, *gorm.DB, config.Event) error {
			if slow {
				c.Clock.Advance(16 * time.Minute)
			}
			return nil
		}
	})
	c.withPin("ann")
	enter := func(word string) *authtest.Response {
		browser := c.Client()
		token := c.challenge(browser.Post("/auth/login/", authtest.Login("ann")))
		return browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": word})
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
	enter("wrong").Want(429)
}

// missingFeatureEndsRefreshes: if the feature of a user's factor is missing, a refresh gives no new token, and the old
// one does not count as valid.
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

// sessionsEndedAfterTheUserWasRead: a login that has already read the user notices that all sessions were ended since.
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
	if c.DB.Name() == "sqlite" { // no other transaction can write now
		return
	}
	ends.set(func() {
		if err := c.Auth.EndSessions(c.Context(), id); err != nil {
			c.Error(err)
		}
	})
	c.Client().Post("/auth/enter/", nil).WantProblems("non_field_errors invalid_credentials")
}
