package dbtest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// The one door with a second factor: every way in asks for it, and one right factor opens once.
var doorCases = Group{Name: "door", Cases: []func(*Case){
	everyWayInAsksForTheFactor, registeredApplicationLoginAsksForTheFactor, challengesAreGoodOnce, challengesDie, factorsAreGuessedSeldom, raceToGuessAFactor, raceToPassAChallenge,
	missingFeatureClosesTheAccount, takeoverRemovesFactors, resetOfAnUnconfirmedAddressRemovesFactors,
	linkOfAnUnconfirmedAddressRemovesFactors, factorSetDuringALogin,
	rightFactorsGiveNoMoreTries, missingFeatureEndsRefreshes,
}}

// pins is a second factor by a feature: a fixed word, set and asked for over HTTP. Each word is good once.
type pins struct {
	words  sync.Map        // by user ID
	meet   *sync.WaitGroup // where requests that have their challenge wait for each other; nil for nowhere
	events sync.Map        // names of what listeners heard
}

type pinForm struct {
	Token string `json:"ephemeral_token" binding:"required"`
	Word  string `json:"word" binding:"required"`
}

type pinWord struct {
	Word string `json:"word" binding:"required"`
}

func (p *pins) feature(s *core.Setup) error {
	c := s.Core()
	s.Factor("pin")
	s.Listen(core.Listener{OnDisarm: func(_ *core.Tx, id int64) error {
		p.events.Store("disarm", id)
		p.words.Delete(id)
		return nil
	}})
	core.Add(s, core.Route{Method: http.MethodPost, Path: "pin", Access: core.AccessUser, Doc: "Set the word."},
		func(g *gin.Context, in *pinWord) (binding.Detail, error) {
			p.words.Store(core.User(g).ID, in.Word)
			err := c.Tx(g.Request.Context(), func(tx *core.Tx) error { return tx.SetFactor(core.User(g).ID, "pin", true) })
			return binding.Detail{Detail: "set"}, err
		})
	core.Add(s, core.Route{Method: http.MethodPost, Path: "pin/verify", SetsCookies: true, Doc: "Complete a login.", Answers: core.LoginIf(true)},
		func(g *gin.Context, in *pinForm) (any, error) {
			ch, err := c.Challenge(g.Request.Context(), in.Token)
			if err != nil {
				return nil, core.AsTicketError(err, errPinToken)
			}
			if p.meet != nil {
				p.meet.Done()
				p.meet.Wait()
			}
			out, err := c.Pass(g, ch, "pin", func(*core.Tx) error {
				if want, _ := p.words.Load(ch.Account.Base().ID); want != in.Word {
					return binding.Invalid("word", core.ProblemIncorrect)
				}
				return nil
			})
			return out, core.AsTicketError(err, errPinToken)
		})
	return nil
}

var errPinToken = binding.Invalid("ephemeral_token", core.ProblemTicket)

// startPins starts an application with the feature.
func (c *Case) startPins(change ...func(*config.Config)) *pins {
	c.Helper()
	p := &pins{}
	c.With(p.feature).StartMail(append(change, byCode)...)
	return p
}

// withFeatures makes the Auth anew with features.
func (c *Case) withFeatures(features ...core.Feature) {
	c.Helper()
	auth, err := ginauth.New(c.DB, c.Auth.Config(), features...)
	if err != nil {
		c.Fatal(err)
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		c.Fatal(err)
	}
	c.Auth, c.Router = auth, router
}

// withPin registers a user with a confirmed address and a word.
func (c *Case) withPin(name string) *authtest.Client {
	c.Helper()
	browser := c.verified(name)
	browser.Post("/auth/pin/", obj{"word": "open " + name}).Want(200)
	c.Mails()
	return browser
}

