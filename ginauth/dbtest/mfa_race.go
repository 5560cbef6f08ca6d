package dbtest

// Requests at the same time that spend one code, or one factor.

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/models"
)

// raceOf sends requests at once and returns how many succeed. The others must get 400 or 401.
func (c *Case) raceOf(n int, send func(i int) *authtest.Response) int64 {
	c.Helper()
	var won atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			switch r := send(i); r.StatusCode {
			case 200:
				won.Add(1)
			case 400, 401:
			default:
				c.Errorf("%d %s", r.StatusCode, r.Text)
			}
		})
	}
	close(start)
	all.Wait()
	return won.Load()
}

// raceForOneCode: of eight challenges with the same code, one wins (T160).
func raceForOneCode(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	c.raceWith(phone.Code())
}

// raceForOneRecoveryCode: of eight challenges with the same code, one wins (T166).
func raceForOneRecoveryCode(c *Case) {
	c.startMFA()
	_, phone := c.withTOTP("ann")
	c.raceWith(phone.RecoveryCodes[0])
}

// raceWith sends one code of ann for eight challenges at once.
func (c *Case) raceWith(code string) {
	c.Helper()
	var browsers []*authtest.Client
	var tokens []string
	for range 8 {
		browser := c.Client()
		browsers, tokens = append(browsers, browser), append(tokens, c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann"))))
	}
	before := c.count(&models.Session{})
	won := c.raceOf(8, func(i int) *authtest.Response {
		return browsers[i].Post("/auth/mfa/verify/", obj{"ephemeral_token": tokens[i], "code": code})
	})
	if n := c.count(&models.Session{}) - before; won != 1 || n != 1 {
		c.Errorf("%d logged in, %d sessions", won, n)
	}
}

// raceForOneMailedCode: of eight challenges with the same code, one wins.
func raceForOneMailedCode(c *Case) {
	c.startEmailCodes()
	c.withEmailCodes("ann")
	var browsers []*authtest.Client
	var tokens []string
	for range 8 {
		browser := c.Client()
		browsers = append(browsers, browser)
		tokens = append(tokens, c.challenged(browser.Post("/auth/login/", authtest.Login("ann")), "email", "recovery_code"))
	}
	code := c.mailed(browsers[0], tokens[0])
	won := c.raceOf(8, func(i int) *authtest.Response {
		return browsers[i].Post("/auth/mfa/verify/", obj{"ephemeral_token": tokens[i], "code": code})
	})
	if won != 1 {
		c.Errorf("%d logged in", won)
	}
}

// raceToSetUp: of several logins that must set up an app, one wins, and its app works.
func raceToSetUp(c *Case) {
	c.startRequired()
	c.verified("ann")
	c.set("ann", obj{"is_staff": true})
	var browsers []*authtest.Client
	var bodies []obj
	for range 4 {
		browser := c.Client()
		browsers = append(browsers, browser)
		bodies = append(bodies, c.beginSetup(browser, c.mustSetUp(browser.Post("/auth/login/", authtest.Login("ann"))), true))
	}
	won := c.raceOf(4, func(i int) *authtest.Response { return browsers[i].Post("/auth/mfa/setup/confirm/", bodies[i]) })
	if won != 1 || c.count(&mfa.TOTP{}) != 1 || c.count(&models.Session{}) != 1 {
		c.Errorf("%d set up, %d apps, %d sessions", won, c.count(&mfa.TOTP{}), c.count(&models.Session{}))
	}
}

// raceForTheLastFactor: recovery codes that are created while another session removes the last factor are not stored (T166).
func raceForTheLastFactor(c *Case) {
	var removes interruption
	c.With(mfa.Feature(mfa.Options{AllowOtherSessions: true})).StartMail(func(cfg *config.Config) { cfg.Rand = &removes })
	browser, phone := c.withTOTP("ann")
	other := c.LoggedInWith("ann", phone)
	removes.set(func() { other.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.Code()}).Want(200) })
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).WantCode(400, "mfa_disabled")
	if n := c.count(&mfa.RecoveryCode{}); n != 0 {
		c.Errorf("%d recovery codes are left", n)
	}
}

// raceToActivate: of several activations at once, one wins, and its app works.
func raceToActivate(c *Case) {
	c.startMFA()
	c.verified("ann")
	type try struct {
		browser *authtest.Client
		offer   mfa.Offer
		phone   *authtest.TOTP
	}
	var tries []try
	for range 4 {
		browser := c.LoggedIn("ann")
		offer := c.offerOf(browser)
		tries = append(tries, try{browser, offer, c.TOTPWith(c.T, offer.Secret)})
	}
	var winner atomic.Int64
	won := c.raceOf(4, func(i int) *authtest.Response {
		t := tries[i]
		r := t.browser.Post("/auth/mfa/totp/activate/", obj{"activation_token": t.offer.ActivationToken, "code": t.phone.At(c.Clock.Now())})
		if r.StatusCode == 200 {
			winner.Store(int64(i))
		}
		return r
	})
	if won != 1 || c.count(&mfa.RecoveryCode{}) != 10 {
		c.Errorf("%d activations", won)
	}
	c.Clock.Advance(30 * time.Second)
	c.sendCode(c.Client(), "ann", tries[winner.Load()].phone.At(c.Clock.Now())).Want(200)
}
