package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// personalTokensNeedAFreshLogin: a token outlives its session, so an open session is not enough to make one, and the
// user gets a notice (S5).
func personalTokensNeedAFreshLogin(c *Case) {
	c.StartMail(withEachCredential)
	ann := c.SignedUp("ann")
	c.Mail("verify")
	c.personal(ann, obj{"name": "fresh"})
	if m := c.Mail("token_created"); m.To != "ann@example.com" || !strings.Contains(m.Link(c.T), "/notice/") {
		c.Errorf("the notice is %v", m)
	}
	c.Clock.Advance(3 * time.Hour)
	tokens := c.count(&models.Session{})
	ann.Post("/auth/tokens/", obj{"name": "stale"}).WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/tokens/", obj{"name": "stale", "password": "Wrong-Glass-7"}).WantProblems("password password_incorrect")
	if c.count(&models.Session{}) != tokens {
		c.Error("a token was made")
	}
	c.NoMail()
	key := c.personal(ann, obj{"name": "proven", "password": authtest.Password}).Key
	revoke := c.Mail("token_created").Key(c.T)
	c.byToken(key).Get("/auth/user/").Want(200)
	c.Client().Post("/auth/security/revoke/", obj{"key": revoke}).Want(200) // "it was not me"
	c.byToken(key).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
}

// personalTokensEndWithSessions: with the setting, ending the other sessions ends personal tokens as well (S5).
func personalTokensEndWithSessions(c *Case) {
	for _, ends := range []bool{false, true} {
		var notified atomic.Int64
		c.Start(withEachCredential, func(cfg *config.Config) {
			cfg.Token.EndWithSessions = ends
			cfg.Hooks.AfterSessionRevoked = func(context.Context, config.Event) error { notified.Add(1); return nil }
		})
		ann, bob := c.SignedUp("ann"), c.SignedUp("bob")
		program, other := c.byToken(c.personal(ann, obj{"name": "backup"}).Key), c.byToken(c.personal(bob, obj{"name": "bob's"}).Key)
		app := c.byToken(c.loginAs("ann", "token").Key)
		ann.Delete("/auth/sessions/").Want(204)
		app.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
		other.Get("/auth/user/").Want(200)
		ann.Get("/auth/user/").Want(200)
		want, events := 200, int64(1)
		if ends {
			want, events = 401, 2
		}
		program.Get("/auth/user/").Want(want)
		if notified.Load() != events {
			c.Errorf("EndWithSessions %v: %d events", ends, notified.Load())
		}
	}
}

// slowTokenCreationFailsWhenItsSessionEnds: also if no password changes. The token would otherwise be valid for a year.
func slowTokenCreationFailsWhenItsSessionEnds(c *Case) {
	var m interruption
	c.Start(withEverything, func(cfg *config.Config) { cfg.Rand, cfg.Token.MaxPerUser = &m, 1 })
	ann := c.SignedUp("ann")
	for _, end := range []func(){
		func() { ann.Delete("/auth/sessions/").Want(204) },
		func() {
			ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
		},
	} {
		thief := c.LoggedIn("ann")
		m.set(end)
		thief.Post("/auth/tokens/", obj{"name": "x"}).Want(401)
	}
	c.personal(ann, obj{"name": "mine"}) // the only token
}

// emptyScopesAreRefused: in every kind of body, since a token without scopes has all rights.
func emptyScopesAreRefused(c *Case) {
	c.Start(withTokens, func(cfg *config.Config) {
		cfg.Login = append(cfg.Login, config.SessionCookie)
		cfg.Token.Scopes = []string{"orders:read"}
	})
	ann := c.SignedUp("ann")
	for _, body := range []any{
		obj{"name": "x", "scopes": []string{}}, obj{"name": "x", "scopes": ""},
		url.Values{"name": {"x"}, "scopes": {""}}, url.Values{"name": {"x"}, "scopes": {" "}},
	} {
		ann.Post("/auth/tokens/", body).WantProblems("scopes blank")
	}
}

