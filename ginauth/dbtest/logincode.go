package dbtest

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var logincodeCases = Group{Name: "logincode", Cases: []func(*Case){
	slowLoginByCodeFailsWhenItsClaimEnds, loginCodeTakesOverAClaimedAccount, loginCodeOfAnotherUserIsRefused, loginByCode,
	loginByCodeIsOffByDefault, raceToLoginByCode, usedUpCodeIsReplaced, refusedLoginsKeepTheCode, loginCodeRemovesAddressesOfTheClaimant,
}}

func loginCodeTakesOverAClaimedAccount(c *Case) {
	c.StartMail(withEverything, func(cfg *config.Config) { cfg.LoginByCode = true })
	thief := c.foothold("victim")
	c.Client().Post("/auth/login/code/", obj{"email": "victim@example.com"}).Want(200)
	owner := c.Client()
	owner.Post("/auth/login/code/confirm/", obj{"key": c.Mail("login_code").Key(c.T)}).Want(200)
	owner.Get("/auth/user/").Want(200)
	thief.wantRevoked(c, "victim")
	for _, mail := range c.Mails() { // the account has no password any more
		if mail.Kind == "reset" {
			c.reset(mail, "Mirror-Maze-88").Want(200)
		}
	}
	c.Client().Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
}

// loginCodeOfAnotherUserIsRefused covers T111: a link that another person sent ends no session.
func loginCodeOfAnotherUserIsRefused(c *Case) {
	c.StartMail(byCode)
	c.verified("mallory")
	ann := c.verified("ann")
	c.Client().Post("/auth/login/code/", obj{"email": "mallory@example.com"}).Want(200)
	mail := c.Mail("login_code")
	for range 6 {
		ann.Post("/auth/login/code/confirm/", obj{"key": mail.Key(c.T)}).WantCode(403, binding.CodePermissionDenied)
		ann.Post("/auth/login/code/confirm/", obj{"email": "mallory@example.com", "code": mail.Code(c.T)}).WantCode(403, binding.CodePermissionDenied)
	}
	var user binding.User
	if ann.Get("/auth/user/").Want(200).JSON(&user); user.Username != "ann" {
		c.Errorf("ann is %s", user.Username)
	}
	c.Client().Post("/auth/login/code/confirm/", obj{"email": "mallory@example.com", "code": mail.Code(c.T)}).Want(200)
}

func slowLoginByCodeFailsWhenItsClaimEnds(c *Case) {
	var m interruption
	c.StartMail(byCode, func(cfg *config.Config) { cfg.Rand = &m })
	mail := c.confirmDuringRequest(&m, func() { c.Client().Post("/auth/login/code/", obj{"email": "victim@example.com"}).Want(200) }, "login_code")
	c.Client().Post("/auth/login/code/confirm/", obj{"key": mail.Key(c.T)}).WantProblems("key ticket_not_valid")
}

func loginByCode(c *Case) {
	c.StartMail(mandatory, withEverything, byCode)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.Mail("verify")
	for _, proof := range []func(m authtest.Mail) obj{
		func(m authtest.Mail) obj { return obj{"email": "ann@example.com", "code": m.Code(c.T)} },
		func(m authtest.Mail) obj { return obj{"key": m.Key(c.T)} },
	} {
		c.Clock.Advance(time.Minute)
		c.Client().Post("/auth/login/code/", obj{"email": "Ann@example.com"}).Want(200)
		in := proof(c.Mail("login_code"))
		browser := c.Client()
		var out binding.LoginResponse
		browser.Post("/auth/login/code/confirm/", in).Want(200).JSON(&out)
		browser.Get("/auth/user/").Want(200)
		c.byToken(out.Key).Get("/auth/user/").Want(200)
		c.byToken(out.Access).Get("/auth/user/").Want(200)
		if method := listed(c, browser)[0].Method; method != "code" {
			c.Errorf("method %q", method)
		}
		c.Client().Post("/auth/login/code/confirm/", in).Want(400)
		c.Mails()
	}
	c.Client().Post("/auth/login/code/", obj{"email": "nobody@example.com"}).Want(200)
	c.NoMail()
	c.Client().Post("/auth/login/code/", obj{}).WantProblems("email required")
	c.Client().Post("/auth/login/code/confirm/", obj{}).WantProblems("key required")
	c.Client().Post("/auth/login/code/confirm/", obj{"key": "x"}).WantProblems("key ticket_not_valid")
	c.Client().Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": "x"}).WantProblems("code ticket_not_valid")
}

func loginByCodeIsOffByDefault(c *Case) {
	c.StartMail()
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(404)
}

// usedUpCodeIsReplaced: a mail that is requested after all tries were used has a code that works.
func usedUpCodeIsReplaced(c *Case) {
	c.StartMail(byCode)
	c.verified("ann")
	ask := func() string {
		c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
		return c.Mail("login_code").Code(c.T)
	}
	try := func(code string) *authtest.Response {
		return c.Client().Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": code})
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

func raceToLoginByCode(c *Case) {
	c.StartMail(byCode)
	c.verified("ann")
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	key := c.Mail("login_code").Key(c.T)
	got := c.concurrently(16, func(int) *authtest.Response {
		return c.Client().Post("/auth/login/code/confirm/", obj{"key": key})
	})
	if got[200] != 1 || got[400] != 15 {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
}

// refusedLoginsKeepTheCode: if a hook refuses the login, a correct code loses no try.
func refusedLoginsKeepTheCode(c *Case) {
	var closed bool
	refuse := func(context.Context, *gorm.DB, config.Event) error {
		if closed {
			return errRefusal
		}
		return nil
	}
	c.StartMail(byCode, func(cfg *config.Config) {
		cfg.Hooks = config.Hooks{BeforeVerify: refuse, BeforeLogin: refuse, BeforePasswordReset: refuse}
	})
	c.SignedUp("ann")
	for _, flow := range []struct {
		ask, kind, path string
		form            obj
	}{
		{"/auth/registration/resend-email/", "verify", "/auth/registration/verify-email/", obj{}},
		{"/auth/login/code/", "login_code", "/auth/login/code/confirm/", obj{}},
		{"/auth/password/reset/", "reset", "/auth/password/reset/confirm/", obj{"new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}},
	} {
		c.Mails()
		c.Clock.Advance(time.Minute)
		c.Client().Post(flow.ask, obj{"email": "ann@example.com"}).Want(200)
		flow.form["email"], flow.form["code"] = "ann@example.com", c.Mail(flow.kind).Code(c.T)
		closed = true
		for range 6 {
			c.Client().Post(flow.path, flow.form).WantProblems("non_field_errors not_today")
		}
		closed = false
		c.Client().Post(flow.path, flow.form).Want(200)
	}
}

// loginCodeRemovesAddressesOfTheClaimant covers T114: addresses that the previous holder of the account had added are
// removed when the owner logs in with a code.
func loginCodeRemovesAddressesOfTheClaimant(c *Case) {
	c.StartMail(byCode)
	ann := c.SignedUp("ann")
	c.Mails()
	c.added(ann, "other@example.com")
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	c.Client().Post("/auth/login/code/confirm/", obj{"key": c.Mail("login_code").Key(c.T)}).Want(200)
	if n := c.count(&models.Email{}); n != 1 {
		c.Errorf("%d addresses", n)
	}
}
