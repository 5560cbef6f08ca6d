package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var callsCases = Group{Name: "calls", Cases: []func(*Case){
	logInDoesWhatALoginDoes, logInHasTheRulesOfALogin, logInWithTokens, logInOnGetGivesCookies, logOutDoesWhatALogoutDoes,
	setPasswordEndsAllCredentials, setPasswordIsChecked, endSessionsOfAUser, deleteUserDeletesAllRows,
	callsWithAnUnknownUser, callsRejectNil, requireAsChecksTheOwnType,
	banClosesEveryDoor, banIsASecretOfItsUser, reasonOfABanIsForOperators, unbanEndsABan, banThatIsRefusedChangesNothing, bannedWhileLoggingIn, backendsAreAskedAfterABan, bannedUsersGetAMail, bansMailOwnersOnly, banHoldsADeletion, banClosesTheDoorsOfFeatures,
	bannedBeforeTheSecondFactor, bansOfUsersOfABackend, readyNeedsTheDatabaseAndItsMigrations, readyEndsInTime,
}}

// ownRoutes adds routes of the application that log in and out.
func (c *Case) ownRoutes(account func() models.Account) {
	c.Router.POST("/enter", func(g *gin.Context) {
		body, err := c.Auth.LogIn(g, account())
		if err != nil {
			c.Auth.Fail(g, err)
			return
		}
		g.JSON(http.StatusOK, body)
	})
	c.Router.POST("/leave", func(g *gin.Context) {
		if err := c.Auth.LogOut(g); err != nil {
			c.Auth.Fail(g, err)
			return
		}
		g.Status(http.StatusNoContent)
	})
}

// own sends a request to a route of the application.
func (c *Case) own(browser *authtest.Client, path string, headers ...string) *authtest.Response {
	return browser.Do("POST", path, nil, headers...)
}

// logInDoesWhatALoginDoes: the response, cookies, hooks, session and notice are those of POST login/.
func logInDoesWhatALoginDoes(c *Case) {
	var d hookLog
	c.StartMail(d.install, func(cfg *config.Config) {
		cfg.Views = config.Views{config.UserView(func(u binding.User, m *models.User) obj { return obj{"name": m.Username} })}
	})
	c.verified("ann")
	ann := c.user("ann")
	c.ownRoutes(func() models.Account { return &models.User{ID: ann.ID} })
	c.LoggedIn("ann")
	c.Mails()
	d.take()
	c.Clock.Advance(time.Second)
	browser := c.browser()
	r := c.own(browser, "/enter").Want(200)
	if r.Text != `{"user":{"name":"ann"}}` || r.Header.Get("Cache-Control") != "no-store" {
		c.Errorf("answered %s with %v", r.Text, r.Header)
	}
	if got := d.take(); got != "before login ann by application, after login ann by application" {
		c.Errorf("got %q", got)
	}
	if m := c.Mail("new_device"); m.To != "ann@example.com" {
		c.Errorf("mailed to %s", m.To)
	}
	browser.Get("/auth/user/").Want(200)
	var all []binding.Session
	browser.Get("/auth/sessions/").Want(200).JSON(&all)
	if len(all) != 3 || !all[0].Current || all[0].Method != "application" {
		c.Errorf("sessions %+v", all)
	}
}

