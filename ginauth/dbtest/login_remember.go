package dbtest

// Logins with the field remember: only false shortens, and it holds for every credential of the login.

import (
	"net/url"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// withShort makes sessions that are not used last as long as others, so that only Session.Short ends them.
func withShort(cfg *config.Config) { cfg.Session.Short, cfg.Session.Idle = 2*time.Hour, -1 }

// forgotten is the body of a login that is not remembered.
func forgotten(name string) obj {
	return obj{"username": name, "password": authtest.Password, "remember": false}
}

// wantUnremembered wants a response that sets cookies, all of which end when the browser closes.
func (c *Case) wantUnremembered(r *authtest.Response) {
	c.Helper()
	lines := r.Want(200).Header.Values("Set-Cookie")
	if len(lines) == 0 {
		c.Error("no cookie is set")
	}
	for _, line := range lines {
		if strings.Contains(line, "Max-Age") || strings.Contains(line, "Expires") {
			c.Errorf("the browser keeps %s", line)
		}
		if strings.Contains(line, "device=") {
			c.Errorf("the browser is remembered: %s", line)
		}
	}
}

func unrememberedCookiesEndWithTheBrowser(c *Case) {
	for _, settings := range []func(*config.Config){func(*config.Config) {}, withJWTCookies, withEverything, func(cfg *config.Config) {
		cfg.SessionStore = memstore.NewStore([]byte(checkedSecret))
	}} {
		c.StartMail(settings, withShort)
		ann := c.SignedUp("ann").Clone()
		c.wantUnremembered(ann.Post("/auth/login/", forgotten("ann")))
		ann.Get("/auth/user/").Want(200)
		c.Clock.Advance(2*time.Hour - time.Second)
		if ann.Cookies["refresh"] == "" {
			ann.Get("/auth/user/").Want(200)
		} else { // an access token is younger than this
			c.wantUnremembered(ann.Post("/auth/token/refresh/", nil))
		}
		c.Clock.Advance(time.Second)
		ann.Get("/auth/user/").Want(401)
		if ann.Cookies["refresh"] != "" {
			ann.Post("/auth/token/refresh/", nil).Want(401)
		}
	}
}

func onlyFalseShortens(c *Case) {
	c.Start(withShort)
	c.SignedUp("ann")
	end := func(body any) time.Duration {
		browser := c.Client()
		browser.Post("/auth/login/", body).Want(200)
		return c.current(browser).ExpiresAt.Sub(c.Clock.Now())
	}
	long, short := 14*24*time.Hour, 2*time.Hour
	for _, try := range []struct {
		body any
		want time.Duration
	}{
		{authtest.Login("ann"), long},
		{obj{"username": "ann", "password": authtest.Password, "remember": true}, long},
		{obj{"username": "ann", "password": authtest.Password, "remember": nil}, long},
		{url.Values{"username": {"ann"}, "password": {authtest.Password}, "remember": {""}}, long},
		{url.Values{"username": {"ann"}, "password": {authtest.Password}, "remember": {"true"}}, long},
		{url.Values{"username": {"ann"}, "password": {authtest.Password}, "remember": {"false"}}, short},
		{forgotten("ann"), short},
	} {
		if got := end(try.body); got != try.want {
			c.Errorf("%v: the session lasts %v, want %v", try.body, got, try.want)
		}
		c.DB.Where("1 = 1").Delete(&models.Session{})
	}
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": authtest.Password, "remember": "no"}).WantProblems("remember invalid")
}

// unrememberedTokensEnd: opaque tokens, and JSON Web Tokens in the body, with a refresh token that is used all the time.
func unrememberedTokensEnd(c *Case) {
	c.Start(withEverything, withShort, withFixedRefresh, func(cfg *config.Config) {
		cfg.Session.Short, cfg.JWT.AccessLifetime = time.Hour, 40*time.Minute
	})
	c.SignedUp("ann")
	login := func(credential string) (out binding.LoginResponse) {
		c.clientAskingFor(credential).Post("/auth/login/", forgotten("ann")).Want(200).JSON(&out)
		return out
	}
	key, pair, fixed := login("token").Key, login("jwt").Tokens, login("jwt-fixed").Tokens
	var next binding.Tokens
	c.Clock.Advance(30 * time.Minute)
	c.byToken(key).Get("/auth/user/").Want(200)
	c.refresh(pair.Refresh).Want(200).JSON(&next)
	c.refresh(fixed.Refresh).Want(200)
	c.Clock.Advance(30*time.Minute - time.Second)
	c.byToken(key).Get("/auth/user/").Want(200)
	c.byToken(next.Access).Get("/auth/user/").Want(200)
	c.Clock.Advance(time.Second)
	c.byToken(key).Get("/auth/user/").Want(401)
	c.byToken(next.Access).Get("/auth/user/").Want(401)
	c.refresh(next.Refresh).Want(401)
	c.refresh(fixed.Refresh).Want(401)
}

func unrememberedAfterASecondFactor(c *Case) {
	c.startPins(withShort)
	c.withPin("ann")
	for _, enter := range []func(*authtest.Client) *authtest.Response{
		func(b *authtest.Client) *authtest.Response { return b.Post("/auth/login/", forgotten("ann")) },
		func(b *authtest.Client) *authtest.Response {
			b.Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
			return b.Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": c.lastMail("login_code").Code(c.T), "remember": false})
		},
	} {
		browser := c.Client()
		token := c.challenge(enter(browser))
		c.wantUnremembered(browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open ann"}))
		if one := c.current(browser); one.ExpiresAt.Sub(c.Clock.Now()) != 2*time.Hour || one.Method != "password" && one.Method != "code" {
			c.Errorf("the session is %+v", one)
		}
	}
	browser := c.Client()
	token := c.challenge(browser.Post("/auth/login/", authtest.Login("ann")))
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open ann"}).Want(200)
	if one := c.current(browser); one.ExpiresAt.Sub(c.Clock.Now()) != 14*24*time.Hour {
		c.Errorf("a login without the field ends at %v", one.ExpiresAt)
	}
}

func unrememberedLoginByCode(c *Case) {
	c.StartMail(byCode, withShort)
	c.verified("ann")
	c.Mails()
	for _, remember := range []bool{false, true} {
		browser := c.Client()
		browser.Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
		r := browser.Post("/auth/login/code/confirm/", obj{"key": c.lastMail("login_code").Key(c.T), "remember": remember}).Want(200)
		want := map[bool]time.Duration{false: 2 * time.Hour, true: 14 * 24 * time.Hour}[remember]
		if got := c.current(browser).ExpiresAt.Sub(c.Clock.Now()); got != want {
			c.Errorf("remember %v: the session lasts %v", remember, got)
		}
		if !remember {
			c.wantUnremembered(r)
		}
		c.Clock.Advance(2 * time.Minute) // the next request sends a new mail
	}
}

// unrememberedSessionStaysShort: neither a password change, values of the application nor more requests make it longer.
func unrememberedSessionStaysShort(c *Case) {
	c.StartMail(withEverything, withShort, func(cfg *config.Config) { cfg.JWT.Transport = config.InCookies })
	c.Router.GET("/note", c.Auth.Sessions(), c.Auth.RequireUser(), func(g *gin.Context) {
		s := ginsessions.Default(g)
		s.Set("note", "own")
		if err := s.Save(); err != nil {
			c.Error(err)
		}
		g.Status(200)
	})
	c.SignedUp("ann")
	ann := authtest.NewClient(c.T, c.Router)
	c.wantUnremembered(ann.Post("/auth/login/", forgotten("ann")))
	end := c.current(ann).ExpiresAt
	c.wantUnremembered(ann.Get("/note"))
	c.wantUnremembered(ann.Post("/auth/password/change/", change(authtest.Password, "another good one")))
	c.wantUnremembered(ann.Get("/note"))
	c.wantUnremembered(ann.Post("/auth/token/refresh/", nil))
	c.Clock.Advance(time.Hour)
	if got := c.current(ann).ExpiresAt; !got.Equal(end) {
		c.Errorf("the session ends at %v, not %v", got, end)
	}

	again := obj{"username": "ann", "password": "another good one"}
	for _, line := range ann.Post("/auth/login/", again).Want(200).Header.Values("Set-Cookie") {
		if !strings.Contains(line, "Max-Age") {
			c.Errorf("the next login is not remembered: %s", line)
		}
	}
	for _, line := range ann.Get("/note").Want(200).Header.Values("Set-Cookie") {
		if !strings.Contains(line, "Max-Age") {
			c.Errorf("nor after it: %s", line)
		}
	}
}
