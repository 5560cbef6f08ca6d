package dbtest

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var loginCodeCases = []func(*Case){LoginByCode, LoginByCodeIsOffByDefault, RaceToLoginByCode, UsedUpCodeIsReplaced, RefusalsKeepTheCode}

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

// RefusalsKeepTheCode: what a hook refuses uses up no try of a code that was right.
func RefusalsKeepTheCode(c *Case) {
	var closed bool
	refuse := func(context.Context, *gorm.DB, config.Event) error {
		if closed {
			return errRefusal
		}
		return nil
	}
	c.startMail(byCode, func(cfg *config.Config) {
		cfg.Hooks = config.Hooks{BeforeVerify: refuse, BeforeLogin: refuse, BeforePasswordReset: refuse}
	})
	c.signedUp("ann")
	for _, flow := range []struct {
		ask, kind, path string
		form            obj
	}{
		{"/auth/registration/resend-email/", "verify", "/auth/registration/verify-email/", obj{}},
		{"/auth/login/code/", "login_code", "/auth/login/code/confirm/", obj{}},
		{"/auth/password/reset/", "reset", "/auth/password/reset/confirm/", obj{"new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}},
	} {
		c.mails()
		c.Clock.Advance(time.Minute)
		c.client().Post(flow.ask, obj{"email": "ann@example.com"}).Want(200)
		flow.form["email"], flow.form["code"] = "ann@example.com", c.mail(flow.kind).Code(c.T)
		closed = true
		for range 6 {
			c.client().Post(flow.path, flow.form).WantProblems("non_field_errors not_today")
		}
		closed = false
		c.client().Post(flow.path, flow.form).Want(200)
	}
}