// logInHasTheRulesOfALogin: LogIn fails whenever POST login/ would.
func logInHasTheRulesOfALogin(c *Case) {
	var who models.Account
	c.StartMail(mandatory, func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if e.User.Base().Username == "eve" {
				return &binding.Error{Status: 403, Code: "no_eve"}
			}
			return nil
		}
	})
	c.ownRoutes(func() models.Account { return who })
	for _, name := range []string{"ann", "eve"} {
		c.owner(name, name+"@example.com")
		if err := c.Auth.ConfirmEmail(c.Context(), c.user(name).ID, name+"@example.com"); err != nil {
			c.Fatal(err)
		}
	}
	c.Client().Post("/auth/registration/", authtest.SignUp("pending")).Want(201)
	enter := func(name string, headers ...string) *authtest.Response {
		user := c.user(name)
		who = &user
		browser := c.browser()
		r := c.own(browser, "/enter", headers...)
		if r.StatusCode != 200 && len(browser.Cookies) > 0 {
			c.Errorf("%s got %v", name, browser.Cookies)
		}
		return r
	}
	enter("ann").Want(200)
	enter("ann", "Origin", "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
	enter("pending").WantProblems("non_field_errors email_unverified")
	enter("eve").WantCode(403, "no_eve")
	c.set("ann", obj{"is_active": false})
	enter("ann").WantProblems("non_field_errors invalid_credentials")
	who = &Member{}
	c.own(c.browser(), "/enter").WantCode(503, binding.CodeUnavailable)
	if !strings.Contains(c.Log.String(), "LogIn got *dbtest.Member, but Config.NewUser makes *models.User") {
		c.Errorf("logged %s", c.Log)
	}
}

// logInWithTokens: the client chooses its credential as in a login.
func logInWithTokens(c *Case) {
	c.Start(withTokens)
	c.SignedUp("ann")
	ann := c.user("ann")
	c.ownRoutes(func() models.Account { return &ann })
	var out binding.LoginResponse
	c.own(c.browser(), "/enter", config.CredentialHeader, config.AskToken).Want(200).JSON(&out)
	if out.Key == "" || out.User == nil || out.User.Username != "ann" {
		c.Fatalf("got %+v", out)
	}
	c.byToken(out.Key).Get("/auth/user/").Want(200)
	c.own(c.browser(), "/leave", "Authorization", "Token "+out.Key).Want(204)
	c.byToken(out.Key).Get("/auth/user/").Want(401)
}

