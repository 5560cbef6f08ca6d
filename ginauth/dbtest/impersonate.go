package dbtest

// Package impersonate: operators in the place of users.

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

var impersonateCases = Group{Name: "impersonate", Cases: []func(*Case){
	impersonationByCookie, impersonationByToken, impersonationByJWT, impersonationInTokenCookies, accessTokensGiveNoSessionBack, accessCookiesGiveNoSessionBack, impersonationIsNoLogin, impersonationIsTold,
	whomOperatorsCanImpersonate, onlyTheUserChangesTheAccount, guardsAgainstOperators, impersonationsEndByTime, impersonationsEndWithTheOperator,
	impersonationsEndWithTheirRights, usersEndImpersonations, eachEndIsRecordedOnce, logoutEndsBoth, raceOfTwoEnds, raceOfImpersonationAndDemotion, impersonationOptions,
	statementsOfImpersonation, logsNameTheOperator, impersonationInTests,
}}

func (c *Case) startImpersonation(change ...func(*config.Config)) {
	c.Helper()
	c.With(impersonate.Feature(impersonate.Options{}), roles.Feature(shop())).StartMail(append([]func(*config.Config){audited}, change...)...)
	whom := func(g *gin.Context) {
		out := gin.H{"user": ginauth.User(g).Username}
		if actor := ginauth.Actor(g); actor != nil {
			out["actor"] = actor.ID
		}
		g.JSON(http.StatusOK, out)
	}
	c.Router.GET("/whom", c.Auth.RequireUser(), whom)
	c.Router.GET("/self", c.Auth.RequireSelf(), whom)
	c.Router.GET("/fresh", c.Auth.RequireFresh(time.Hour), whom)
}

// impersonating returns the browser of ann, a superuser, in the place of bob, and that of bob.
func (c *Case) impersonating(change ...func(*config.Config)) (ann, bob *authtest.Client) {
	c.Helper()
	c.startImpersonation(change...)
	ann, bob = c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	c.impersonate(ann, "bob").Want(200)
	return ann, bob
}

func (c *Case) impersonate(browser *authtest.Client, name string) *authtest.Response {
	c.Helper()
	return browser.Post(fmt.Sprint("/auth/admin/users/", c.user(name).ID, "/impersonate/"), obj{"reason": "ticket 7"})
}

func (c *Case) end(browser *authtest.Client) *authtest.Response {
	return browser.Post("/auth/impersonate/end/", nil)
}

// acts requires that a client is a user, with ann as the actor or none.
func (c *Case) acts(browser *authtest.Client, name string, byAnn bool) {
	c.Helper()
	want := obj{"user": name}
	if byAnn {
		want["actor"] = float64(c.user("ann").ID)
	}
	var got obj
	browser.Get("/whom").Want(200).JSON(&got)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		c.Errorf("got %v, want %v", got, want)
	}
}

func impersonationByCookie(c *Case) {
	ann, bob := c.impersonating()
	c.acts(ann, "bob", true)
	c.acts(bob, "bob", false)
	var sessions []binding.Session
	bob.Get("/auth/sessions/").Want(200).JSON(&sessions)
	if !slices.ContainsFunc(sessions, func(s binding.Session) bool {
		return s.Actor == c.user("ann").ID && s.Method == core.MethodImpersonation
	}) {
		c.Errorf("%+v", sessions)
	}
	stolen := ann.Clone()
	var out binding.LoginResponse
	c.end(ann).Want(200).JSON(&out)
	if out.User == nil || out.User.Username != "ann" || out.Key != "" {
		c.Errorf("%+v", out)
	}
	c.acts(ann, "ann", false)
	stolen.Get("/whom").WantCode(401, binding.CodeAuthenticationFailed)
	c.end(stolen).WantCode(409, binding.CodeNotImpersonating)
	c.end(ann).WantCode(409, binding.CodeNotImpersonating)
	c.end(bob).WantCode(409, binding.CodeNotImpersonating)
	c.acts(ann, "ann", false)
}

// impersonationIsNoLogin: no login is recorded, no browser is known, and sessions of the user stay.
func impersonationIsNoLogin(c *Case) {
	c.startImpersonation(func(cfg *config.Config) { cfg.Session.MaxPerUser = 1 })
	ann, bob := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	before := c.user("bob").LastLogin
	c.Clock.Advance(time.Minute)
	r := c.impersonate(ann, "bob").Want(200)
	if lines := r.Header["Set-Cookie"]; len(lines) != 1 {
		c.Errorf("%q", lines)
	}
	if !c.user("bob").LastLogin.Equal(*before) {
		c.Error("an impersonation counts as a login")
	}
	c.acts(bob, "bob", false)
	if c.kinds()["new_device"] != 0 {
		c.Error("a mail about a new device")
	}
}

