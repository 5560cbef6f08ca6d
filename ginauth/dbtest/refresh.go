package dbtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var refreshCases = Group{Name: "refresh", Cases: []func(*Case){
	refreshKeepsItsKind, fixedRefreshMustBeRequested, fixedRefreshEnds, refreshRotates, refreshLateGetsTheSameSuccessor,
	refreshReuseEndsTheSession, refreshTokensExpire, refreshTokensAreParsedStrictly, refreshSurvivesSecretRotation, raceToRefresh,
	refreshBeforeEveryRequest, refreshAndVerifyAgree, refreshWithDifferentClocks, refreshExpirationOnlyIfConfigured,
	refreshCannotLogABrowserIn,
}}

func refreshRotates(c *Case) {
	c.Start(withJWT, withExpirations)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	seen := map[string]bool{p.Refresh: true, p.Access: true}
	token := p.Refresh
	for range 5 {
		c.Clock.Advance(time.Hour)
		next := c.refreshed(token)
		if seen[next.Refresh] || seen[next.Access] || !strings.HasPrefix(next.Refresh, "grt_") {
			c.Fatalf("got %+v again", next)
		}
		if !next.RefreshExpiration.Equal(c.Clock.Now().Add(14*24*time.Hour)) || !next.AccessExpiration.Equal(c.Clock.Now().Add(5*time.Minute)) {
			c.Errorf("expirations %v, %v", next.AccessExpiration, next.RefreshExpiration)
		}
		seen[next.Refresh], seen[next.Access] = true, true
		token = next.Refresh
		c.byToken(next.Access).Get("/auth/user/").Want(200)
	}
	c.Client().Do("POST", "/auth/token/refresh", "refresh="+token, "Content-Type", "application/x-www-form-urlencoded").Want(200)
	c.Client().Post("/auth/token/refresh/", obj{}).WantCode(401, binding.CodeInvalidToken)
	c.Client().Post("/auth/token/refresh/", obj{"refresh": []int{1}}).WantProblems("refresh invalid")
	bad := c.Client()
	bad.Header.Set("Authorization", "Bearer garbage")
	bad.Post("/auth/token/refresh/", obj{"refresh": c.tokenPairOf("ann").Refresh}).Want(200)
}

// refreshLateGetsTheSameSuccessor covers T125 and T126: two tabs, or a lost response.
func refreshLateGetsTheSameSuccessor(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	first := c.refreshed(p.Refresh)
	c.Clock.Advance(10 * time.Second)
	second := c.refreshed(p.Refresh)
	if first.Refresh != second.Refresh {
		c.Errorf("successors %q and %q", first.Refresh, second.Refresh)
	}
	c.refreshed(second.Refresh)
}

// refreshReuseEndsTheSession covers T124. It also calls the hook.
func refreshReuseEndsTheSession(c *Case) {
	var notified []string
	var mu sync.Mutex
	c.Start(withJWT, func(cfg *config.Config) {
		cfg.Hooks.AfterRefreshReuse = func(_ context.Context, e config.Event) error {
			mu.Lock()
			defer mu.Unlock()
			notified = append(notified, e.User.Base().Username+" "+e.Session.Method)
			panic("hooks may")
		}
	})
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	other := c.tokenPairOf("ann")
	for _, late := range []bool{true, false} { // the previous token too long ago, or an older one at once
		p := c.tokenPairOf("ann")
		next := c.refreshed(p.Refresh)
		if late {
			c.Clock.Advance(10*time.Second + time.Millisecond)
		} else {
			c.Clock.Advance(10*time.Second + time.Millisecond)
			next = c.refreshed(next.Refresh)
		}
		c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)
		c.byToken(next.Access).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
		c.refresh(next.Refresh).WantCode(401, binding.CodeInvalidToken)
	}
	if fmt.Sprint(notified) != "[ann password ann password]" || !strings.Contains(c.Log.String(), "panic of type string") {
		c.Errorf("got %q, logged %s", notified, c.Log)
	}
	c.byToken(other.Access).Get("/auth/user/").Want(200) // other sessions continue
}

