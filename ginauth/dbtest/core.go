package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// What package core offers to features: credentials, gates, listeners, keys and tickets.
var coreCases = Group{Name: "core", Cases: []func(*Case){
	identifiersFindUsers, ambientCredentialsNeedTheRightOrigin, gatesRunFirst, listenersRunAndCanRefuse, onDeleteRunsForEveryDeletion,
	keyringsAcceptOldSecrets, issuedTicketsHaveAPayload, providersLogNewUsersIn, waysInAreCounted, wrongDeclarationsAreErrorsOfNew,
	credentialsWithoutScopesCanDoNothing, credentialsEndWithTheAccount, readsThatChangeDataNeedTheRightOrigin, usersOfAnotherAuthAreIgnored, heldWithoutAUserIs500, flowsWithoutWork, redirectsNeverShowJSON,
}}

// serviceKeys is a feature whose requests name their user in a header.
func serviceKeys(header string, ambient bool, scopes ...string) core.Feature {
	return func(s *core.Setup) error {
		s.Identify(core.Identifier{Name: "service", Ambient: ambient, Find: func(g *gin.Context) (*core.Credential, error) {
			value := g.GetHeader(header)
			switch value {
			case "":
				return nil, nil
			case "broken":
				return nil, errors.New("the key service is down")
			case "bad":
				return nil, core.ErrInvalidToken
			}
			var id int64
			_, err := fmt.Sscan(value, &id)
			return &core.Credential{UserID: id, Scopes: scopes}, err
		}})
		return nil
	}
}

// identifiersFindUsers: a request with such a credential has the rights of one with a personal token.
func identifiersFindUsers(c *Case) {
	for _, scopes := range [][]string{nil, {"read"}} {
		c.With(serviceKeys("X-Service", false, scopes...)).Start(withEverything, func(cfg *config.Config) { cfg.Token.Scopes = []string{"read", "write"} })
		c.SignedUp("ann")
		id, scoped := fmt.Sprint(c.user("ann").ID), scopes != nil
		c.Router.GET("/own", c.Auth.RequireUser(), func(g *gin.Context) { g.String(200, ginauth.User(g).Username) })
		c.Router.GET("/read", c.Auth.RequireScope("read"), func(g *gin.Context) { g.Status(200) })
		c.Router.GET("/write", c.Auth.RequireScope("write"), func(g *gin.Context) { g.Status(200) })
		c.Router.GET("/fresh", c.Auth.RequireFresh(time.Hour), func(g *gin.Context) { g.Status(200) })
		status := func(free int) int {
			if scoped {
				return 403
			}
			return free
		}
		send := func(method, path, key string) *authtest.Response {
			return c.Client().Do(method, path, nil, "X-Service", key)
		}
		if r := send("GET", "/own", id); r.StatusCode != status(200) || !scoped && r.Text != "ann" {
			c.Errorf("%v: %d %s", scopes, r.StatusCode, r.Text)
		}
		send("GET", "/auth/user/", id).Want(status(200))
		send("GET", "/read", id).Want(200)
		send("GET", "/write", id).Want(status(200))
		send("GET", "/fresh", id).WantCode(403, "insufficient_scope")
		send("GET", "/auth/sessions/", id).WantCode(403, "insufficient_scope")
		send("POST", "/auth/tokens/", id).WantCode(403, "insufficient_scope")
		send("GET", "/own", "").Want(401)
		send("GET", "/own", "bad").WantCode(401, "token_not_valid")
		send("GET", "/own", "99999").WantCode(401, "token_not_valid")
		send("GET", "/own", "broken").Want(503)
		c.Client().Do("GET", "/own", nil, "X-Service", id, "Authorization", "Token nonsense").Want(status(200)) // the feature's credential is checked first
		c.set("ann", map[string]any{"is_active": false})
		send("GET", "/own", id).WantCode(401, "token_not_valid")
	}
}

// ambientCredentialsNeedTheRightOrigin: a page of another site can make a browser send what the browser sends by itself.
func ambientCredentialsNeedTheRightOrigin(c *Case) {
	for _, ambient := range []bool{true, false} {
		c.With(serviceKeys("X-Certificate", ambient)).Start()
		c.SignedUp("ann")
		id := fmt.Sprint(c.user("ann").ID)
		c.Router.POST("/own", c.Auth.RequireUser(), func(g *gin.Context) { g.Status(200) })
		c.Client().Do("POST", "/own", nil, "X-Certificate", id).Want(200)
		want := map[bool]int{true: 403, false: 200}[ambient]
		c.Client().Do("POST", "/own", nil, "X-Certificate", id, "Sec-Fetch-Site", "cross-site").Want(want)
	}
}

// gatesRunFirst: they run before the body and the user are read, and only on the library's routes.
func gatesRunFirst(c *Case) {
	var seen []string
	c.With(func(s *core.Setup) error {
		s.Gate(func(g *gin.Context, r *core.Route) error {
			seen = append(seen, r.Method+" "+r.Path)
			if ginauth.User(g) != nil {
				c.Error("a gate can see the user")
			}
			switch g.GetHeader("X-Gate") {
			case "closed":
				return &binding.Error{Status: 429, Code: "closed", Message: "Come back later."}
			case "panic":
				panic("gate")
			}
			return nil
		})
		return nil
	}).Start()
	ann := c.SignedUp("ann")
	seen = nil
	c.Router.GET("/own", c.Auth.RequireUser(), func(g *gin.Context) { g.Status(200) })
	raw := authtest.NewClient(c.T, c.Router)
	raw.Do("POST", "/auth/login/", "{", "X-Gate", "closed").Want(429)
	raw.Do("POST", "/auth/login/", "{", "X-Gate", "panic").Want(500)
	ann.Get("/auth/user/").Want(200)
	ann.Get("/own").Want(200)
	if want := []string{"POST login", "POST login", "GET user"}; !slices.Equal(seen, want) {
		c.Errorf("gates saw %q, want %q", seen, want)
	}
}

