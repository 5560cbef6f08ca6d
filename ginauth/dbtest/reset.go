package dbtest

import (
	"context"
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var resetCases = Group{Name: "reset", Cases: []func(*Case){
	resetEndsAllCredentials, resetByCode, resetRefusesWeakPasswords, resetForUsersOfEveryKind, resetCanLogIn,
	outdatedTicketsAreInvalid, ticketsAreForOnePurpose, raceToReset, resetNoticeHasAWorkingLink, linksCanComeWithAnAddress,
	slowResetFailsWhenItsClaimEnds, resetTakesOverAClaimedAccount, resetOpensTheFirstClaim, concurrentResetsShareATicket,
	resetLinkIgnoresTheHostHeader, invitedUserSetsAPassword,
	resetRemovesPasskeysOfStrangers, resetRemovesAccountsOfStrangers, noticesRemoveWhatStrangersAddLater, resetKeepsWhatTheOwnerSetUp, linksKeepPasskeysOfSignUps,
	resetKeepsFactorsAfterASecondConfirmation, operatorsDoNotVouchForStrangers,
}}

// resetEndsAllCredentials covers T038 and T100: sessions, tokens and the link itself.
func resetEndsAllCredentials(c *Case) {
	c.StartMail(withEverything)
	ann := c.verified("ann")
	key, personal := c.tokenOf("ann"), c.personal(ann, obj{"name": "backup"}).Key
	tokenPair := c.tokenPairOf("ann")
	c.Mails()
	c.askReset("ANN@example.com")
	mail := c.Mail("reset")
	r := c.reset(mail, "Mirror-Maze-88").Want(200)
	if len(r.Cookies()) > 0 {
		c.Errorf("it set %v", r.Cookies())
	}
	c.Mail("password_changed")
	ann.Get("/auth/user/").Want(401)
	for _, token := range []string{key, personal, tokenPair.Access} {
		c.byToken(token).Get("/auth/user/").Want(401)
	}
	c.refresh(tokenPair.Refresh).Want(401)
	c.reset(mail, "Mirror-Maze-89").WantProblems("token ticket_not_valid")
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
}

func resetByCode(c *Case) {
	c.StartMail()
	c.verified("ann")
	c.askReset("ann@example.com")
	code := c.Mail("reset").Code(c.T)
	form := obj{"email": "ann@example.com", "code": "BBBB-BBBB", "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}
	c.Client().Post("/auth/password/reset/confirm/", form).WantProblems("code ticket_not_valid")
	form["code"] = code
	c.Client().Post("/auth/password/reset/confirm/", form).Want(200)
	c.Client().Post("/auth/password/reset/confirm/", form).WantProblems("code ticket_not_valid")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
}

// resetRefusesWeakPasswords: an invalid new password uses up neither link nor code.
func resetRefusesWeakPasswords(c *Case) {
	c.StartMail()
	c.verified("ann")
	c.askReset("ann@example.com")
	mail := c.Mail("reset")
	c.Client().Post("/auth/password/reset/confirm/", obj{}).
		WantProblems("uid required", "token required", "new_password1 required", "new_password2 required")
	form := resetForm(mail.UID(c.T), mail.Key(c.T), "Mirror-Maze-88")
	form["new_password2"] = "Mirror-Maze-89"
	c.Client().Post("/auth/password/reset/confirm/", form).WantProblems("new_password2 password_mismatch")
	c.reset(mail, "123").WantProblems("new_password2 password_too_short", "new_password2 password_numeric")
	c.reset(mail, "ann@example.com").WantProblems("new_password2 password_too_similar")
	byCode := func(password string) *authtest.Response {
		return c.Client().Post("/auth/password/reset/confirm/", obj{
			"email": "ann@example.com", "code": mail.Code(c.T), "new_password1": password, "new_password2": password,
		})
	}
	for range 6 {
		byCode("12345678").WantProblems("new_password2 password_too_common", "new_password2 password_numeric")
		byCode("ann@example.com").WantProblems("new_password2 password_too_similar")
	}
	byCode("Mirror-Maze-88").Want(200)
}

// resetNoticeHasAWorkingLink: the link in the notice of a reset works, also if the reset itself confirmed the address.
func resetNoticeHasAWorkingLink(c *Case) {
	c.StartMail()
	c.verified("bob")
	c.SignedUp("ann")
	c.Mails()
	for _, name := range []string{"ann", "bob"} {
		c.askReset(name + "@example.com")
		c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
		c.Client().Post("/auth/security/revoke/", obj{"key": c.Mail("password_changed").Key(c.T)}).Want(200)
		c.Mail("secured")
	}
}

// linksCanComeWithAnAddress: a link works if the request has an address as well, as in dj-rest-auth, which ignores
// fields that it does not know.
func linksCanComeWithAnAddress(c *Case) {
	c.StartMail()
	c.SignedUp("ann")
	verify := obj{"key": c.Mail("verify").Key(c.T), "email": "ann@example.com"}
	c.Client().Post("/auth/registration/verify-email/", verify).Want(200)
	c.askReset("ann@example.com")
	mail := c.Mail("reset")
	form := resetForm(mail.UID(c.T), mail.Key(c.T), "Mirror-Maze-88")
	form["email"] = "ann@example.com"
	c.Client().Post("/auth/password/reset/confirm/", form).Want(200)
	c.Client().Post("/auth/password/reset/confirm/", obj{"email": "ann@example.com", "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}).
		WantProblems("code required")
}

// resetForUsersOfEveryKind covers T113: which users get a mail to reset the password.
func resetForUsersOfEveryKind(c *Case) {
	c.StartMail()
	c.verified("inactive")
	c.set("inactive", obj{"is_active": false})
	c.askReset("inactive@example.com")
	c.NoMail()

	ann := c.verified("ann")
	ann.Post("/auth/emails/", obj{"email": "second@example.com"}).Want(201)
	second := c.Mail("verify").Key(c.T)
	c.askReset("second@example.com") // not confirmed, and ann has a confirmed address
	c.NoMail()
	verifyIn(ann, second).Want(200)
	c.Mail("email_added")
	c.askReset("second@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	c.Mail("password_changed")

	c.set("ann", obj{"password": "!unusable"})
	c.askReset("ann@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-89").Want(200)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-89"}).Want(200)
}

// resetCanLogIn covers T108: with the setting, a reset is a login like any other.
func resetCanLogIn(c *Case) {
	c.StartMail(mandatory, withEverything, func(cfg *config.Config) { cfg.LoginOnReset = true })
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.Mail("verify")
	c.askReset("ann@example.com")
	mail := c.Mail("reset")
	browser := c.Client()
	var out binding.LoginResponse
	browser.Post("/auth/password/reset/confirm/", resetForm(mail.UID(c.T), mail.Key(c.T), "Mirror-Maze-88")).Want(200).JSON(&out)
	browser.Get("/auth/user/").Want(200)
	c.byToken(out.Access).Get("/auth/user/").Want(200)
	c.byToken(out.Key).Get("/auth/user/").Want(200)
	if !emails(browser)[0].Verified {
		c.Error("the address is not confirmed")
	}
}

// outdatedTicketsAreInvalid covers T103: each event that makes a link invalid.
func outdatedTicketsAreInvalid(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.LoginByCode = true })
	for i, event := range []func(name string, browser *authtest.Client){
		func(name string, _ *authtest.Client) { c.LoggedIn(name) },
		func(_ string, browser *authtest.Client) {
			browser.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
		},
		func(name string, _ *authtest.Client) {
			if err := c.Auth.SetActive(context.Background(), c.user(name).ID, false); err != nil {
				c.Fatal(err)
			}
		},
		func(name string, _ *authtest.Client) { // deactivated, and active again
			for _, active := range []bool{false, true} {
				if err := c.Auth.SetActive(context.Background(), c.user(name).ID, active); err != nil {
					c.Fatal(err)
				}
			}
		},
		func(string, *authtest.Client) { c.Clock.Advance(30 * time.Minute) },
		func(_ string, browser *authtest.Client) {
			browser.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
		},
	} {
		name := fmt.Sprintf("user%d", i)
		browser := c.verified(name)
		c.Clock.Advance(time.Second)
		c.askReset(name + "@example.com")
		reset := c.Mail("reset")
		c.Client().Post("/auth/login/code/", obj{"email": name + "@example.com"}).Want(200)
		login := c.Mail("login_code")
		event(name, browser)
		c.reset(reset, "Mirror-Maze-99").WantProblems("token ticket_not_valid")
		c.Client().Post("/auth/login/code/confirm/", obj{"key": login.Key(c.T)}).WantProblems("key ticket_not_valid")
		c.Mails()
	}
}

// ticketsAreForOnePurpose covers T104: every ticket is sent to every route but its own.
func ticketsAreForOnePurpose(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.LoginByCode = true })
	c.SignedUp("ann")
	keys := map[string]string{"verify": c.Mail("verify").Key(c.T)}
	c.LoggedIn("ann")
	keys["notice"] = c.Mail("new_device").Key(c.T)
	c.askReset("ann@example.com")
	reset := c.Mail("reset")
	keys["reset"] = reset.UID(c.T) + reset.Key(c.T)
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	keys["login"] = c.Mail("login_code").Key(c.T)
	doors := map[string]func(key string) *authtest.Response{
		"verify": func(key string) *authtest.Response { return c.verify(key) },
		"reset": func(key string) *authtest.Response {
			return c.Client().Post("/auth/password/reset/confirm/", resetForm(key[:26], key[26:], "Mirror-Maze-88"))
		},
		"login": func(key string) *authtest.Response {
			return c.Client().Post("/auth/login/code/confirm/", obj{"key": key})
		},
		"notice": func(key string) *authtest.Response { return c.Client().Post("/auth/security/revoke/", obj{"key": key}) },
	}
	for mine, key := range keys {
		for door, open := range doors {
			if door == mine {
				continue
			}
			if r := open(key); r.StatusCode != 400 && r.StatusCode != 404 {
				c.Errorf("a ticket to %s opens %s: %d", mine, door, r.StatusCode)
			}
		}
	}
	for _, garbage := range []string{"", " ", "0", "null", keys["verify"][:26], "\x00", "é"} { // T107
		for door, open := range map[string]func(string) *authtest.Response{"verify": doors["verify"], "login": doors["login"], "notice": doors["notice"]} {
			if r := open(garbage); r.StatusCode != 400 && r.StatusCode != 404 {
				c.Errorf("%q at %s: %d", garbage, door, r.StatusCode)
			}
		}
		c.Client().Post("/auth/password/reset/confirm/", resetForm(garbage, garbage, "Mirror-Maze-88")).Want(400)
	}
	for _, door := range []string{"verify", "login"} { // after all that, each ticket works on its own route
		doors[door](keys[door]).Want(200)
	}
}

// raceToReset covers T101: one password is set, and it is the one whose request succeeded.
func raceToReset(c *Case) {
	c.StartMail()
	c.verified("ann")
	c.askReset("ann@example.com")
	mail := c.Mail("reset")
	winner := make(chan int, 16)
	got := c.concurrently(16, func(i int) *authtest.Response {
		r := c.reset(mail, fmt.Sprintf("Mirror-Maze-%d", i))
		if r.StatusCode == 200 {
			winner <- i
		}
		return r
	})
	if got[200] != 1 || got[400] != 15 {
		c.Fatalf("got %v; log: %s", got, c.Log)
	}
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": fmt.Sprintf("Mirror-Maze-%d", <-winner)}).Want(200)
}