// refreshTokensExpire covers T128: the refresh token expires if it is unused, and finally if it is used.
func refreshTokensExpire(c *Case) {
	c.Start(withJWT, withExpirations)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	c.Clock.Advance(14*24*time.Hour - time.Millisecond)
	next := c.refreshed(p.Refresh)
	if want := c.Clock.Now().Add(time.Millisecond - 14*24*time.Hour).Add(30 * 24 * time.Hour); next.RefreshExpiration.After(want) {
		c.Errorf("refresh until %v, the session ends %v", next.RefreshExpiration, want)
	}
	c.Clock.Advance(14 * 24 * time.Hour)
	c.refresh(next.Refresh).WantCode(401, binding.CodeInvalidToken)

	token := c.tokenPairOf("ann").Refresh
	for range 2 {
		c.Clock.Advance(13 * 24 * time.Hour)
		token = c.refreshed(token).Refresh
	}
	c.Clock.Advance(4*24*time.Hour - time.Minute)
	last := c.refreshed(token)
	if !last.AccessExpiration.Equal(c.Clock.Now().Add(time.Minute)) { // not longer than the session
		c.Errorf("access until %v", last.AccessExpiration)
	}
	c.Clock.Advance(time.Minute)
	c.refresh(last.Refresh).WantCode(401, binding.CodeInvalidToken)
}

func refreshTokensAreParsedStrictly(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p, q := c.tokenPairOf("ann"), c.tokenPairOf("ann")
	parts, others := strings.Split(p.Refresh, "."), strings.Split(q.Refresh, ".")
	last := map[bool]string{true: "B", false: "A"}[strings.HasSuffix(p.Refresh, "A")]
	for _, bad := range []string{
		"garbage", p.Access, p.Refresh + "A", p.Refresh[:len(p.Refresh)-1] + last, p.Refresh[:len(p.Refresh)-1], "grt_..",
		parts[0] + ".1." + parts[2], parts[0] + ".-1." + parts[2], parts[0] + ".00." + parts[2], parts[0] + ".0", parts[0] + ".0.",
		parts[0] + ".0." + others[2], others[0] + ".0." + parts[2], strings.ToUpper(parts[0]) + ".0." + parts[2],
		"grt_" + strings.Repeat("a", 26) + ".0." + parts[2], parts[0] + ".9223372036854775808." + parts[2], strings.Repeat("x", 4096),
	} {
		c.refresh(bad).WantCode(401, binding.CodeInvalidToken)
	}
	c.refresh(" " + p.Refresh + " ").Want(200) // the field is trimmed, and nothing above has ended the session
	c.refreshed(q.Refresh)
}

func refreshSurvivesSecretRotation(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	const newer = "for tests only: the next one Qe8TtW5yZsLb2HdNfUj7AcPo"
	for _, old := range [][]config.Secret{{authtest.Secret}, nil} {
		app := authtest.New(c.T, c.DB, withJWT, func(cfg *config.Config) { cfg.Secret, cfg.OldSecrets, cfg.Now = newer, old, c.Clock.Now })
		browser := authtest.NewClient(c.T, app.Router)
		browser.Header.Set("Authorization", "Bearer "+p.Access)
		if old == nil {
			browser.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
			browser.Post("/auth/token/refresh/", obj{"refresh": c.tokenPairOf("ann").Refresh}).WantCode(401, binding.CodeInvalidToken)
			continue
		}
		browser.Get("/auth/user/").Want(200)
		browser.Post("/auth/token/refresh/", obj{"refresh": p.Refresh}).Want(200)
	}
}

// raceToRefresh: fifty concurrent refreshes get the same new token, and no session ends. A replay eleven seconds later
// ends the session.
func raceToRefresh(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	var mu sync.Mutex
	successors := map[string]bool{}
	got := c.concurrently(50, func(int) *authtest.Response {
		r := c.refresh(p.Refresh)
		if r.StatusCode == 200 {
			var out binding.Tokens
			r.JSON(&out)
			mu.Lock()
			defer mu.Unlock()
			successors[out.Refresh] = true
		}
		return r
	})
	if got[200] != 50 || len(successors) != 1 {
		c.Fatalf("got %v with %d successors; log: %s", got, len(successors), c.Log)
	}
	for next := range successors {
		c.Clock.Advance(11 * time.Second)
		c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)
		c.refresh(next).WantCode(401, binding.CodeInvalidToken)
	}
	if n := c.count(&models.Session{}); n != 1 {
		c.Errorf("%d sessions, want that of the sign-up", n)
	}
}

func withExpirations(cfg *config.Config) { cfg.JWT.ReturnExpiration = true }

