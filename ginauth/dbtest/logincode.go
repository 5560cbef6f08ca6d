package dbtest

import (
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var loginCodeCases = []func(*Case){LoginByCode, LoginByCodeIsOffByDefault, RaceToLoginByCode, UsedUpCodeIsReplaced}

func byCode(cfg *config.Config) { cfg.LoginByCode = true }

func LoginByCode(c *Case) {
	c.startMail(mandatory, withEverything, byCode)
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.mail("verify")
	for _, proof := range []func(m authtest.Mail) obj{
		func(m authtest.Mail) obj { return obj{"email": "ann@example.com", "code": m.Code(c.T)} },
		func(m authtest.Mail) obj { return obj{"key": m.Key(c.T)} },
	} {
		c.Clock.Advance(time.Minute)
		c.client().Post("/auth/login/code/", obj{"email": "Ann@example.com"}).Want(200)
		in := proof(c.mail("login_code"))
		browser := c.client()
		var out binding.LoginResponse
		browser.Post("/auth/login/code/confirm/", in).Want(200).JSON(&out)
		browser.Get("/auth/user/").Want(200)
		c.byToken(out.Key).Get("/auth/user/").Want(200)
		c.byToken(out.Access).Get("/auth/user/").Want(200)
		if method := listed(c, browser)[0].Method; method != "code" {
			c.Errorf("method %q", method)
		}
		c.client().Post("/auth/login/code/confirm/", in).Want(400)
		c.mails()
	}
	c.client().Post("/auth/login/code/", obj{"email": "nobody@example.com"}).Want(200)
	c.noMail()
	c.client().Post("/auth/login/code/", obj{}).WantProblems("email required")
	c.client().Post("/auth/login/code/confirm/", obj{}).WantProblems("key required")
	c.client().Post("/auth/login/code/confirm/", obj{"key": "x"}).WantProblems("key ticket_not_valid")
	c.client().Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": "x"}).WantProblems("code ticket_not_valid")
}

func LoginByCodeIsOffByDefault(c *Case) {
	c.startMail()
	c.client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(404)
}

// UsedUpCodeIsReplaced: a mail that is asked for after the tries were used up has a code that
// works.
func UsedUpCodeIsReplaced(c *Case) {
	c.startMail(byCode)
	c.verified("ann")
	ask := func() string {
		c.client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
		return c.mail("login_code").Code(c.T)
	}
	try := func(code string) *authtest.Response {
		return c.client().Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": code})
	}
	first := ask()
	for range 5 {
		try("BBBB-BBBB").Want(400)
	}
	try(first).Want(400)
	if again := ask(); again == first {
		c.Error("the same code was mailed again")
	} else {
		try(again).Want(200)
	}
}

func RaceToLoginByCode(c *Case) {
	c.startMail(byCode)
	c.verified("ann")
	c.client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	key := c.mail("login_code").Key(c.T)
	got := c.together(16, func(int) *authtest.Response {
		return c.client().Post("/auth/login/code/confirm/", obj{"key": key})
	})
	if got[200] != 1 || got[400] != 15 {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
}