// impersonationIsTold: by a mail without the operator's address, and in the audit trail.
func impersonationIsTold(c *Case) {
	c.startImpersonation()
	c.verified("bob")
	ann := c.SignedUp("ann")
	c.Mails()
	c.set("ann", map[string]any{"is_superuser": true, "first_name": "Ann", "last_name": "Smith"})
	c.events()
	c.impersonate(ann, "bob").Want(200)
	mail := c.Mail("impersonated")
	if mail.To != "bob@example.com" || !strings.Contains(mail.Text, "Ann Smith") || strings.Contains(mail.Text, "192.0.2.") || strings.Contains(mail.Text, "ticket 7") {
		c.Errorf("%+v", mail)
	}
	c.end(ann).Want(200)
	events := slices.DeleteFunc(c.events(), func(e models.Event) bool { return e.ActorID == 0 })
	if len(events) != 2 || events[0].ActorID != c.user("ann").ID || events[0].UserID != c.user("bob").ID || events[0].SessionID != events[1].SessionID {
		c.Fatalf("%+v", events)
	}
	if events[0].Event != string(impersonate.EventStarted) || events[0].Details != "ticket 7" || events[1].Event != string(impersonate.EventEnded) {
		c.Errorf("%+v", events)
	}
}

func whomOperatorsCanImpersonate(c *Case) {
	c.startImpersonation()
	ann := c.SignedUp("ann")
	c.SignedUp("bob")
	c.impersonate(ann, "bob").WantCode(403, binding.CodePermissionDenied)
	c.set("ann", map[string]any{"is_staff": true})
	c.impersonate(ann, "bob").WantCode(403, binding.CodePermissionDenied)
	c.must(roles.Grant(c.Context(), c.Auth, c.user("ann").ID, impersonate.Permission))
	c.must(roles.Grant(c.Context(), c.Auth, c.user("bob").ID, "orders.refund"))
	c.impersonate(ann, "bob").WantCode(403, binding.CodePermissionDenied)
	c.must(roles.Grant(c.Context(), c.Auth, c.user("ann").ID, "orders.refund"))
	c.must(roles.SetGroup(c.Context(), c.Auth, roles.Group{Name: "Payroll"})) // has no permission: the application asks for its name
	c.must(roles.AddToGroups(c.Context(), c.Auth, c.user("bob").ID, "Payroll"))
	c.impersonate(ann, "bob").WantCode(403, binding.CodePermissionDenied)
	c.must(roles.RemoveFromGroups(c.Context(), c.Auth, c.user("bob").ID, "Payroll"))
	c.impersonate(ann, "ann").WantCode(403, binding.CodeOwnAccount)
	for _, is := range []map[string]any{{"is_active": false}, {"pending": true}, {"banned_at": c.Clock.Now()}, {"delete_at": c.Clock.Now().Add(time.Hour)}} {
		c.set("bob", is)
		c.impersonate(ann, "bob").WantCode(409, "cannot_impersonate")
		c.set("bob", map[string]any{"is_active": true, "pending": false, "banned_at": nil, "delete_at": nil})
	}
	ann.Post("/auth/admin/users/99999/impersonate/", obj{"reason": "x"}).WantCode(404, binding.CodeNotFound)
	ann.Post(fmt.Sprint("/auth/admin/users/", c.user("bob").ID, "/impersonate/"), obj{"reason": " "}).Want(400)
	c.set("ann", map[string]any{"is_superuser": true})
	c.set("bob", map[string]any{"is_superuser": true})
	c.impersonate(ann, "bob").WantCode(403, binding.CodePermissionDenied)
	c.set("bob", map[string]any{"is_superuser": false})
	c.Clock.Advance(6 * time.Minute)
	c.impersonate(ann, "bob").WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	c.impersonate(ann, "bob").Want(200)
	c.impersonate(ann, "bob").WantCode(403, binding.CodeImpersonated) // nested
}

