package dbtest

// Users who must have a second factor, and have none.

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// forStaff is the policy of most cases.
func forStaff(a models.Account) bool { return a.Base().IsStaff }

// startRequired starts an application whose staff needs a second factor at once.
func (c *Case) startRequired(change ...func(*config.Config)) {
	c.Helper()
	c.With(mfa.Feature(mfa.Options{RequireFor: forStaff})).StartMail(change...)
}

// mustSetUp wants a challenge to set up a factor, without a credential, and returns its token.
func (c *Case) mustSetUp(r *authtest.Response) string {
	c.Helper()
	var out binding.Challenge
	if r.JSON(&out); !out.MFARequired || !out.SetupRequired || out.EphemeralToken == "" || len(out.Factors) > 0 || strings.Contains(r.Text, `"user"`) || r.StatusCode > 201 {
		c.Fatalf("%d %s", r.StatusCode, r.Text)
	}
	return out.EphemeralToken
}

// beginSetup asks for a secret, and returns the body of the confirmation, with the code of the mail if there is one.
func (c *Case) beginSetup(browser *authtest.Client, token string, mailed bool) obj {
	c.Helper()
	c.Mails()
	var out mfa.Setup
	browser.Post("/auth/mfa/setup/", obj{"ephemeral_token": token}).Want(200).JSON(&out)
	if out.EmailCode != mailed {
		c.Errorf("email_code_required is %v", out.EmailCode)
	}
	body := obj{"ephemeral_token": token, "activation_token": out.ActivationToken, "code": c.TOTPWith(c.T, out.Secret).At(c.Clock.Now())}
	if mailed {
		body["email_code"] = c.Mail("mfa_code").Code(c.T)
	} else {
		c.NoMail()
	}
	return body
}

// requiredFactorsAreSetUpAtLogin: the password alone does not enrol its thief.
func requiredFactorsAreSetUpAtLogin(c *Case) {
	c.startRequired(audited)
	c.verified("ann")
	c.set("ann", obj{"is_staff": true})
	c.verified("bob")
	c.LoggedIn("bob").Get("/auth/user/").Want(200)
	browser := c.Client()
	token := c.mustSetUp(browser.Post("/auth/login/", authtest.Login("ann")))
	browser.Get("/auth/user/").Want(401)
	c.leadsNowhere(browser, token)
	browser.Post("/auth/mfa/setup/", obj{"ephemeral_token": "x"}).WantProblems("ephemeral_token ticket_not_valid")
	body := c.beginSetup(browser, token, true)
	with := func(field string, value any) obj {
		out := obj{field: value}
		for k, v := range body {
			if _, set := out[k]; !set {
				out[k] = v
			}
		}
		return out
	}
	confirm := func(body obj) *authtest.Response { return browser.Post("/auth/mfa/setup/confirm/", body) }
	confirm(with("email_code", "")).WantProblems("email_code required")
	confirm(with("email_code", "2222-2222")).WantProblems("email_code ticket_not_valid")
	confirm(with("code", "000000")).WantProblems("code factor_not_valid")
	confirm(with("activation_token", "x")).WantProblems("activation_token activation_token_not_valid")
	confirm(with("ephemeral_token", "x")).WantProblems("ephemeral_token ticket_not_valid")
	if n := c.count(&mfa.TOTP{}); n != 0 || c.user("ann").Factors != "" {
		c.Fatalf("%d apps", n)
	}
	confirm(body).Want(200)
	if got := provenIn(c, browser); got != "password [mfa otp pwd] aal2 0s" {
		c.Errorf("the session has proven %s", got)
	}
	c.lastMail("totp_on")
	confirm(body).WantProblems("ephemeral_token ticket_not_valid")
	var codes mfa.Codes
	browser.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200).JSON(&codes)
	c.sendCode(c.Client(), "ann", codes.Codes[0]).Want(200)
	events, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: c.user("ann").ID, Names: []config.EventName{"totp_on"}})
	if err != nil || len(events) != 1 {
		c.Errorf("%v, %v", events, err)
	}
}

