package dbtest

// A feature with a second factor, and users who have it.

import (
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// pins is a feature whose second factor is a fixed word, set and asked for over HTTP. Each word works once.
type pins struct {
	words  sync.Map        // by user ID
	meet   *sync.WaitGroup // where requests that have their challenge wait for each other; nil means that they do not wait
	events sync.Map        // names of the events that listeners heard
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
			err := c.RaiseSession(g, "pin", func(tx *core.Tx) error { return tx.SetFactor(core.User(g).ID, "pin", true) })
			return binding.Detail{Detail: "set"}, err
		})
	core.Add(s, core.Route{Method: http.MethodPost, Path: "pin/verify", SetsCookies: true, Fails: []int{http.StatusTooManyRequests}, Doc: "Complete a login.", Answers: []any{binding.LoginResponse{}}},
		func(g *gin.Context, in *pinForm) (any, error) {
			ch, err := c.Challenge(g.Request.Context(), in.Token)
			if err != nil {
				return nil, c.AsTicketError(err, errPinToken)
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
			return out, c.AsTicketError(err, errPinToken)
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

// withFeatures makes a new Auth with features.
func (c *Case) withFeatures(features ...core.Feature) {
	c.Helper()
	c.restart(c.Auth.Config(), features...)
}

// restart makes a new Auth with another configuration.
func (c *Case) restart(cfg config.Config, features ...core.Feature) {
	c.Helper()
	auth, err := ginauth.New(c.DB, cfg, features...)
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

// challenge wants a response that asks for the word and gives no credential.
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
	for _, cookie := range r.Header.Values("Set-Cookie") {
		if !strings.HasPrefix(cookie, "__Host-challenge=") {
			c.Errorf("the challenge sets a cookie: %s", cookie)
		}
	}
	return out.EphemeralToken
}