// onlyTheUserChangesTheAccount: all routes that need a user are closed, except those that a list names, also with the password.
func onlyTheUserChangesTheAccount(c *Case) {
	c.startImpersonation(func(cfg *config.Config) { cfg.Export.Enabled = true; cfg.Audit.ShowToUsers = true })
	c.verified("bob")
	ann := c.SignedUp("ann")
	c.Mails()
	c.set("ann", map[string]any{"is_superuser": true})
	c.impersonate(ann, "bob").Want(200)
	open := []string{"emails/", "security/events/", "sessions/", "user/", "user/permissions/"}
	var got []string
	for _, r := range c.Auth.Routes() {
		if !r.Access.NeedsUser() {
			continue
		}
		answer := ann.Do(r.Method, "/auth/"+strings.ReplaceAll(r.Path, ":id", "1"), obj{"password": authtest.Password, "reason": "x"})
		if answer.StatusCode == 200 && r.Method == http.MethodGet {
			got = append(got, r.Path)
			continue
		}
		answer.WantCode(403, binding.CodeImpersonated)
	}
	if slices.Sort(got); !slices.Equal(got, open) {
		c.Errorf("open are %q, want %q", got, open)
	}
	c.acts(ann, "bob", true)
}

func guardsAgainstOperators(c *Case) {
	ann, bob := c.impersonating(func(cfg *config.Config) { cfg.Session.CacheFor = 20 * time.Second })
	c.acts(ann, "bob", true)
	for _, path := range []string{"/self", "/fresh"} {
		ann.Get(path).WantCode(403, binding.CodeImpersonated)
		bob.Get(path).Want(200)
	}
	c.set("ann", map[string]any{"is_active": false}) // nothing is cached
	ann.Get("/whom").Want(401)
}

// raceOfImpersonationAndDemotion: the operator loses the rank while the impersonation begins.
func raceOfImpersonationAndDemotion(c *Case) {
	c.startImpersonation()
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	var once bool
	c.afterReads(func(*gorm.DB) {
		if !once {
			once = true
			c.set("ann", map[string]any{"is_superuser": false})
		}
	})
	if r := c.impersonate(ann, "bob").WantCode(403, binding.CodePermissionDenied); r.Header["Set-Cookie"] != nil {
		c.Error("a cookie")
	}
	c.acts(ann, "ann", false)
}

func impersonationOptions(c *Case) {
	c.StartMail()
	for want, o := range map[string]impersonate.Options{"impersonate.Options.Lifetime": {Lifetime: 9 * time.Hour}, "impersonate.Options.SilentlyWithoutNotice": {}} {
		cfg := c.Auth.Config()
		cfg.Mail.AllowSilentChanges = true
		if _, err := ginauth.New(c.DB, cfg, impersonate.Feature(o)); err == nil || !strings.Contains(err.Error(), want) {
			c.Errorf("New: %v, want %q", err, want)
		}
	}
}

// statementsOfImpersonation: a superuser costs one query more than a normal session, and staff two more for the rights of both.
func statementsOfImpersonation(c *Case) {
	ann, bob := c.impersonating()
	var m meter
	m.install(c)
	count := func(browser *authtest.Client) int {
		m.take()
		browser.Get("/whom").Want(200)
		return strings.Count(m.take()+"\n", "\n")
	}
	if own, acting := count(bob), count(ann); own != 1 || acting != 2 {
		c.Errorf("%d statements, %d of the user", acting, own)
	}
}

// logsNameTheOperator: the line of a request that failed has the operator, if one acts in the place of the user.
func logsNameTheOperator(c *Case) {
	ann, bob := c.impersonating()
	id := c.user("ann").ID
	c.Router.GET("/broken", c.Auth.RequireUser(), func(g *gin.Context) { c.Auth.Fail(g, errors.New("broken")) })
	broken := func(browser *authtest.Client) string {
		before := len(c.Log.String())
		browser.Get("/broken").Want(503)
		return c.Log.String()[before:]
	}
	if text := broken(ann); !strings.Contains(text, fmt.Sprint("actor=", id)) {
		c.Error(text)
	}
	if text := broken(bob); strings.Contains(text, "actor") || !strings.Contains(text, "broken") {
		c.Error(text)
	}
}

// impersonationInTests is one line with authtest, with each credential.
func impersonationInTests(c *Case) {
	for _, kind := range []func(*config.Config){
		func(*config.Config) {}, withJWT, withJWTCookies, withEachCredential,
		func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} },
	} {
		c.startImpersonation(kind)
		ann := c.App.User(c.T, "ann", func(u *models.User) { u.IsSuperuser = true })
		c.acts(c.App.Impersonate(c.T, c.App.Login(c.T, ann), c.App.User(c.T, "bob")), "bob", true)
	}
}
