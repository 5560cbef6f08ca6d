package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
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

// waitingLoginsEndWithTheirFirstFactor: a user who removes a way to log in, or ends the other sessions, also ends the logins that wait for
// a second factor (T168).
func waitingLoginsEndWithTheirFirstFactor(c *Case) {
	for _, keep := range []bool{false, true} { // other sessions, but never logins that wait
		c.endsWaitingLogins(keep)
	}
}

func (c *Case) endsWaitingLogins(keepSessions bool) {
	idp := socialtest.New(c.T)
	c.With(mfa.Feature(mfa.Options{AllowOtherSessions: keepSessions}), idp.Feature(acme()), passkeys(func(o *passkey.Options) {
		o.AllowUnverifiedUsers, o.AllowOtherSessions = true, keepSessions
	})).StartMail()
	ann, phone := c.withTOTP("ann")
	c.connect(idp, ann, socialtest.Claims{"sub": "1004"})
	key := c.Passkey(c.T, ann)
	key.Unverified = true
	var connected []struct{ ID int64 }
	ann.Get("/auth/socialaccounts/").Want(200).JSON(&connected)
	byPassword := func(b *authtest.Client) *authtest.Response { return b.Post("/auth/login/", authtest.Login("ann")) }
	for _, step := range []struct {
		path  string
		enter func(*authtest.Client) *authtest.Response
		asks  []string
	}{
		{"/auth/sessions/", byPassword, []string{"totp", "recovery_code", "passkey"}},
		{fmt.Sprint("/auth/passkeys/", c.passkeysOf(ann)[0].ID, "/"), key.LogIn, []string{"totp", "recovery_code"}},
		{fmt.Sprint("/auth/socialaccounts/", connected[0].ID, "/"), func(b *authtest.Client) *authtest.Response {
			return c.byAcme(idp, b, socialtest.Claims{"sub": "1004"})
		}, []string{"totp", "recovery_code"}},
		{"", byPassword, []string{"totp", "recovery_code"}},
	} {
		thief := c.Client()
		token := c.challenged(step.enter(thief), step.asks...)
		if step.path != "" {
			ann.Delete(step.path).Want(204)
		} else {
			ann.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200)
		}
		c.Clock.Advance(time.Minute) // the next code of the app
		thief.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code()}).WantProblems("ephemeral_token ticket_not_valid")
		thief.Get("/auth/user/").Want(401)
	}
	c.sendCode(c.Client(), "ann", phone.Code()).Want(200)
}

// featuresEndWaitingLogins: a feature that ends the sessions of a method, such as those of an account that was closed at its provider,
// ends the logins that wait for a second factor as well (T168).
func featuresEndWaitingLogins(c *Case) {
	var ann int64
	c.With(mfa.Feature(mfa.Options{}), func(s *core.Setup) error {
		core.Add(s, core.Route{Method: http.MethodPost, Path: "closed", Doc: "End the sessions of a provider."}, func(g *gin.Context, _ *binding.Empty) (binding.Detail, error) {
			return binding.Detail{}, s.Core().Tx(g.Request.Context(), func(tx *core.Tx) error { return tx.EndSessionsBy(ann, "provider") })
		})
		return nil
	}).StartMail()
	browser, phone := c.withTOTP("ann")
	ann = c.user("ann").ID
	waits := c.Client()
	token := c.asksForCode(waits.Post("/auth/login/", authtest.Login("ann")))
	c.Client().Post("/auth/closed/", nil).Want(200)
	waits.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code()}).WantProblems("ephemeral_token ticket_not_valid")
	browser.Get("/auth/user/").Want(200)
}
