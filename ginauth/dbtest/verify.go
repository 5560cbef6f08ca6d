package dbtest

import (
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var verifyCases = Group{Name: "verify", Cases: []func(*Case){
	verifyByLink, verifyByCode, verifyMandatory, verifyExpires, verifyResend, verifyCanLogIn, verifyNoneSendsNothing,
	codesHaveFiveTries, mailRoutesNeedAMailer, verifySurvivesAPasswordChange, raceToVerify, raceOfCodes,
	slowLinkFailsWhenItsClaimEnds, addressOfManyClaimantsIsConfirmed, linkInTheOwnSessionKeepsThePassword, linkOfAnotherUserIsRefused,
	linkOfAStrangerTakesNoAccount, loginResponseHasTheConfirmedAddress, resendIsForSignUpsOnly, confirmedAddressBecomesPrimary,
}}

// verifyByLink covers T096 and T100: opening a link does not use it up, a POST does.
func verifyByLink(c *Case) {
	c.StartMail()
	ann := c.SignedUp("ann") // logged in at once
	if all := emails(ann); len(all) != 1 || all[0].Verified || !all[0].Primary || all[0].Email != "ann@example.com" {
		c.Errorf("addresses after sign-up: %+v", all)
	}
	key := c.Mail("verify").Key(c.T)
	for range 3 {
		for _, method := range []string{"GET", "HEAD"} {
			c.Client().Do(method, "/auth/registration/verify-email/?key="+key, nil).Want(405)
			c.Client().Do(method, "/auth/registration/verify-email/"+key+"/", nil).Want(404)
		}
	}
	c.verify(key[:len(key)-1]+"x").WantCode(404, binding.CodeInvalidTicket)
	c.verify(key+"x").WantCode(404, binding.CodeInvalidTicket)
	r := c.verify(key).Want(200)
	if len(r.Cookies()) > 0 {
		c.Errorf("it set %v", r.Cookies())
	}
	c.verify(key).WantCode(404, binding.CodeInvalidTicket)
	if all := emails(ann); !all[0].Verified {
		c.Errorf("addresses after the link: %+v", all)
	}
	for _, missing := range []obj{{}, {"key": ""}, {"key": nil}} {
		c.Client().Post("/auth/registration/verify-email/", missing).Want(400)
	}
	c.Client().Post("/auth/registration/verify-email/", obj{"email": "ann@example.com"}).WantProblems("code required")
	c.Client().Post("/auth/registration/verify-email/", obj{"code": "ABCD"}).WantProblems("email required")
}

// verifyByCode: users type codes in different forms.
func verifyByCode(c *Case) {
	c.StartMail()
	for name, typed := range map[string]func(string) string{
		"ann": func(code string) string { return code },
		"bob": func(code string) string { return lower(code[:4] + " " + code[5:]) },
	} {
		browser := c.SignedUp(name)
		code := c.Mail("verify").Code(c.T)
		proof := obj{"email": " " + name + "@EXAMPLE.com", "code": typed(code)}
		c.Client().Post("/auth/registration/verify-email/", proof).Want(200)
		c.Client().Post("/auth/registration/verify-email/", proof).WantCode(404, binding.CodeInvalidTicket)
		if !emails(browser)[0].Verified {
			c.Errorf("%s is not verified", name)
		}
	}
}

func lower(s string) string {
	b := []byte(s)
	for i := range b {
		if 'A' <= b[i] && b[i] <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

func verifyMandatory(c *Case) {
	c.StartMail(mandatory)
	browser := c.Client()
	r := browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if len(r.Cookies()) > 0 || c.count(&models.Session{}) > 0 {
		c.Errorf("sign-up logged in: %s", r.Text)
	}
	in := authtest.SignUp("bob")
	in.Email = ""
	c.Client().Post("/auth/registration/", in).WantProblems("email blank")
	browser.Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors email_unverified")
	browser.Post("/auth/login/", obj{"username": "ann", "password": "wrong"}).WantProblems("non_field_errors invalid_credentials")
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	browser.Get("/auth/user/").Want(200)
}

// verifyExpires covers T102: to the millisecond, counted from when the mail was sent (T211).
func verifyExpires(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	c.Clock.Advance(20 * time.Hour) // the mail server is down
	key := c.Mail("verify").Key(c.T)
	c.Clock.Advance(24*time.Hour - time.Millisecond)
	c.verify(key).Want(200)
	c.SignedUp("bob")
	mail := c.Mail("verify")
	c.Clock.Advance(10 * time.Minute)
	c.Client().Post("/auth/registration/verify-email/", obj{"email": "bob@example.com", "code": mail.Code(c.T)}).
		WantCode(404, binding.CodeInvalidTicket)
	c.Clock.Advance(24*time.Hour - 10*time.Minute)
	c.verify(mail.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
}

// verifyResend: within a minute it sends the same link, later a new one that replaces it.
func verifyResend(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	first := c.Mail("verify").Key(c.T)
	c.Clock.Advance(59 * time.Second)
	c.resend("Ann@example.com ")
	if again := c.Mail("verify").Key(c.T); again != first {
		c.Errorf("a different link after 59 seconds: %s and %s", first, again)
	}
	c.Clock.Advance(time.Second)
	c.resend("ann@example.com")
	second := c.Mail("verify").Key(c.T)
	c.verify(first).WantCode(404, binding.CodeInvalidTicket)
	c.verify(second).Want(200)
	c.resend("ann@example.com") // already confirmed
	c.resend("nobody@example.com")
	c.NoMail()
	for _, bad := range []obj{{}, {"email": ""}, {"email": "nope"}, {"email": nil}} {
		c.Client().Post("/auth/registration/resend-email/", bad).Want(400)
	}
}

// verifyCanLogIn covers T111: with LoginOnVerify, a link does not end another user's session.
func verifyCanLogIn(c *Case) {
	c.StartMail(mandatory, func(cfg *config.Config) { cfg.LoginOnVerify = true })
	browser := c.Client()
	browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	var out binding.LoginResponse
	browser.Post("/auth/registration/verify-email/", obj{"key": c.Mail("verify").Key(c.T)}).Want(200).JSON(&out)
	if out.User == nil || out.User.Username != "ann" {
		c.Errorf("got %+v", out)
	}
	browser.Get("/auth/user/").Want(200)

	c.Client().Post("/auth/registration/", authtest.SignUp("mallory")).Want(201)
	key := c.Mail("verify").Key(c.T)
	browser.Post("/auth/registration/verify-email/", obj{"key": key}).Want(200).JSON(&out)
	var user binding.User
	browser.Get("/auth/user/").Want(200).JSON(&user)
	if user.Username != "ann" {
		c.Errorf("another user's link logged in %s", user.Username)
	}
	c.LoggedIn("mallory") // the address is confirmed nevertheless
}

func verifyNoneSendsNothing(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.EmailVerification = config.VerifyNone })
	ann := c.SignedUp("ann")
	c.NoMail()
	id := emails(ann)[0].ID
	ann.Post(emailPath(id, "resend"), nil).Want(200)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
}

// codesHaveFiveTries covers T109: the tries are counted no matter what happens between them. The link cannot be
// guessed and stays valid.
func codesHaveFiveTries(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	mail := c.Mail("verify")
	try := func(code string) *authtest.Response {
		return c.Client().Post("/auth/registration/verify-email/", obj{"email": "ann@example.com", "code": code})
	}
	for range 3 {
		try("BBBB-BBBB").WantCode(404, binding.CodeInvalidTicket)
	}
	c.resend("ann@example.com") // the same ticket with the same count
	c.Mail("verify")
	for range 2 {
		try("BBBB-BBBB").WantCode(404, binding.CodeInvalidTicket)
	}
	try(mail.Code(c.T)).WantCode(404, binding.CodeInvalidTicket)
	c.verify(mail.Key(c.T)).Want(200)
}

// mailRoutesNeedAMailer: without a mailer these routes do not exist. An unconfirmed address belongs to the first account
// that has it, since no user can confirm one.
func mailRoutesNeedAMailer(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	for _, path := range []string{"registration/verify-email", "registration/resend-email", "password/reset", "password/reset/confirm", "emails", "login/code", "security/revoke"} {
		ann.Post("/auth/"+path+"/", obj{}).Want(404)
	}
	in := authtest.SignUp("bob")
	in.Email = "ANN@example.com"
	c.Client().Post("/auth/registration/", in).WantProblems("email taken")
	if n := c.count(&models.OutboxMail{}); n != 0 {
		c.Errorf("%d mails", n)
	}
}

// verifySurvivesAPasswordChange: the link of a sign-up does not log in.
func verifySurvivesAPasswordChange(c *Case) {
	c.StartMail()
	ann := c.SignedUp("ann")
	key := c.Mail("verify").Key(c.T)
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	c.verify(key).Want(200)
}

// raceToVerify covers T101: of concurrent requests with one ticket, one succeeds.
func raceToVerify(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	key := c.Mail("verify").Key(c.T)
	got := c.concurrently(16, func(int) *authtest.Response { return c.verify(key) })
	if got[200] != 1 || got[404] != 15 {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
}

// raceOfCodes covers T109: of concurrent guesses, five are compared.
func raceOfCodes(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	right := c.Mail("verify").Code(c.T)
	got := c.concurrently(40, func(int) *authtest.Response {
		return c.Client().Post("/auth/registration/verify-email/", obj{"email": "ann@example.com", "code": "BBBB-BBBB"})
	})
	if got[404] != 40 {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
	c.Client().Post("/auth/registration/verify-email/", obj{"email": "ann@example.com", "code": right}).Want(404)
}
