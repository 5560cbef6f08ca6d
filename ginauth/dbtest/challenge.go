package dbtest

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// Login with a second factor: every kind of login asks for it, and one correct factor logs in once.
var challengeCases = Group{Name: "challenge", Cases: []func(*Case){
	everyLoginAsksForTheFactor, linkOfAnAddedAddressAsksForTheFactor, registeredApplicationLoginAsksForTheFactor, challengesWorkOnce, challengesAreBoundToTheBrowser, challengesKeepTheCredential,
	challengesBecomeInvalid, wrongFactorsAreLimited, raceToGuessAFactor, raceToPassAChallenge,
	missingFeatureBlocksTheAccount, takeoverRemovesFactors, resetOfAnUnconfirmedAddressRemovesFactors,
	linkOfAnUnconfirmedAddressRemovesFactors, factorSetDuringALogin,
	rightFactorsGiveNoExtraTries, missingFeatureEndsRefreshes, sessionsEndedAfterTheUserWasRead, waitingLoginsEndWithTheirFirstFactor, featuresEndWaitingLogins,
}}

// everyLoginAsksForTheFactor: a login by password, by code, and by the link of a reset.
func everyLoginAsksForTheFactor(c *Case) {
	c.startPins(withEverything, func(cfg *config.Config) { cfg.LoginOnReset = true })
	c.withPin("ann")
	sessions := c.count(&models.Session{})
	mail := func(path, kind string) authtest.Mail {
		c.Client().Post(path, obj{"email": "ann@example.com"}).Want(200)
		return c.lastMail(kind)
	}
	for name, enter := range map[string]func(browser *authtest.Client) *authtest.Response{
		"password": func(b *authtest.Client) *authtest.Response { return b.Post("/auth/login/", authtest.Login("ann")) },
		"code": func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": mail("/auth/login/code/", "login_code").Code(c.T)})
		},
	} {
		browser := c.Client()
		token := c.challenge(enter(browser))
		browser.Get("/auth/user/").Want(401)
		if n := c.count(&models.Session{}); n != sessions {
			c.Errorf("%s: %d sessions, %d before", name, n, sessions)
		}
		browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "wrong"}).WantProblems("word password_incorrect")
		browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open ann"}).Want(200)
		browser.Get("/auth/user/").Want(200)
		browser.Post("/auth/logout/", nil).Want(200)
	}
	reset, browser := mail("/auth/password/reset/", "reset"), c.Client()
	token := c.challenge(browser.Post("/auth/password/reset/confirm/", obj{"uid": reset.UID(c.T), "token": reset.Key(c.T),
		"new_password1": "another good one", "new_password2": "another good one"}))
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open ann"}).Want(200)
	if method := listed(c, browser)[0].Method; method != "link" {
		c.Errorf("the session says %q of the first factor", method)
	}
}

// linkOfAnAddedAddressAsksForTheFactor: with LoginOnVerify, confirming an address is a login like any other.
func linkOfAnAddedAddressAsksForTheFactor(c *Case) {
	c.startPins(func(cfg *config.Config) { cfg.LoginOnVerify = true })
	ann := c.withPin("ann")
	ann.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	token := c.challenge(ann.Post("/auth/registration/verify-email/", obj{"key": c.Mail("verify").Key(c.T)}))
	ann.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open ann"}).Want(200)
}

// registeredApplicationLoginAsksForTheFactor: auth.LogIn asks for it as well.
func registeredApplicationLoginAsksForTheFactor(c *Case) {
	c.startPins()
	c.withPin("ann")
	ann := c.user("ann")
	c.ownRoutes(func() models.Account { return &ann })
	browser := c.browser()
	token := c.challenge(c.own(browser, "/enter"))
	browser.Get("/auth/user/").Want(401)
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open ann"}).Want(200)
	browser.Get("/auth/user/").Want(200)
}

// challengesWorkOnce: a challenge works for one login, with one factor that the user has.
func challengesWorkOnce(c *Case) {
	c.startPins()
	c.withPin("ann")
	browser := c.Client()
	token := c.challenge(browser.Post("/auth/login/", authtest.Login("ann")))
	in, other := obj{"ephemeral_token": token, "word": "open ann"}, browser.Clone()
	browser.Post("/auth/pin/verify/", in).Want(200)
	other.Post("/auth/pin/verify/", in).WantProblems("ephemeral_token ticket_not_valid")
	for _, bad := range []string{"x", token[:len(token)-1], token + "A", token[:69], strings.Repeat("A", 200), strings.Repeat("\x00", 80)} {
		c.Client().Post("/auth/pin/verify/", obj{"ephemeral_token": bad, "word": "open ann"}).Want(400)
	}
}

