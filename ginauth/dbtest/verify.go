package dbtest

import (
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var verifyCases = []func(*Case){
	VerifyByLink, VerifyByCode, VerifyMandatory, VerifyExpires, VerifyResend, VerifyCanLogIn, VerifyNoneSendsNothing,
	CodesAreTriedFiveTimes, MailsToAnAddressAreLimited, UsersWithoutMailAreAsBefore, VerifySurvivesAPasswordChange, RaceToVerify, RaceOfCodes,
}

// verified registers a user who then confirms his address.
func (c *Case) verified(name string) *authtest.Client {
	c.Helper()
	browser := c.signedUp(name)
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	return browser
}

func (c *Case) verify(key string) *authtest.Response {
	c.Helper()
	return c.client().Post("/auth/registration/verify-email/", obj{"key": key})
}

// verifyIn is verify in the browser of somebody who is logged in.
func verifyIn(browser *authtest.Client, key string) *authtest.Response {
	return browser.Post("/auth/registration/verify-email/", obj{"key": key})
}

func (c *Case) resend(address string) {
	c.Helper()
	c.client().Post("/auth/registration/resend-email/", obj{"email": address}).Want(200)
}

// emails lists the addresses of a user.
func emails(browser *authtest.Client) (all []binding.Email) {
	browser.Get("/auth/emails/").Want(200).JSON(&all)
	return all
}

// VerifyByLink covers T096 and T100: looking at a link spends nothing, using it does.
func VerifyByLink(c *Case) {
	c.startMail()
	ann := c.signedUp("ann") // logged in at once
	if all := emails(ann); len(all) != 1 || all[0].Verified || !all[0].Primary || all[0].Email != "ann@example.com" {
		c.Errorf("addresses after sign-up: %+v", all)
	}
	key := c.mail("verify").Key(c.T)
	for range 3 {
		for _, method := range []string{"GET", "HEAD"} {
			c.client().Do(method, "/auth/registration/verify-email/?key="+key, nil).Want(405)
			c.client().Do(method, "/auth/registration/verify-email/"+key+"/", nil).Want(404)
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
		c.client().Post("/auth/registration/verify-email/", missing).Want(400)
	}
	c.client().Post("/auth/registration/verify-email/", obj{"email": "ann@example.com"}).WantProblems("code required")
	c.client().Post("/auth/registration/verify-email/", obj{"code": "ABCD"}).WantProblems("email required")
}

// VerifyByCode: people type codes as they like.
func VerifyByCode(c *Case) {
	c.startMail()
	for name, typed := range map[string]func(string) string{
		"ann": func(code string) string { return code },
		"bob": func(code string) string { return lower(code[:4] + " " + code[5:]) },
	} {
		browser := c.signedUp(name)
		code := c.mail("verify").Code(c.T)
		proof := obj{"email": " " + name + "@EXAMPLE.com", "code": typed(code)}
		c.client().Post("/auth/registration/verify-email/", proof).Want(200)
		c.client().Post("/auth/registration/verify-email/", proof).WantCode(404, binding.CodeInvalidTicket)
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

func VerifyMandatory(c *Case) {
	c.startMail(mandatory)
	browser := c.client()
	r := browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if len(r.Cookies()) > 0 || c.count(&models.Session{}) > 0 {
		c.Errorf("sign-up logged in: %s", r.Text)
	}
	in := authtest.SignUp("bob")
	in.Email = ""
	c.client().Post("/auth/registration/", in).WantProblems("email blank")
	browser.Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors email_unverified")
	browser.Post("/auth/login/", obj{"username": "ann", "password": "wrong"}).WantProblems("non_field_errors invalid_credentials")
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	browser.Get("/auth/user/").Want(200)
}

// VerifyExpires covers T102: to the millisecond, and from when the mail went out (T211).
func VerifyExpires(c *Case) {
	c.startMail()
	c.signedUp("ann")
	c.Clock.Advance(20 * time.Hour) // the mail server is away
	key := c.mail("verify").Key(c.T)
	c.Clock.Advance(24*time.Hour - time.Millisecond)
	c.verify(key).Want(200)
	c.signedUp("bob")
	mail := c.mail("verify")
	c.Clock.Advance(10 * time.Minute)
	c.client().Post("/auth/registration/verify-email/", obj{"email": "bob@example.com", "code": mail.Code(c.T)}).
		WantCode(404, binding.CodeInvalidTicket)
	c.Clock.Advance(24*time.Hour - 10*time.Minute)
	c.verify(mail.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
}

// VerifyResend: within a minute the same link, later a new one that voids it.
func VerifyResend(c *Case) {
	c.startMail()
	c.signedUp("ann")
	first := c.mail("verify").Key(c.T)
	c.Clock.Advance(59 * time.Second)
	c.resend("Ann@example.com ")
	if again := c.mail("verify").Key(c.T); again != first {
		c.Errorf("after 59 seconds another link: %s and %s", first, again)
	}
	c.Clock.Advance(time.Second)
	c.resend("ann@example.com")
	second := c.mail("verify").Key(c.T)
	c.verify(first).WantCode(404, binding.CodeInvalidTicket)
	c.verify(second).Want(200)
	c.resend("ann@example.com") // confirmed
	c.resend("nobody@example.com")
	c.noMail()
	for _, bad := range []obj{{}, {"email": ""}, {"email": "nope"}, {"email": nil}} {
		c.client().Post("/auth/registration/resend-email/", bad).Want(400)
	}
}

// VerifyCanLogIn covers T111: where a link logs in, it throws nobody else out.
func VerifyCanLogIn(c *Case) {
	c.startMail(mandatory, func(cfg *config.Config) { cfg.LoginOnVerify = true })
	browser := c.client()
	browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	var out binding.LoginResponse
	browser.Post("/auth/registration/verify-email/", obj{"key": c.mail("verify").Key(c.T)}).Want(200).JSON(&out)
	if out.User == nil || out.User.Username != "ann" {
		c.Errorf("got %+v", out)
	}
	browser.Get("/auth/user/").Want(200)

	c.client().Post("/auth/registration/", authtest.SignUp("mallory")).Want(201)
	key := c.mail("verify").Key(c.T)
	browser.Post("/auth/registration/verify-email/", obj{"key": key}).Want(200).JSON(&out)
	var user binding.User
	browser.Get("/auth/user/").Want(200).JSON(&user)
	if user.Username != "ann" {
		c.Errorf("the link of somebody else logged in %s", user.Username)
	}
	c.loggedIn("mallory") // his address is confirmed all the same
}

func VerifyNoneSendsNothing(c *Case) {
	c.startMail(func(cfg *config.Config) { cfg.EmailVerification = config.VerifyNone })
	ann := c.signedUp("ann")
	c.noMail()
	id := emails(ann)[0].ID
	ann.Post(emailPath(id, "resend"), nil).Want(200)
	c.verify(c.mail("verify").Key(c.T)).Want(200)
}

// CodesAreTriedFiveTimes covers T109: the tries are counted whatever happens in between, and
// the link, which nobody guesses, stays good.
func CodesAreTriedFiveTimes(c *Case) {
	c.startMail()
	c.signedUp("ann")
	mail := c.mail("verify")
	try := func(code string) *authtest.Response {
		return c.client().Post("/auth/registration/verify-email/", obj{"email": "ann@example.com", "code": code})
	}
	for range 3 {
		try("BBBB-BBBB").WantCode(404, binding.CodeInvalidTicket)
	}
	c.resend("ann@example.com") // the same ticket, and the same count
	c.mail("verify")
	for range 2 {
		try("BBBB-BBBB").WantCode(404, binding.CodeInvalidTicket)
	}
	try(mail.Code(c.T)).WantCode(404, binding.CodeInvalidTicket)
	c.verify(mail.Key(c.T)).Want(200)
}

// MailsToAnAddressAreLimited covers T097: so many of a kind an hour. A ticket is always left,
// or one more mail goes out, so that nobody can keep the owner from getting in.
func MailsToAnAddressAreLimited(c *Case) {
	c.startMail()
	c.signedUp("ann")
	var last authtest.Mail
	kinds := map[string]int{}
	ask := func(times int) {
		for range times {
			for _, m := range c.mails() {
				kinds[m.Kind]++
				last = m
			}
			c.resend("ann@example.com")
			c.askReset("ann@example.com")
			c.Clock.Advance(61 * time.Second)
		}
	}
	ask(30)
	if kinds["verify"] != 5 || kinds["reset"] != 5 || len(kinds) != 2 {
		c.Errorf("mails in half an hour: %v", kinds)
	}
	ask(10)
	if kinds["verify"] != 5 || kinds["reset"] != 6 {
		c.Errorf("when no link was left: %v", kinds)
	}
	c.reset(last, "Mirror-Maze-88").Want(200)
}

// UsersWithoutMailAreAsBefore: without a mailer nothing of all this is there, and an
// unconfirmed address belongs to whoever had it first, since nobody can confirm it.
func UsersWithoutMailAreAsBefore(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	for _, path := range []string{"registration/verify-email", "registration/resend-email", "password/reset", "password/reset/confirm", "emails", "login/code", "security/revoke"} {
		ann.Post("/auth/"+path+"/", obj{}).Want(404)
	}
	in := authtest.SignUp("bob")
	in.Email = "ANN@example.com"
	c.client().Post("/auth/registration/", in).WantProblems("email taken")
	if n := c.count(&models.OutboxMail{}); n != 0 {
		c.Errorf("%d mails", n)
	}
}

// VerifySurvivesAPasswordChange: the link of the sign-up is no way in.
func VerifySurvivesAPasswordChange(c *Case) {
	c.startMail()
	ann := c.signedUp("ann")
	key := c.mail("verify").Key(c.T)
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	c.verify(key).Want(200)
}

// RaceToVerify covers T101: of many who redeem one ticket, one does.
func RaceToVerify(c *Case) {
	c.startMail()
	c.signedUp("ann")
	key := c.mail("verify").Key(c.T)
	got := c.together(16, func(int) *authtest.Response { return c.verify(key) })
	if got[200] != 1 || got[404] != 15 {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
}

// RaceOfCodes covers T109: of a burst of guesses five are looked at.
func RaceOfCodes(c *Case) {
	c.startMail()
	c.signedUp("ann")
	right := c.mail("verify").Code(c.T)
	got := c.together(40, func(int) *authtest.Response {
		return c.client().Post("/auth/registration/verify-email/", obj{"email": "ann@example.com", "code": "BBBB-BBBB"})
	})
	if got[404] != 40 {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
	c.client().Post("/auth/registration/verify-email/", obj{"email": "ann@example.com", "code": right}).Want(404)
}