// requiredFactorsCloseSessions that are older than the policy, and programs, except to read and to log out.
func requiredFactorsCloseSessions(c *Case) {
	c.startRequired(withEachCredential)
	browser := c.verified("ann")
	own := func(browser *authtest.Client, status int) {
		c.Helper()
		if got := c.own(browser, "/need/user").StatusCode; got != status {
			c.Errorf("a route of the application returns %d, want %d", got, status)
		}
	}
	c.Router.POST("/need/user", c.Auth.RequireUser(), func(g *gin.Context) { g.Status(http.StatusNoContent) })
	var made struct{ Key string }
	browser.Post("/auth/tokens/", obj{"name": "ci"}).Want(201).JSON(&made)
	var pair struct{ Access, Refresh string }
	c.Client().Do("POST", "/auth/login/", authtest.Login("ann"), "Auth-Credential", "jwt").Want(200).JSON(&pair)
	own(browser, 204)
	c.set("ann", obj{"is_staff": true})
	own(browser, 403)
	for _, client := range []*authtest.Client{browser, c.byToken(pair.Access)} {
		client.Get("/auth/user/").Want(200)
		client.Get("/auth/mfa/status/").Want(200)
		client.Get("/auth/sessions/").WantCode(403, "factor_setup_by_login")
		client.Patch("/auth/user/", obj{"first_name": "A"}).WantCode(403, "factor_setup_by_login")
		client.Get("/auth/mfa/totp/activate/").WantCode(403, "factor_setup_by_login")
		client.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).WantCode(403, "factor_setup_by_login")
		client.Post("/auth/tokens/", obj{"name": "x", "password": authtest.Password}).WantCode(403, "factor_setup_by_login")
		client.Post("/auth/password/change/", obj{"old_password": authtest.Password, "new_password1": "another good one", "new_password2": "another good one"}).
			WantCode(403, "factor_setup_by_login")
	}
	own(c.byToken(made.Key), 403)
	own(c.byToken(pair.Access), 403)
	c.Client().Post("/auth/token/refresh/", obj{"refresh": pair.Refresh}).WantCode(403, "factor_setup_by_login")
	c.Client().Post("/auth/token/verify/", obj{"token": pair.Access}).WantCode(403, "factor_setup_by_login")
	browser.Clone().Post("/auth/logout/", nil).Want(200)
	again := c.Client()
	again.Post("/auth/mfa/setup/confirm/", c.beginSetup(again, c.mustSetUp(again.Post("/auth/login/", authtest.Login("ann"))), true)).Want(200)
	c.Client().Post("/auth/token/refresh/", obj{"refresh": pair.Refresh}).Want(401) // older sessions ended
	own(again, 204)
}