// challengesAreBoundToTheBrowser: a login that gives only a cookie is completed in the browser that began it. A client that
// can also get a token has no cookies, so its challenge is not bound. Challenges in several tabs work.
func challengesAreBoundToTheBrowser(c *Case) {
	c.startPins(func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken}
	})
	c.withPin("ann")
	browser := c.Client()
	first := c.challenge(browser.Post("/auth/login/", authtest.Login("ann")))
	second := c.challenge(browser.Post("/auth/login/", authtest.Login("ann")))
	c.Client().Post("/auth/pin/verify/", obj{"ephemeral_token": first, "word": "open ann"}).WantProblems("ephemeral_token ticket_not_valid")
	c.Client().Do("POST", "/auth/pin/verify/", obj{"ephemeral_token": first, "word": "open ann"}, "Auth-Credential", "token").
		WantProblems("ephemeral_token ticket_not_valid")
	thief := c.Client()
	c.challenge(thief.Post("/auth/login/", authtest.Login("ann"))) // a cookie of the thief's own
	thief.Post("/auth/pin/verify/", obj{"ephemeral_token": first, "word": "open ann"}).WantProblems("ephemeral_token ticket_not_valid")
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": first, "word": "open ann"}).Want(200)
	token := browser.Clone()
	token.Post("/auth/pin/verify/", obj{"ephemeral_token": second, "word": "open ann"}).Want(200)

	app := c.Client()
	r := app.Do("POST", "/auth/login/", authtest.Login("ann"), "Auth-Credential", "token")
	if cookies := r.Header.Values("Set-Cookie"); len(cookies) > 0 {
		c.Errorf("a client without cookies gets %v", cookies)
	}
	c.Client().Do("POST", "/auth/pin/verify/", obj{"ephemeral_token": c.challenge(r), "word": "open ann"}, "Auth-Credential", "token").Want(200)
}

// challengesKeepTheCredential that the first request of a login asked for, unless a later one has the header itself. Otherwise an app that
// sends it only to login/ would get a cookie. A browser's page cannot complete the login of an app.
func challengesKeepTheCredential(c *Case) {
	c.startPins(func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
	})
	c.withPin("ann")
	begin := func(headers ...string) obj {
		return obj{"ephemeral_token": c.challenge(c.Client().Do("POST", "/auth/login/", authtest.Login("ann"), headers...)), "word": "open ann"}
	}
	for _, asked := range []struct{ credential, field string }{{config.AskToken, "key"}, {config.AskJWT, "refresh"}} {
		var out map[string]any
		r := c.Client().Post("/auth/pin/verify/", begin(config.CredentialHeader, asked.credential)).Want(200)
		r.JSON(&out)
		if _, ok := out[asked.field].(string); !ok || len(r.Header.Values("Set-Cookie")) > 0 {
			c.Errorf("%s: got %v and the cookies %v", asked.credential, out, r.Header.Values("Set-Cookie"))
		}
	}
	var out map[string]any
	c.Client().Do("POST", "/auth/pin/verify/", begin(config.CredentialHeader, config.AskToken), config.CredentialHeader, config.AskJWT).Want(200).JSON(&out)
	if out["refresh"] == nil || out["key"] != nil {
		c.Errorf("a login that asked for a token and then for JSON Web Tokens gave %v", out)
	}
	waiting := begin(config.CredentialHeader, config.AskToken)
	c.Client().Do("POST", "/auth/pin/verify/", waiting, "Origin", "https://example.com", "Sec-Fetch-Site", "same-origin").
		WantCode(403, binding.CodeCredential)
	c.Client().Post("/auth/pin/verify/", waiting).Want(200)
}

// challengesBecomeInvalid by time, by a new password, and by a change of the factors.
func challengesBecomeInvalid(c *Case) {
	c.startPins()
	for name, kill := range map[string]func(name string){
		"time": func(string) { c.Clock.Advance(5*time.Minute + time.Second) },
		"password": func(name string) {
			if err := c.Auth.SetPassword(context.Background(), c.user(name).ID, "another good one"); err != nil {
				c.Fatal(err)
			}
		},
		"sessions": func(name string) {
			if err := c.Auth.EndSessions(context.Background(), c.user(name).ID); err != nil {
				c.Fatal(err)
			}
		},
		"factor": func(name string) {
			if err := c.setFactor(c.user(name).ID, "pin", false); err != nil {
				c.Fatal(err)
			}
		},
		"inactive": func(name string) {
			if err := c.Auth.SetActive(context.Background(), c.user(name).ID, false); err != nil {
				c.Fatal(err)
			}
		},
	} {
		c.withPin(name)
		browser := c.Client()
		token := c.challenge(browser.Post("/auth/login/", authtest.Login(name)))
		kill(name)
		c.Mails()
		browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open " + name}).WantProblems("ephemeral_token ticket_not_valid")
	}
}

