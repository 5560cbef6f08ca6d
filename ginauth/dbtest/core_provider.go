package dbtest

// A provider login by a feature: it logs in users that a provider identified.

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

type idToken struct {
	Subject string `json:"subject" binding:"required"`
	Email   string `json:"email"` // confirmed by the provider
}

// provider is the feature. A real one has a table of subjects.
type provider struct{ subjects sync.Map }

func (p *provider) feature(s *core.Setup) error {
	c := s.Core()
	core.Add(s, core.Route{Method: http.MethodPost, Path: "provider", SetsCookies: true, Doc: "Log in by a provider.", Answers: []any{binding.LoginResponse{}}},
		func(g *gin.Context, in *idToken) (any, error) {
			if id, known := p.subjects.Load(in.Subject); known {
				account, err := c.UserByID(g.Request.Context(), id.(int64))
				if err != nil {
					return nil, core.NotFoundAs(err, core.ErrCredentials)
				}
				return c.SignIn(g, core.Flow{Account: account, Method: "provider"})
			}
			account := s.Config().NewUser()
			account.Base().Email = in.Email
			out, err := c.SignInNew(g, core.Flow{Account: account, Method: "provider", Committed: func() { p.subjects.Store(in.Subject, account.Base().ID) }})
			if errors.Is(err, core.ErrExists) {
				err = binding.Invalid("email", core.ProblemTaken)
			}
			return out, err
		})
	return nil
}

// providersLogNewUsersIn: the first login makes an account with the confirmed address. Later logins use it.
func providersLogNewUsersIn(c *Case) {
	p := &provider{}
	var mu sync.Mutex
	var heard []string
	c.With(p.feature).StartMail(mandatory, func(cfg *config.Config) {
		cfg.Hooks.After = func(_ context.Context, e config.Event) error {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, string(e.Name))
			return nil
		}
	})
	enter := func(subject, email string) (*authtest.Client, *authtest.Response) {
		browser := c.Client()
		return browser, browser.Post("/auth/provider/", obj{"subject": subject, "email": email})
	}
	pk := func(subject, email string) int64 {
		c.Helper()
		browser, r := enter(subject, email)
		r.Want(200)
		var user binding.User
		browser.Get("/auth/user/").Want(200).JSON(&user)
		return user.PK
	}
	first := pk("s1", "Ann@Example.com")
	if again := pk("s1", "other@example.com"); again != first {
		c.Errorf("the second login is for %d, the first for %d", again, first)
	}
	if want := []string{"register", "login", "login"}; !slices.Equal(heard, want) {
		c.Errorf("hooks got %q, want %q", heard, want)
	}
	if owner := c.row(first); owner.Email != "Ann@example.com" || owner.HasPassword() || !owner.IsActive || owner.Pending {
		c.Errorf("the account is %+v", owner)
	}
	_, taken := enter("s2", "ann@example.com")
	taken.WantProblems("email taken")
	if pk("s3", "") == first {
		c.Error("a user without an address got the account of another user")
	}
	c.Mails()
	c.verified("bob")
	_, taken = enter("s4", "bob@example.com")
	taken.WantProblems("email taken")
	c.Client().Post("/auth/registration/", authtest.SignUp("cyd")).Want(201) // has a name and a password, and can do without the address
	c.Mails()
	if fifth := pk("s5", "cyd@example.com"); c.row(fifth).Email != "cyd@example.com" {
		c.Error("an unconfirmed sign-up kept the address from the user to whom it was proven")
	}
}

// flowsWithoutWork: a flow can consist of its account and method only, whether it ends in a login or a text.
func flowsWithoutWork(c *Case) {
	var ann int64
	c.With(func(s *core.Setup) error {
		own := s.Core()
		for path, login := range map[string]bool{"enter": true, "confirm": false} {
			core.Add(s, core.Route{Method: http.MethodPost, Path: path, SetsCookies: true, Doc: "Complete a flow.", Answers: []any{binding.LoginResponse{}, binding.Detail{}}},
				func(g *gin.Context, _ *binding.Empty) (any, error) {
					account, err := own.UserByID(g.Request.Context(), ann)
					if err != nil {
						return nil, err
					}
					return own.Complete(g, core.Flow{Account: account, Method: "provider", Login: login, Done: "done.email_verified"})
				})
		}
		return nil
	}).Start()
	c.SignedUp("ann")
	ann = c.user("ann").ID
	browser := c.Client()
	var done binding.Detail
	if browser.Post("/auth/confirm/", nil).Want(200).JSON(&done); done.Detail != "Your address is confirmed." {
		c.Errorf("the response says %q", done.Detail)
	}
	browser.Get("/auth/user/").Want(401)
	browser.Post("/auth/enter/", nil).Want(200)
	browser.Get("/auth/user/").Want(200)
}