// listenersRunAndCanRefuse: they run before and after each event, in order, and before the application's hooks.
func listenersRunAndCanRefuse(c *Case) {
	var mu sync.Mutex
	var heard []string
	note := func(what string) { mu.Lock(); heard = append(heard, what); mu.Unlock() }
	listener := func(name string) core.Feature {
		return func(s *core.Setup) error {
			s.Listen(core.Listener{
				Before: func(tx *core.Tx, e config.Event) error {
					note(name + " before " + string(e.Name))
					if tx.Statement.Context == nil || e.UserAgent == "refused" {
						return binding.Invalid(binding.NonField, binding.Problem{Code: "not_today", Message: "Not today."})
					}
					return nil
				},
				After: func(_ context.Context, e config.Event) error {
					note(name + " after " + string(e.Name))
					return errors.New("is logged")
				},
			})
			return nil
		}
	}
	c.With(listener("one"), listener("two")).Start(func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(context.Context, *gorm.DB, config.Event) error { note("hook before login"); return nil }
		cfg.Hooks.After = func(_ context.Context, e config.Event) error { note("hook after " + string(e.Name)); return nil }
	})
	c.SignedUp("ann")
	heard = nil
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	if want := "one before login, two before login, hook before login, one after login, two after login, hook after login"; strings.Join(heard, ", ") != want {
		c.Errorf("heard %q", heard)
	}
	if n := strings.Count(c.Log.String(), "is logged"); n < 2 {
		c.Errorf("%d errors are logged", n)
	}
	before := c.count(&models.Session{})
	c.Client().Do("POST", "/auth/login/", authtest.Login("ann"), "User-Agent", "refused").WantProblems("non_field_errors not_today")
	if n := c.count(&models.Session{}); n != before {
		c.Errorf("a refused login left %d sessions", n-before)
	}
}

// onDeleteRunsForEveryDeletion: for deletions by the user, by the application, and of an unconfirmed sign-up. An error
// keeps the user.
func onDeleteRunsForEveryDeletion(c *Case) {
	gone, fail := map[int64]bool{}, false
	c.With(func(s *core.Setup) error {
		s.Listen(core.Listener{OnDelete: func(tx *core.Tx, id int64) error {
			if _, err := tx.User(id); err != nil {
				c.Errorf("the user was deleted before the feature's rows: %v", err)
			}
			if fail {
				return core.ErrNoRow
			}
			gone[id] = true
			return nil
		}})
		return nil
	}).StartMail(mandatory)
	ids := map[string]int64{}
	var browsers []*authtest.Client
	for _, name := range []string{"ann", "bob", "cyd"} {
		c.verified(name)
		browsers = append(browsers, c.LoggedIn(name))
		ids[name] = c.user(name).ID
	}
	c.Client().Post("/auth/registration/", authtest.SignUp("dan")).Want(201)
	ids["dan"] = c.user("dan").ID
	fail = true
	browsers[0].Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(503)
	if c.user("ann").ID == 0 || len(gone) > 0 {
		c.Error("an error of OnDelete did not keep the user")
	}
	fail = false
	browsers[0].Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	if err := c.Auth.DeleteUser(c.Context(), ids["bob"]); err != nil {
		c.Error(err)
	}
	c.Clock.Advance(8 * 24 * time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Error(err)
	}
	for name, id := range ids {
		if gone[id] != (name != "cyd") {
			c.Errorf("%s: OnDelete was called: %v", name, gone[id])
		}
	}
}

// wrongDeclarationsAreErrorsOfNew: names that are taken, a mail without a declared ticket, and nil functions.
func wrongDeclarationsAreErrorsOfNew(c *Case) {
	err := c.newWith(func(s *core.Setup) error {
		s.Ticket(core.TicketKind{Name: core.ForReset})
		s.Ticket(core.TicketKind{Name: "longer than sixteen characters"})
		s.Mail(core.MailKind{Name: core.MailReset})
		s.Mail(core.MailKind{Name: "own", Ticket: "lost"})
		s.Ticket(core.TicketKind{Name: "a|b"})
		s.Mail(core.MailKind{Name: "a b"})
		s.Factor("pin")
		s.Factor("pin")
		s.Factor("two words")
		s.Gate(nil)
		s.Sweep(nil)
		s.Check("X", nil)
		s.Identify(core.Identifier{Name: "no find"})
		s.Identify(core.Identifier{Name: "longer than sixteen", Find: func(*gin.Context) (*core.Credential, error) { return nil, nil }})
		core.Add(s, core.Route{Method: http.MethodGet, Path: "fine"}, func(*gin.Context, *binding.Empty) (binding.Detail, error) { return binding.Detail{}, nil })
		return nil
	})
	for _, words := range []string{`ticket "reset"`, `ticket "longer than`, `mail "reset"`, `ticket "a|b"`, `mail "a b"`, `kind "lost"`, `factor "pin"`, `factor "two words"`,
		"Gate needs", "Sweep needs", "Check needs", `identifier "no find"`, `identifier "longer than sixteen"`} {
		if err == nil || !strings.Contains(err.Error(), words) {
			c.Errorf("the error of New does not name %s: %v", words, err)
		}
	}
}