// logOutDoesWhatALogoutDoes: it ends the session, calls the hooks, and does not read the body.
func logOutDoesWhatALogoutDoes(c *Case) {
	var d hookLog
	c.Start(withJWTCookies, d.install)
	c.ownRoutes(nil)
	c.SignedUp("ann")
	browser := c.browser()
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	before := browser.Clone()
	d.take()
	c.own(browser, "/leave", "Origin", "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
	browser.Get("/auth/user/").Want(200)
	browser.Do("POST", "/leave", "{", "Content-Type", "text/plain").Want(204)
	if got := d.take(); got != "after logout ann by password" || len(browser.Cookies) != 0 {
		c.Errorf("got %q, left %v", got, browser.Cookies)
	}
	before.Get("/auth/user/").Want(401)
	c.own(browser, "/leave").Want(204)
	if got := d.take(); got != "" {
		c.Errorf("got %q", got)
	}
}

// setPasswordEndsAllCredentials: it ends sessions, tokens and links, and the user gets a mail.
func setPasswordEndsAllCredentials(c *Case) {
	var d hookLog
	c.StartMail(withEverything, d.install)
	f := c.foothold("ann")
	c.askReset("ann@example.com")
	reset := c.Mail("reset")
	d.take()
	if err := c.Auth.SetPassword(c.Context(), c.user("ann").ID, "Rabbit-Hole-99"); err != nil {
		c.Fatal(err)
	}
	if got := d.take(); got != "before change ann, after change ann" {
		c.Errorf("got %q", got)
	}
	if m := c.Mail("password_changed"); m.To != "ann@example.com" || strings.Contains(m.Text, "IP address") {
		c.Errorf("mailed to %s: %s", m.To, m.Text)
	}
	c.reset(reset, "Mirror-Maze-88").WantProblems("token ticket_not_valid")
	f.wantRevoked(c, "ann")
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(400)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Rabbit-Hole-99"}).Want(200)
}

// setPasswordIsChecked by the password rules and by the hook.
func setPasswordIsChecked(c *Case) {
	var refuse error
	c.Start(func(cfg *config.Config) {
		cfg.Hooks.BeforePasswordChange = func(context.Context, *gorm.DB, config.Event) error { return refuse }
	})
	ann := c.SignedUp("ann")
	id := c.user("ann").ID
	err := c.Auth.SetPassword(c.Context(), id, "12345")
	e, ok := errors.AsType[*binding.Error](err)
	if !ok || len(e.Fields["password"]) != 3 || e.Fields["password"][0].Message == "" {
		c.Errorf("got %v", err)
	}
	refuse = &binding.Error{Status: 403, Code: "no"}
	if err := c.Auth.SetPassword(c.Context(), id, "Rabbit-Hole-99"); err == nil {
		c.Error("the hook refused")
	}
	ann.Get("/auth/user/").Want(200)
	c.LoggedIn("ann")
}

// endSessionsOfAUser: it ends all sessions of the user and of no other user.
func endSessionsOfAUser(c *Case) {
	var d hookLog
	c.Start(withTokens, d.install)
	bob, ann, token := c.SignedUp("bob"), c.SignedUp("ann"), c.LoggedIn("ann")
	d.take()
	if err := c.Auth.EndSessions(c.Context(), c.user("ann").ID); err != nil {
		c.Fatal(err)
	}
	if got := d.take(); got != "after revoke ann" {
		c.Errorf("got %q", got)
	}
	ann.Get("/auth/user/").Want(401)
	token.Get("/auth/user/").Want(401)
	bob.Get("/auth/user/").Want(200)
	c.LoggedIn("ann")
}

// deleteUserDeletesAllRows: it deletes at once, also if a grace period is configured, in one transaction with the hook.
func deleteUserDeletesAllRows(c *Case) {
	var d hookLog
	var refuse error
	c.StartMail(withEverything, d.install, func(cfg *config.Config) {
		cfg.DeleteGrace = 24 * 3600e9
		notified := cfg.Hooks.BeforeDelete
		cfg.Hooks.BeforeDelete = func(ctx context.Context, tx *gorm.DB, e config.Event) error {
			return errors.Join(notified(ctx, tx, e), refuse)
		}
	})
	f := c.foothold("ann")
	id := c.user("ann").ID
	c.Mails()
	d.take()
	refuse = errors.New("the disk is full")
	if err := c.Auth.DeleteUser(c.Context(), id); err == nil || c.user("ann").ID != id {
		c.Errorf("deleted, %v", err)
	}
	f.browser.Get("/auth/user/").Want(200)
	refuse = nil
	d.take()
	if err := c.Auth.DeleteUser(c.Context(), id); err != nil {
		c.Fatal(err)
	}
	if got := d.take(); got != "before delete ann, after delete ann" {
		c.Errorf("got %q", got)
	}
	f.wantRevoked(c, "ann")
	for _, rows := range []any{&models.User{}, &models.Session{}, &models.Email{}} {
		if n := c.count(rows); n != 0 {
			c.Errorf("%d rows of %T are left", n, rows)
		}
	}
	if all := c.Mails(); len(all) != 0 {
		c.Errorf("mailed %v", all)
	}
}

// requireAsChecksTheOwnType: the response is 401, 403 or that of the route. A wrong type is reported at the start.
func requireAsChecksTheOwnType(c *Case) {
	c.Start(members)
	guard := ginauth.RequireAs(c.Auth, func(m *Member) bool { return m.Company == "Acme" })
	c.Router.POST("/acme", guard, func(g *gin.Context) { g.String(200, ginauth.UserAs[Member](g).Company) })
	ann := c.browser()
	c.own(ann, "/acme").Want(401)
	ann.Post("/auth/registration/", memberIn("ann")).Want(201)
	if r := c.own(ann, "/acme").Want(200); r.Text != "Acme" {
		c.Errorf("answered %s", r.Text)
	}
	ann.Do("PATCH", "/auth/user/", obj{"company": "Umbrella"}).Want(200)
	c.own(ann, "/acme").WantCode(403, binding.CodePermissionDenied)
	defer func() {
		if p := fmt.Sprint(recover()); p != "ginauth: RequireAs for *models.User, but Config.NewUser makes *dbtest.Member" {
			c.Errorf("panicked with %s", p)
		}
	}()
	ginauth.RequireAs(c.Auth, func(*models.User) bool { return true })
}
