package dbtest

// Package impersonate: how it ends.

import (
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

func impersonationsEndByTime(c *Case) {
	ann, _ := c.impersonating()
	c.Clock.Advance(29 * time.Minute)
	c.acts(ann, "bob", true)
	c.Clock.Advance(time.Minute)
	ann.Get("/whom").WantCode(401, binding.CodeAuthenticationFailed)
	c.end(ann).Want(200)
	c.acts(ann, "ann", false)
}

// impersonationsEndWithTheOperator: with their session, password, account.
func impersonationsEndWithTheOperator(c *Case) {
	c.startImpersonation()
	c.SignedUp("bob")
	c.SignedUp("ann")
	c.set("ann", map[string]any{"is_superuser": true})
	id := c.user("ann").ID
	for name, end := range map[string]func(other *authtest.Client){
		"sessions":   func(other *authtest.Client) { other.Delete("/auth/sessions/").Want(204) },
		"password":   func(*authtest.Client) { c.must(c.Auth.SetPassword(c.Context(), id, authtest.Password)) },
		"ban":        func(*authtest.Client) { c.set("ann", map[string]any{"banned_at": c.Clock.Now()}) },
		"inactive":   func(*authtest.Client) { c.set("ann", map[string]any{"is_active": false}) },
		"demoted":    func(*authtest.Client) { c.set("ann", map[string]any{"is_superuser": false}) },
		"bob's rank": func(*authtest.Client) { c.set("bob", map[string]any{"is_superuser": true}) },
	} {
		ann, other := c.LoggedIn("ann"), c.LoggedIn("ann")
		c.impersonate(ann, "bob").Want(200)
		c.acts(ann, "bob", true)
		end(other)
		if r := ann.Get("/whom"); r.StatusCode != 401 {
			c.Errorf("%s: %d", name, r.StatusCode)
		}
		c.set("ann", map[string]any{"banned_at": nil, "is_active": true, "is_superuser": true})
		c.set("bob", map[string]any{"is_superuser": false})
	}
}

// impersonationsEndWithTheirRights: staff who lose the permission, or a right that the user has.
func impersonationsEndWithTheirRights(c *Case) {
	c.startImpersonation()
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_staff": true})
	ctx, id, bob := c.Context(), c.user("ann").ID, c.user("bob").ID
	c.must(roles.Grant(ctx, c.Auth, id, impersonate.Permission))
	c.impersonate(ann, "bob").Want(200)
	c.acts(ann, "bob", true)
	c.must(roles.Grant(ctx, c.Auth, bob, "orders.refund"))
	ann.Get("/whom").Want(401)
	c.must(roles.Revoke(ctx, c.Auth, bob, "orders.refund"))
	c.acts(ann, "bob", true)
	c.must(roles.Revoke(ctx, c.Auth, id, impersonate.Permission))
	ann.Get("/whom").Want(401)
	c.end(ann).Want(200)
	c.acts(ann, "ann", false)
}

func usersEndImpersonations(c *Case) {
	ann, bob := c.impersonating()
	bob.Delete("/auth/sessions/").Want(204)
	ann.Get("/whom").Want(401)
	c.end(ann).WantCode(409, binding.CodeNotImpersonating)
	if events := c.events(); !slices.ContainsFunc(events, func(e models.Event) bool { return e.Event == string(impersonate.EventEnded) }) {
		c.Errorf("%+v", events)
	}
}

// eachEndIsRecordedOnce: whatever ends the impersonation. One that has expired has no such event.
func eachEndIsRecordedOnce(c *Case) {
	c.With(impersonate.Feature(impersonate.Options{}), admin.Feature(admin.Options{}), mfa.Feature(mfa.Options{})).StartMail(audited, withJWTCookies)
	bob := c.verified("bob")
	ann := c.SignedUp("ann")
	c.set("ann", map[string]any{"is_superuser": true})
	olga := c.SignedUp("olga")
	c.set("olga", map[string]any{"is_superuser": true})
	id, ctx := c.user("bob").ID, c.Context()
	acting := func() (session string) {
		c.must(c.DB.Model(&models.Session{}).Where("user_id = ? AND actor_id <> 0", id).Pluck("id", &session).Error)
		return session
	}
	for name, end := range map[string]func(){
		"by the operator":      func() { c.end(ann).Want(200) },
		"by another operator":  func() { olga.Delete(c.adminPath("bob", "sessions/", acting(), "/")).Want(204) },
		"with all sessions":    func() { olga.Delete(c.adminPath("bob", "sessions/")).Want(204) },
		"by a ban":             func() { olga.Post(c.adminPath("bob", "ban/"), obj{"reason": "x"}).Want(200) },
		"by a new password":    func() { olga.Post(c.adminPath("bob", "password/"), obj{"password": authtest.Password + "!"}).Want(200) },
		"by a required one":    func() { olga.Delete(c.adminPath("bob", "password/")).Want(204) },
		"by a deactivation":    func() { olga.Patch(c.adminPath("bob"), obj{"is_active": false}).Want(200) },
		"by the user":          func() { bob.Delete("/auth/sessions/").Want(204) },
		"by the user, alone":   func() { bob.Delete("/auth/sessions/" + acting() + "/").Want(204) },
		"by the user's logout": func() { ann.Post("/auth/logout/", nil).Want(200) },
		"by another login":     func() { ann.Post("/auth/login/", authtest.Login("ann")).Want(200) },
		"by the application":   func() { c.must(c.Auth.EndSessions(ctx, id)) },
		"by a stolen token":    func() { c.reuseRefresh(ann) },
	} {
		c.set("bob", map[string]any{"banned_at": nil, "is_active": true})
		c.must(c.Auth.SetPassword(ctx, id, authtest.Password))
		ann, bob = c.LoggedIn("ann"), c.LoggedIn("bob")
		c.impersonate(ann, "bob").Want(200)
		c.events()
		end()
		if n := c.endsOfImpersonations(); n != 1 {
			c.Errorf("%s: %d events", name, n)
		}
	}
	c.set("bob", map[string]any{"banned_at": nil, "is_active": true})
	ann = c.LoggedIn("ann")
	c.impersonate(ann, "bob").Want(200)
	c.Clock.Advance(31 * time.Minute)
	c.must(c.Auth.EndSessions(ctx, id))
	if n := c.endsOfImpersonations(); n != 0 {
		c.Errorf("%d events of one that had ended", n)
	}
}

// endsOfImpersonations counts the new events, which have the operator and the session.
func (c *Case) endsOfImpersonations() (n int) {
	c.Helper()
	for _, e := range c.events() {
		if e.Event == string(impersonate.EventEnded) {
			n++
			if e.ActorID != c.user("ann").ID || e.UserID == 0 || e.SessionID == "" {
				c.Errorf("%+v", e)
			}
		}
	}
	return n
}

// reuseRefresh sends a refresh token of a browser that was replaced long ago.
func (c *Case) reuseRefresh(browser *authtest.Client) {
	c.Helper()
	old := browser.Clone()
	for range 2 {
		c.Clock.Advance(time.Minute)
		browser.Post("/auth/token/refresh/", nil).Want(200)
	}
	old.Post("/auth/token/refresh/", nil).Want(401)
}

func logoutEndsBoth(c *Case) {
	ann, bob := c.impersonating()
	ann.Post("/auth/logout/", nil).Want(200)
	ann.Get("/whom").Want(401)
	c.acts(bob, "bob", false)
	var n int64
	c.must(c.DB.Model(&models.Session{}).Where("user_id = ? OR actor_id = ?", c.user("ann").ID, c.user("ann").ID).Count(&n).Error)
	if n != 0 {
		c.Errorf("%d sessions of the operator remain", n)
	}
}

// raceOfTwoEnds: one wins, and the operator is logged in with its cookie.
func raceOfTwoEnds(c *Case) {
	ann, _ := c.impersonating()
	both := []*authtest.Client{ann.Clone(), ann.Clone()}
	got := c.concurrently(2, func(i int) *authtest.Response { return c.end(both[i]) })
	c.wantOneWinner(got, 200, 409, 1)
	in := 0
	for _, browser := range both {
		if r := browser.Get("/whom"); r.StatusCode == 200 {
			in++
			c.acts(browser, "ann", false)
		}
	}
	if in != 1 {
		c.Errorf("%d browsers are logged in", in)
	}
}