// challenge wants a response that asks for the word, and gives no credential.
func (c *Case) challenge(r *authtest.Response) string {
	c.Helper()
	var out binding.Challenge
	r.Want(200).JSON(&out)
	if !out.MFARequired || out.EphemeralToken == "" || len(out.Factors) != 1 || out.Factors[0] != "pin" {
		c.Fatalf("no challenge: %s", r.Text)
	}
	for _, word := range []string{`"key"`, `"access"`, `"refresh"`, `"user"`} {
		if strings.Contains(r.Text, word) {
			c.Errorf("the challenge has %s: %s", word, r.Text)
		}
	}
	if cookies := r.Header.Values("Set-Cookie"); len(cookies) > 0 {
		c.Errorf("the challenge sets cookies: %v", cookies)
	}
	return out.EphemeralToken
}

// everyWayInAsksForTheFactor: password, code, link of a reset and of a verification.
func everyWayInAsksForTheFactor(c *Case) {
	c.startPins(withEverything, func(cfg *config.Config) { cfg.LoginOnReset, cfg.LoginOnVerify = true, true })
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

// registeredApplicationLoginAsksForTheFactor: auth.LogIn as well.
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

// challengesAreGoodOnce: for one login, by one factor that the user has.
func challengesAreGoodOnce(c *Case) {
	c.startPins()
	c.withPin("ann")
	token := c.challenge(c.Client().Post("/auth/login/", authtest.Login("ann")))
	in := obj{"ephemeral_token": token, "word": "open ann"}
	c.Client().Post("/auth/pin/verify/", in).Want(200)
	c.Client().Post("/auth/pin/verify/", in).WantProblems("ephemeral_token ticket_not_valid")
	for _, bad := range []string{"x", token[:len(token)-1], token + "A", token[:69], strings.Repeat("A", 200), strings.Repeat("\x00", 80)} {
		c.Client().Post("/auth/pin/verify/", obj{"ephemeral_token": bad, "word": "open ann"}).Want(400)
	}
}

// challengesDie with time, a new password, and a change of the factors.
func challengesDie(c *Case) {
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
		token := c.challenge(c.Client().Post("/auth/login/", authtest.Login(name)))
		kill(name)
		c.Mails()
		c.Client().Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open " + name}).WantProblems("ephemeral_token ticket_not_valid")
	}
}

// factorsAreGuessedSeldom: ten tries in a quarter of an hour, over all challenges, and other users go on.
func factorsAreGuessedSeldom(c *Case) {
	c.startPins()
	c.withPin("ann")
	c.withPin("bob")
	enter := func(name, word string) *authtest.Response {
		token := c.challenge(c.Client().Post("/auth/login/", authtest.Login(name)))
		return c.Client().Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": word})
	}
	for range 9 {
		enter("ann", "wrong").WantProblems("word password_incorrect")
	}
	enter("ann", "open ann").Want(200) // the tenth, and the count begins anew
	for range 10 {
		enter("ann", "wrong").WantProblems("word password_incorrect")
	}
	enter("ann", "open ann").WantProblems("ephemeral_token ticket_not_valid")
	enter("bob", "open bob").Want(200)
	c.Clock.Advance(16 * time.Minute)
	enter("ann", "open ann").Want(200)
}