func personalTokenLifecycle(c *Case) {
	c.Start(withTokens)
	ann, eve := c.SignedUp("ann"), c.SignedUp("eve")
	token := c.personal(ann, obj{"name": " backup ", "expires_in": 3600, "scopes": []string{"orders:write", "orders:read", "orders:read"}})
	if token.Name != "backup" || fmt.Sprint(token.Scopes) != "[orders:read orders:write]" || !token.ExpiresAt.Equal(c.Clock.Now().Add(time.Hour)) {
		c.Errorf("made %+v", token)
	}
	var all []binding.Token
	r := ann.Get("/auth/tokens/").Want(200)
	r.JSON(&all)
	if len(all) != 1 || all[0].ID != token.ID || strings.Contains(r.Text, token.Key) || strings.Contains(r.Text, `"key"`) {
		c.Errorf("listed %s", r.Text)
	}
	if len(listed(c, ann)) != 1 {
		c.Error("the token is listed as a session")
	}
	for _, path := range []string{"/auth/tokens/" + token.ID, "/auth/sessions/" + token.ID, "/auth/tokens/x", "/auth/tokens/%00"} {
		eve.Delete(path).WantCode(404, binding.CodeNotFound) // T015
	}
	ann.Delete("/auth/sessions/"+token.ID).WantCode(404, binding.CodeNotFound)
	ann.Delete("/auth/tokens/"+listed(c, ann)[0].ID).WantCode(404, binding.CodeNotFound)
	plain := c.personal(ann, obj{"name": "plain"})
	program := c.byToken(plain.Key)
	program.Get("/auth/user/").Want(200)
	ann.Delete("/auth/tokens/" + plain.ID + "/").Want(204)
	program.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)

	c.Clock.Advance(time.Hour)
	if ann.Get("/auth/tokens/").Want(200).JSON(&all); len(all) != 0 {
		c.Errorf("listed %+v", all)
	}
	if n, err := c.Auth.Sweep(c.Context()); n != 1 || err != nil {
		c.Errorf("swept %d, %v", n, err)
	}
}

func personalTokenLimits(c *Case) {
	c.Start(withTokens)
	ann := c.SignedUp("ann")
	post := func(body any) *authtest.Response { return ann.Post("/auth/tokens/", body) }
	post(obj{}).WantProblems("name required")
	post(obj{"name": "x", "scopes": []string{}}).WantProblems("scopes blank") // without the field, the token has all rights
	post(obj{"name": strings.Repeat("x", 81), "expires_in": 59, "scopes": []string{"admin"}}).
		WantProblems("name max_length", "expires_in min_value", "scopes invalid_scope")
	post(obj{"name": "x", "expires_in": 367 * 24 * 3600, "scopes": 7}).WantProblems("expires_in max_value", "scopes invalid")
	post(obj{"name": "x", "expires_in": "soon", "scopes": []string{"orders:read orders:write"}}).
		WantProblems("expires_in invalid", "scopes invalid_scope")
	var out binding.NewToken
	form := "name=x&scopes=orders:read+orders:write&expires_in=60"
	ann.Do("POST", "/auth/tokens/", form, "Content-Type", "application/x-www-form-urlencoded").Want(201).JSON(&out)
	if len(out.Scopes) != 2 || !out.ExpiresAt.Equal(c.Clock.Now().Add(time.Minute)) {
		c.Errorf("made %+v", out)
	}
	ann.Do("POST", "/auth/tokens/", obj{"name": "x"}, "Origin", "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
}

func personalTokenScopes(c *Case) {
	c.Start(withTokens)
	done := func(g *gin.Context) { g.Status(200) }
	c.Router.GET("/orders", c.Auth.RequireScope("orders:read"), done)
	c.Router.POST("/orders", c.Auth.RequireScope("orders:read", "orders:write"), done)
	c.Router.GET("/rest", c.Auth.RequireUser(), done)
	c.Router.GET("/open", c.Auth.OptionalUser(), done)
	c.Router.GET("/staff", c.Auth.RequireStaff(), done)
	c.Router.GET("/fresh", c.Auth.RequireFresh(time.Hour), done)
	ann := c.SignedUp("ann")
	c.set("ann", obj{"is_staff": true})
	login := c.byToken(c.tokenOf("ann"))
	plain := c.byToken(c.personal(ann, obj{"name": "plain"}).Key)
	read := c.byToken(c.personal(ann, obj{"name": "read", "scopes": "orders:read"}).Key)
	write := c.byToken(c.personal(ann, obj{"name": "write", "scopes": "orders:write orders:read"}).Key)
	for _, try := range []struct {
		method, path              string
		login, plain, read, write int
	}{
		{"GET", "/orders", 200, 200, 200, 200},
		{"POST", "/orders", 200, 200, 403, 200},
		{"GET", "/rest", 200, 200, 403, 403},
		{"GET", "/open", 200, 200, 403, 403},
		{"GET", "/staff", 200, 200, 403, 403},
		{"GET", "/fresh", 200, 403, 403, 403},
		{"GET", "/auth/user/", 200, 200, 403, 403},
	} {
		for i, browser := range []*authtest.Client{login, plain, read, write} {
			want := []int{try.login, try.plain, try.read, try.write}[i]
			r := browser.Do(try.method, try.path, nil)
			if r.StatusCode != want {
				c.Errorf("%s %s by %d: %d, want %d", try.method, try.path, i, r.StatusCode, want)
			}
			if want == 403 {
				r.WantCode(403, binding.CodeInsufficientScope)
			}
		}
	}
	ann.Get("/orders").Want(200)
	c.Client().Get("/orders").WantCode(401, binding.CodeNotAuthenticated)
	defer func() {
		if recover() == nil {
			c.Error("a scope that no token can have was accepted")
		}
	}()
	c.Auth.RequireScope("orders:delete")
}

func personalTokenCannotManageTheAccount(c *Case) {
	c.Start(withTokens)
	ann := c.SignedUp("ann")
	program := c.byToken(c.personal(ann, obj{"name": "plain"}).Key)
	id := listed(c, ann)[0].ID
	for _, try := range []struct {
		method, path string
		body         any
	}{
		{"PATCH", "/auth/user/", obj{"first_name": "A"}}, {"PUT", "/auth/user/", obj{"username": "eve"}},
		{"POST", "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")}, {"GET", "/auth/sessions/", nil},
		{"DELETE", "/auth/sessions/", nil}, {"DELETE", "/auth/sessions/" + id, nil}, {"GET", "/auth/tokens/", nil},
		{"POST", "/auth/tokens/", obj{"name": "more"}}, {"DELETE", "/auth/tokens/" + id, nil},
	} {
		program.Do(try.method, try.path, try.body).WantCode(403, binding.CodeInsufficientScope)
	}
	ann.Get("/auth/user/").Want(200)
	c.LoggedIn("ann")
}