// wrongFactorsAreLimited: ten wrong factors in a quarter of an hour, over all challenges of a user. Then each further one
// waits, longer each time. A browser that the user knows has a count of its own, and other users are not affected.
func wrongFactorsAreLimited(c *Case) {
	var failed atomic.Int64
	c.startPins(limited, func(cfg *config.Config) {
		cfg.Hooks.AfterLoginFailed = func(context.Context, config.Event) error { failed.Add(1); return nil }
	})
	known := c.withPin("ann")
	c.withPin("bob")
	enter := func(browser *authtest.Client, name, word string) *authtest.Response {
		token := c.challenge(browser.Post("/auth/login/", authtest.Login(name)))
		return browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": word})
	}
	for range 9 {
		enter(c.Client(), "ann", "wrong").WantProblems("word password_incorrect")
	}
	enter(c.Client(), "ann", "open ann").Want(200) // the tenth try; the count begins again
	for range 10 {
		enter(c.Client(), "ann", "wrong").WantProblems("word password_incorrect")
	}
	for _, wait := range []string{"30", "60", "120"} {
		r := enter(c.Client(), "ann", "open ann").Want(429)
		if r.Header.Get("Retry-After") != wait || r.Header.Get("RateLimit-Policy") != `"Factor";q=10;w=900` {
			c.Errorf("the headers are %v, want a wait of %s", r.Header, wait)
		}
		seconds, _ := strconv.Atoi(wait)
		c.Clock.Advance(time.Duration(seconds) * time.Second)
		enter(c.Client(), "ann", "wrong").WantProblems("word password_incorrect")
	}
	enter(known.Clone(), "ann", "open ann").Want(200)
	var kinds []string
	if err := c.DB.Model(&models.Limit{}).Where("kind LIKE '%factor%'").Order("kind").Pluck("kind", &kinds).Error; err != nil || len(kinds) != 2 {
		c.Errorf("the database counts the factors %q: %v", kinds, err)
	}
	if n := c.Auth.Refusals()["Limits.Factor"]; n != 3 {
		c.Errorf("%d refusals, want 3", n)
	}
	enter(c.Client(), "bob", "open bob").Want(200)
	if n := failed.Load(); n != 22 {
		c.Errorf("AfterLoginFailed was called for %d wrong factors, want 22", n)
	}
	c.Clock.Advance(5 * time.Minute)
	enter(c.Client(), "ann", "open ann").Want(200)
}

// raceToGuessAFactor: of many concurrent tries, ten are compared.
func raceToGuessAFactor(c *Case) {
	p := c.startPins(limited)
	c.withPin("ann")
	first := c.Client()
	token := c.challenge(first.Post("/auth/login/", authtest.Login("ann")))
	var tried atomic.Int64
	var all sync.WaitGroup
	p.meet = new(sync.WaitGroup)
	p.meet.Add(16)
	for range 16 {
		browser := first.Clone()
		all.Go(func() {
			if r := browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "wrong"}); strings.Contains(r.Text, "password_incorrect") {
				tried.Add(1)
			}
		})
	}
	all.Wait()
	if n := tried.Load(); n != 10 {
		c.Errorf("%d words were compared", n)
	}
}

// raceToPassAChallenge: one of eight concurrent requests logs in.
func raceToPassAChallenge(c *Case) {
	c.startPins()
	c.withPin("ann")
	first := c.Client()
	token := c.challenge(first.Post("/auth/login/", authtest.Login("ann")))
	before := c.count(&models.Session{})
	var in, out atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		browser := first.Clone()
		all.Go(func() {
			switch r := browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open ann"}); r.StatusCode {
			case 200:
				in.Add(1)
			case 400:
				out.Add(1)
			default:
				c.Errorf("%d %s", r.StatusCode, r.Text)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 || out.Load() != 7 || c.count(&models.Session{}) != before+1 {
		c.Errorf("%d logged in, %d did not", in.Load(), out.Load())
	}
}

// missingFeatureBlocksTheAccount: without the feature no one-factor login is possible, and open sessions are refused. A
// client that does not know the password cannot see this.
func missingFeatureBlocksTheAccount(c *Case) {
	c.startPins()
	ann := c.withPin("ann")
	ann.Get("/auth/user/").Want(200)
	c.withFeatures()
	browser := c.Client()
	browser.Post("/auth/login/", authtest.Login("ann")).Want(503)
	browser.Post("/auth/login/", binding.Login{Username: "ann", Password: "wrong password"}).Want(400)
	c.as(ann).Get("/auth/user/").Want(503)
	if n := strings.Count(c.Log.String(), "no feature of this Auth declares"); n != 1 {
		c.Errorf("logged %d times", n)
	}
}

// factorSetDuringALogin: a login that began before the factor was set does not succeed without it.
func factorSetDuringALogin(c *Case) {
	var once atomic.Bool // at the next login, sets the factor and returns the user as they were before
	c.startPins(func(cfg *config.Config) {
		cfg.Backends = []config.Backend{config.BackendFunc(func(context.Context, config.Credentials) (models.Account, error) {
			if once.Swap(true) {
				return nil, nil
			}
			user := c.user("ann")
			if err := c.setFactor(user.ID, "pin", true); err != nil {
				c.Error(err)
			}
			return &user, nil
		}), config.PasswordBackend{}}
	})
	c.verified("ann")
	browser := c.Client()
	browser.Post("/auth/login/", authtest.Login("ann")).Want(400)
	browser.Get("/auth/user/").Want(401)
}