// requiredFactorsAtEveryDoor: each login of any kind, for each kind of credential. A login that began with a mail needs no other one.
func requiredFactorsAtEveryDoor(c *Case) {
	idp := socialtest.New(c.T)
	c.With(mfa.Feature(mfa.Options{RequireFor: forStaff}), idp.Feature(acme())).StartMail(withEachCredential, byCode, func(cfg *config.Config) {
		cfg.LoginOnReset = true
	})
	c.connect(idp, c.verified("ann"), socialtest.Claims{"sub": "1004"})
	c.set("ann", obj{"is_staff": true})
	account := c.user("ann")
	c.ownRoutes(func() models.Account { return &account })
	mail := func(path, kind string) authtest.Mail {
		c.Client().Post(path, obj{"email": "ann@example.com"}).Want(200)
		return c.lastMail(kind)
	}
	for name, door := range map[string]struct {
		enter  func(*authtest.Client) *authtest.Response
		byMail bool
	}{
		"password":    {func(b *authtest.Client) *authtest.Response { return b.Post("/auth/login/", authtest.Login("ann")) }, false},
		"provider":    {func(b *authtest.Client) *authtest.Response { return c.byAcme(idp, b, socialtest.Claims{"sub": "1004"}) }, false},
		"application": {func(b *authtest.Client) *authtest.Response { return c.own(b, "/enter") }, false},
		"link": {func(b *authtest.Client) *authtest.Response {
			return b.Post("/auth/login/code/confirm/", obj{"key": mail("/auth/login/code/", "login_code").Key(c.T)})
		}, true},
		"reset": {func(b *authtest.Client) *authtest.Response {
			reset := mail("/auth/password/reset/", "reset")
			return b.Post("/auth/password/reset/confirm/", obj{"uid": reset.UID(c.T), "token": reset.Key(c.T), "new_password1": authtest.Password, "new_password2": authtest.Password})
		}, true},
	} {
		for _, credential := range []string{"cookie", "token", "jwt"} {
			browser := c.Client()
			browser.Header.Set("Auth-Credential", credential)
			c.Clock.Advance(time.Hour) // more mails to the address
			token := c.mustSetUp(door.enter(browser))
			browser.Get("/auth/user/").Want(401)
			body := c.beginSetup(browser, token, !door.byMail)
			if browser.Header.Get("Auth-Credential") == "cookie" {
				c.Client().Post("/auth/mfa/setup/confirm/", body).WantProblems("ephemeral_token ticket_not_valid") // another browser
			}
			browser.Post("/auth/mfa/setup/confirm/", body).Want(200)
			if err := mfa.Reset(c.Context(), c.Auth, account.ID); err != nil {
				c.Fatal(name, err)
			}
			account = c.user("ann")
		}
	}
}

// graceEndsForEachUser: from RequireFrom for users who are older, from their sign-up for others.
func graceEndsForEachUser(c *Case) {
	from := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	c.With(mfa.Feature(mfa.Options{RequireFor: func(models.Account) bool { return true }, RequireFrom: from, RequireGrace: 48 * time.Hour})).StartMail()
	old := c.verified("ann")
	status := func(browser *authtest.Client) string {
		c.Helper()
		var out mfa.Status
		browser.Get("/auth/mfa/status/").Want(200).JSON(&out)
		return fmt.Sprint(out.Required, " ", out.RequiredAt)
	}
	if got := status(old); got != "true 2030-01-03 00:00:00 +0000 UTC" {
		c.Errorf("status %s", got)
	}
	c.Clock.Advance(from.Sub(c.Clock.Now()) + 47*time.Hour)
	ann := c.LoggedIn("ann")
	c.Mails()
	bob := c.verified("bob")
	c.Clock.Advance(time.Hour)
	ann.Get("/auth/sessions/").WantCode(403, "factor_setup_by_login")
	c.mustSetUp(c.Client().Post("/auth/login/", authtest.Login("ann")))
	bob.Get("/auth/sessions/").Want(200)
	bob.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	c.TOTP(c.T, bob) // in time, without a mailed code
	c.Clock.Advance(48 * time.Hour)
	c.asksForCode(c.Client().Post("/auth/login/", authtest.Login("bob")))
}

// signUpsSetUpAtOnce if there is no grace, without a mail: no one else can know the password yet.
func signUpsSetUpAtOnce(c *Case) {
	c.With(mfa.Feature(mfa.Options{RequireFor: func(models.Account) bool { return true }})).StartMail()
	browser := c.Client()
	token := c.mustSetUp(browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201))
	browser.Get("/auth/user/").Want(401)
	browser.Post("/auth/mfa/setup/confirm/", c.beginSetup(browser, token, false)).Want(200)
	browser.Get("/auth/user/").Want(200)
	later := c.Client()
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).Want(201)
	token = c.mustSetUp(later.Post("/auth/login/", authtest.Login("bob"))) // the mail goes to the address, which is not confirmed
	later.Post("/auth/mfa/setup/confirm/", c.beginSetup(later, token, true)).Want(200)
}