func personalTokensPerUserAreBounded(c *Case) {
	c.Start(withTokens, func(cfg *config.Config) { cfg.Token.MaxPerUser = 5 })
	ann, bob := c.SignedUp("ann"), c.SignedUp("bob")
	c.personal(ann, obj{"name": "expires", "expires_in": 60})
	c.Clock.Advance(time.Minute)
	got := c.concurrently(16, func(i int) *authtest.Response {
		return ann.Clone().Post("/auth/tokens/", obj{"name": fmt.Sprint(i)})
	})
	if got[201] != 5 || got[400] != 11 {
		c.Errorf("got %v, want 5 tokens and 11 refusals; log: %s", got, c.Log)
	}
	ann.Post("/auth/tokens/", obj{"name": "one more"}).WantProblems("non_field_errors too_many")
	c.personal(bob, obj{"name": "bob's"})
}

// personalTokensOutliveLogout: logouts and idle time do not end personal tokens. Deactivating the user does.
func personalTokensOutliveLogout(c *Case) {
	c.Start(withTokens, func(cfg *config.Config) { cfg.Session.MaxPerUser = 2 })
	ann := c.SignedUp("ann")
	program := c.byToken(c.personal(ann, obj{"name": "backup"}).Key)
	for range 3 {
		c.Clock.Advance(time.Second)
		ann = c.LoggedIn("ann")
	}
	ann.Delete("/auth/sessions/").Want(204)
	ann.Post("/auth/logout/", nil).Want(200)
	program.Post("/auth/login/", authtest.Login("ann")).Want(200) // returns the token, and does not end it
	program.Cookies = map[string]string{}
	c.Clock.Advance(89 * 24 * time.Hour)
	if n, err := c.Auth.Sweep(c.Context()); err != nil || n != 1 {
		c.Errorf("swept %d, %v", n, err)
	}
	program.Get("/auth/user/").Want(200) // T132: one for each program, with an end
	c.set("ann", obj{"is_active": false})
	program.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	c.set("ann", obj{"is_active": true})
	program.Post("/auth/logout/", nil).Want(200) // a program can end its own token
	program.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	if n := c.count(&models.Session{}); n != 0 {
		c.Errorf("%d rows left", n)
	}
}