// raceToGuessAFactor: of many tries at once, ten are compared.
func raceToGuessAFactor(c *Case) {
	p := c.startPins()
	c.withPin("ann")
	token := c.challenge(c.Client().Post("/auth/login/", authtest.Login("ann")))
	var tried atomic.Int64
	var all sync.WaitGroup
	p.meet = new(sync.WaitGroup)
	p.meet.Add(16)
	for range 16 {
		browser := c.Client()
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

// raceToPassAChallenge: one of ten at once gets in.
func raceToPassAChallenge(c *Case) {
	c.startPins()
	c.withPin("ann")
	token := c.challenge(c.Client().Post("/auth/login/", authtest.Login("ann")))
	before := c.count(&models.Session{})
	var in, out atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		browser := c.Client()
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
		c.Errorf("%d got in, %d did not", in.Load(), out.Load())
	}
}

// missingFeatureClosesTheAccount: without the feature there is no login by one factor, and open sessions are closed.
// Who does not know the password learns nothing of it.
func missingFeatureClosesTheAccount(c *Case) {
	c.startPins()
	ann := c.withPin("ann")
	ann.Get("/auth/user/").Want(200)
	c.withFeatures()
	same := ann.Clone()
	browser := c.Client()
	browser.Post("/auth/login/", authtest.Login("ann")).Want(503)
	browser.Post("/auth/login/", binding.Login{Username: "ann", Password: "wrong password"}).Want(400)
	authtestSend(c, same).Want(503)
	if n := strings.Count(c.Log.String(), "no feature of this Auth declares"); n != 1 {
		c.Errorf("logged %d times", n)
	}
}

// authtestSend sends a request of a browser to the Auth that was made since.
func authtestSend(c *Case, old *authtest.Client) *authtest.Response {
	return c.as(old).Get("/auth/user/")
}

// takeoverRemovesFactors: the link in a notice takes the factors that a stranger may have set.
func takeoverRemovesFactors(c *Case) {
	p := c.startPins()
	c.SignedUp("ann")
	thief := c.LoggedIn("ann")
	c.Mails()
	thief.Post("/auth/password/change/", obj{"old_password": authtest.Login("ann").Password, "new_password1": "a thief's word", "new_password2": "a thief's word"}).Want(200)
	notice := c.Mail("password_changed").Key(c.T)
	thief.Post("/auth/pin/", obj{"word": "a thief's"}).Want(200)
	c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	if user := c.user("ann"); user.Factors != "" {
		c.Errorf("factors are %q", user.Factors)
	}
	if id, heard := p.events.Load("disarm"); !heard || id != c.user("ann").ID {
		c.Errorf("OnDisarm heard of %v", id)
	}
}

// resetOfAnUnconfirmedAddressRemovesFactors: whoever signed up with the address of another person does not keep them
// out by a factor.
func resetOfAnUnconfirmedAddressRemovesFactors(c *Case) {
	c.startPins(func(cfg *config.Config) { cfg.LoginOnReset = true })
	stranger := c.SignedUp("ann")
	stranger.Post("/auth/pin/", obj{"word": "a stranger's"}).Want(200)
	c.Mails()
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	reset, owner := c.Mail("reset"), c.Client()
	owner.Post("/auth/password/reset/confirm/", obj{"uid": reset.UID(c.T), "token": reset.Key(c.T),
		"new_password1": "another good one", "new_password2": "another good one"}).Want(200)
	owner.Get("/auth/user/").Want(200)
	if user := c.user("ann"); user.Factors != "" {
		c.Errorf("factors are %q", user.Factors)
	}
}

// linkOfAnUnconfirmedAddressRemovesFactors: as a reset does, or the owner who opens the link could never log in. In the
// user's own session the factors stay.
func linkOfAnUnconfirmedAddressRemovesFactors(c *Case) {
	c.startPins()
	for name, want := range map[string]string{"ann": "", "bob": "pin"} {
		signedUp := c.SignedUp(name)
		key := c.Mail("verify").Key(c.T)
		signedUp.Post("/auth/pin/", obj{"word": "open " + name}).Want(200)
		browser := map[string]*authtest.Client{"ann": c.Client(), "bob": signedUp}[name]
		browser.Post("/auth/registration/verify-email/", obj{"key": key}).Want(200)
		if user := c.user(name); user.Factors != want {
			c.Errorf("%s: factors are %q, want %q", name, user.Factors, want)
		}
		c.Mails()
	}
}

// factorSetDuringALogin: a login that began before does not end without it.
func factorSetDuringALogin(c *Case) {
	var once atomic.Bool // set the factor at the next login, and return the user as they were before
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