// refreshBeforeEveryRequest: a client refreshes before every request, four at a time, each with the token that it had at
// the start. It is never logged out (C18).
func refreshBeforeEveryRequest(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	held := c.tokenPairOf("ann").Refresh
	var first string
	for range 40 { // twelve seconds; the four overlap: two use the token of the round before
		before := held
		for i := range 4 {
			token := before
			if i%2 == 1 {
				token = held
			}
			held = c.refreshed(token).Refresh
			c.Clock.Advance(75 * time.Millisecond)
		}
		if first == "" {
			first = held
		}
	}
	if held == first {
		c.Errorf("after twelve seconds the token has not changed")
	}
	c.refresh(first).Want(200) // the previous token, within ten seconds
	c.Clock.Advance(10*time.Second + time.Millisecond)
	c.refresh(first).WantCode(401, binding.CodeInvalidToken)
	c.refresh(held).WantCode(401, binding.CodeInvalidToken) // reuse of an older one ends the session
}

// refreshAndVerifyAgree: token/verify/ accepts a token if token/refresh/ would (C3).
func refreshAndVerifyAgree(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	verify := func(token string) *authtest.Response {
		return c.Client().Post("/auth/token/verify/", obj{"token": token})
	}
	p := c.tokenPairOf("ann")
	next := c.refreshed(p.Refresh)
	c.Clock.Advance(5 * time.Second)
	c.refresh(p.Refresh).Want(200)
	c.refresh(next.Refresh).Want(200)
	c.Clock.Advance(5 * time.Second) // repeated responses do not extend the ten seconds
	verify(p.Refresh).Want(200)
	verify(next.Refresh).Want(200)
	c.Clock.Advance(time.Millisecond)
	verify(p.Refresh).WantCode(401, binding.CodeInvalidToken) // does not end the session
	verify(next.Refresh).Want(200)
	c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)
	verify(next.Refresh).WantCode(401, binding.CodeInvalidToken)
}

// refreshWithDifferentClocks: the clocks of two instances may differ by JWT.Leeway, and the time of issue by a few
// seconds in any case (D9).
func refreshWithDifferentClocks(c *Case) {
	c.Start(withJWT, func(cfg *config.Config) { cfg.JWT.Leeway = 30 * time.Second })
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	at := func(off time.Duration) *authtest.Client {
		now := func() time.Time { return c.Clock.Now().Add(off) }
		app := authtest.New(c.T, c.DB, withJWT, func(cfg *config.Config) { cfg.JWT.Leeway, cfg.Now = 30*time.Second, now })
		return authtest.NewClient(c.T, app.Router)
	}
	ahead, behind := at(12*time.Second), at(-12*time.Second)
	p := c.tokenPairOf("ann")
	first := c.refreshed(p.Refresh)
	for _, other := range []*authtest.Client{ahead, behind} {
		for _, token := range []string{p.Refresh, first.Refresh} {
			var out binding.Tokens
			other.Post("/auth/token/refresh/", obj{"refresh": token}).Want(200).JSON(&out)
			c.byToken(out.Access).Get("/auth/user/").Want(200)
		}
	}
	c.Clock.Advance(28*time.Second + time.Millisecond) // ahead by a little over 40 seconds
	ahead.Post("/auth/token/refresh/", obj{"refresh": p.Refresh}).WantCode(401, binding.CodeInvalidToken)

	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	slow := authtest.New(c.T, c.DB, withJWT, func(cfg *config.Config) {
		cfg.Now = func() time.Time { return c.Clock.Now().Add(-5 * time.Second) }
	})
	phone := authtest.NewClient(c.T, slow.Router)
	phone.Header.Set("Authorization", "Bearer "+c.tokenPairOf("ann").Access)
	phone.Get("/auth/user/").Want(200)
}

// refreshExpirationOnlyIfConfigured: responses contain refresh_expiration only with JWT.ReturnExpiration (C2).
func refreshExpirationOnlyIfConfigured(c *Case) {
	for _, transport := range []config.Transport{config.InBody, config.InCookies} {
		for _, asked := range []bool{false, true} {
			c.Start(withJWT, func(cfg *config.Config) { cfg.JWT.Transport, cfg.JWT.ReturnExpiration = transport, asked })
			ann := c.Client()
			var out binding.LoginResponse
			ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&out)
			var body any
			if transport == config.InBody {
				body = obj{"refresh": out.Refresh}
			}
			r := ann.Post("/auth/token/refresh/", body).Want(200)
			if !strings.Contains(r.Text, "access_expiration") || strings.Contains(r.Text, "refresh_expiration") != asked {
				c.Errorf("%s, ReturnExpiration %v: got %s", transport, asked, r.Text)
			}
		}
	}
}