// signUpsByProvidersSetUpAtOnce, as those with a password do, even without an address. A later login of the same user is no sign-up.
func signUpsByProvidersSetUpAtOnce(c *Case) {
	idp := socialtest.New(c.T)
	c.With(mfa.Feature(mfa.Options{RequireFor: func(models.Account) bool { return true }}), idp.Feature(acme())).StartMail()
	browser, later := c.Client(), c.Client()
	token := c.mustSetUp(c.byAcme(idp, browser, socialtest.Claims{"sub": "1004", "preferred_username": "ann"}))
	late := c.mustSetUp(c.byAcme(idp, later, socialtest.Claims{"sub": "1004"}))
	later.Post("/auth/mfa/setup/", obj{"ephemeral_token": late}).WantCode(403, "no_address_for_code")
	browser.Post("/auth/mfa/setup/confirm/", c.beginSetup(browser, token, false)).Want(200)
	browser.Get("/auth/user/").Want(200)
}

func usersWithoutAddressCannotSetUp(c *Case) {
	c.startRequired()
	if err := c.Auth.CreateUser(c.Context(), &models.User{Username: "ann", IsStaff: true}, authtest.Password); err != nil {
		c.Fatal(err)
	}
	browser := c.Client()
	token := c.mustSetUp(browser.Post("/auth/login/", authtest.Login("ann")))
	for _, lang := range []string{"en", "de", "fr", "es", "pt", "zh", "ja"} {
		browser.Do("POST", "/auth/mfa/setup/", obj{"ephemeral_token": token}, "Accept-Language", lang).WantCode(403, "no_address_for_code")
	}
}

// takeoversOfRequiredUsersSetUp: the work of a login removes a stranger's factor, and the owner sets up another one (T114).
func takeoversOfRequiredUsersSetUp(c *Case) {
	c.With(mfa.Feature(mfa.Options{RequireFor: forStaff})).StartMail(func(cfg *config.Config) { cfg.LoginOnReset = true })
	stranger := c.SignedUp("ann")
	c.TOTP(c.T, stranger)
	c.set("ann", obj{"is_staff": true})
	c.Mails()
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	reset, owner := c.Mail("reset"), c.Client()
	token := c.mustSetUp(owner.Post("/auth/password/reset/confirm/", obj{
		"uid": reset.UID(c.T), "token": reset.Key(c.T), "new_password1": "another good one", "new_password2": "another good one",
	}))
	if c.user("ann").Factors != "" || c.count(&models.Session{}) != 0 {
		c.Error("the stranger is still in")
	}
	owner.Post("/auth/mfa/setup/confirm/", c.beginSetup(owner, token, false)).Want(200)
}

func requiredSettingsAreChecked(c *Case) {
	c.With(mfa.Feature(mfa.Options{RequireFor: forStaff})).StartMail(production, withJWT, func(cfg *config.Config) { cfg.JWT.Stateless = true })
	c.says(c.found(c.Auth), "whose grace has ended", "mfa.Options")
	silent := c.Auth.Config()
	silent.Mail, silent.EmailVerification = config.Mail{}, config.VerifyNone
	for name, with := range map[string]mfa.Options{
		"RequireFor must be set": {RequireGrace: time.Hour}, "RequireGrace must not": {RequireFor: forStaff, RequireGrace: time.Hour}, "RequireFor needs Mail.Sender": {RequireFor: forStaff},
	} {
		cfg := c.Auth.Config()
		if strings.HasSuffix(name, "Sender") {
			cfg = silent
		}
		setting, _, _ := strings.Cut(name, " ")
		if _, err := ginauth.New(c.DB, cfg, mfa.Feature(with)); err == nil || !strings.Contains(err.Error(), "mfa.Options."+setting) {
			c.Errorf("%s: %v", name, err)
		}
	}
}
