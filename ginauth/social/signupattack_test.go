package social_test

// Attacks on sign-ups that the front end completes, and races.

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// guardsOfSignUps: RegisterGuard and BeforeRegister decide about the request that creates the user, and a refusal keeps the ticket.
func guardsOfSignUps(c *dbtest.Case) {
	idp := start(c, acme(), company, func(cfg *config.Config) {
		cfg.RegisterGuard = func(r *http.Request) error {
			if r.Header.Get("Invitation") == "" {
				return &binding.Error{Status: http.StatusForbidden, Code: binding.CodePermissionDenied}
			}
			return nil
		}
		cfg.Hooks.BeforeRegister = config.Hook(func(_ context.Context, _ *gorm.DB, m *Member, _ config.Event) error {
			if m.Plan == "No " {
				return binding.Invalid("company", binding.Problem{Code: binding.CodeInvalid})
			}
			return nil
		})
	})
	browser, out := asked(c, idp, "s1", obj{"preferred_username": "ann"})
	completes(browser, out.Ticket, obj{"company": "Acme"}).WantCode(403, "permission_denied")
	browser.Header.Set("Invitation", "yes")
	completes(browser, out.Ticket, obj{"company": "No"}).Want(400)
	completes(browser, out.Ticket, obj{"company": "Acme", "username": "ann"}).Want(201)
}

// signUpsOfAllAreLimited: logins that are asked for more do not count, completed sign-ups do, for the network and for all clients.
func signUpsOfAllAreLimited(c *dbtest.Case) {
	for _, all := range []int{2, 1000} {
		idp := start(c, acme(), company, func(cfg *config.Config) {
			cfg.Limits.AllowUnlimited, cfg.Limits.SignUp = false, config.Limit{Attempts: 1002 - all, Per: time.Hour}
			cfg.Limits.AllSignUps = config.Limit{Attempts: all, Per: time.Hour}
		})
		for i := range 4 {
			browser, out := asked(c, idp, fmt.Sprint("s", i))
			if r := completes(browser, out.Ticket, obj{"company": "Acme"}); i < 2 {
				r.Want(201)
			} else {
				r.WantCode(429, binding.CodeRateLimited)
			}
		}
	}
}

// waitingProofsAreBounded: however often an account of a provider logs in, five of its proofs wait.
func waitingProofsAreBounded(c *dbtest.Case) {
	idp := start(c, acme(), company)
	var browsers []*authtest.Client
	var tickets []string
	for i := range 8 {
		browser, out := asked(c, idp, "s1", obj{"jti": fmt.Sprint(i)})
		browsers, tickets = append(browsers, browser), append(tickets, out.Ticket)
		c.Clock.Advance(time.Second)
	}
	asked(c, idp, "s2")
	if n := waitingRows(c); n != 6 {
		c.Errorf("%d proofs wait", n)
	}
	completes(browsers[2], tickets[2], obj{"company": "Acme"}).WantProblems(ticketProblem)
	completes(browsers[3], tickets[3], obj{"company": "Acme"}).Want(201)
}

// raceToComplete: a form that is sent several times creates one user.
func raceToComplete(c *dbtest.Case) {
	for _, settings := range [][]func(*config.Config){{company}, {company, mandatory}} {
		idp := start(c, acme(), settings...)
		browser, out := asked(c, idp, "s1")
		clones := make([]*authtest.Client, 6)
		for i := range clones {
			clones[i] = browser.Clone()
		}
		got := concurrently(6, func(i int) int {
			return completes(clones[i], out.Ticket, obj{"company": "Acme", "email": "ann@example.com", "username": fmt.Sprint("ann", i)}).StatusCode
		})
		if got[201] != 1 || got[400] != 5 || count(c, &models.User{}) != 1 || count(c, &models.Identity{}) != 1 {
			c.Errorf("the responses are %v; %d users, %d identities", got, count(c, &models.User{}), count(c, &models.Identity{}))
		}
	}
}

// raceOfTickets: two tabs have a ticket each, and complete the sign-up at once: one user has the identity.
func raceOfTickets(c *dbtest.Case) {
	for _, settings := range [][]func(*config.Config){{company}, {company, mandatory}} {
		idp := start(c, acme(), settings...)
		var browsers []*authtest.Client
		var tickets []string
		for i := range 4 {
			browser, out := asked(c, idp, "s1", obj{"jti": fmt.Sprint(i)})
			browsers, tickets = append(browsers, browser), append(tickets, out.Ticket)
		}
		got := concurrently(4, func(i int) int {
			return completes(browsers[i], tickets[i], obj{"company": "Acme", "email": fmt.Sprintf("ann%d@example.com", i), "username": fmt.Sprint("ann", i)}).StatusCode
		})
		if got[201] == 0 || got[201]+got[400] != 4 || len(settings) == 1 && got[201] != 1 || count(c, &models.User{}) != 1 || count(c, &models.Identity{}) != 1 {
			c.Errorf("the responses are %v; %d users, %d identities", got, count(c, &models.User{}), count(c, &models.Identity{}))
		}
	}
}

// raceToCompleteAndConnect: of a sign-up and a user who connects the same account, one gets it.
func raceToCompleteAndConnect(c *dbtest.Case) {
	idp := start(c, acme(), company)
	c.Client() // the handler is made once
	for round := range 4 {
		subject, name := fmt.Sprint("s", round), fmt.Sprint("user", round)
		browser, out := asked(c, idp, subject)
		confirmed(c, name, nil)
		ann := c.LoggedIn(name)
		token := idp.idToken(subject, obj{"jti": "c"})
		got := concurrently(2, func(i int) int {
			if i == 0 {
				return completes(browser, out.Ticket, obj{"company": "Acme"}).StatusCode
			}
			return ann.Post("/auth/acme/connect/", obj{"id_token": token}).StatusCode
		})
		if got[400] != 1 || got[200]+got[201] != 1 || count(c, &models.Identity{}) != int64(round+1) {
			c.Errorf("the responses are %v", got)
		}
	}
}
