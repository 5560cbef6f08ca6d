package dbtest

// Ban and Unban: no door is open until the end of the ban, and only the user learns of it.

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// ban bans a user until a time after now; 0 means for good.
func (c *Case) ban(name string, length time.Duration) {
	c.Helper()
	var until time.Time
	if length > 0 {
		until = c.Clock.Now().Add(length)
	}
	if err := c.Auth.Ban(c.Context(), c.user(name).ID, "canary: spam", until); err != nil {
		c.Fatal(err)
	}
}

// banClosesEveryDoor until its end, which no job needs to notice.
func banClosesEveryDoor(c *Case) {
	c.StartMail(withEverything, byCode, func(cfg *config.Config) { cfg.LoginOnReset, cfg.LoginOnVerify = true, true })
	ann := c.verified("ann")
	var login binding.LoginResponse
	c.clientAskingFor("jwt").Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&login)
	key, personal := c.loginAs("ann", "token").Key, c.personal(ann, obj{"name": "backup"}).Key
	c.Mails()
	c.askReset("ann@example.com")
	before := c.Mail("reset")
	otherInstance := authtest.NewClient(c.T, authtest.New(c.T, c.DB, withEverything, func(cfg *config.Config) { cfg.Now = c.Clock.Now }).Router)
	otherInstance.Cookies = ann.Clone().Cookies
	otherInstance.Get("/auth/user/").Want(200)
	user := c.user("ann")
	c.ownRoutes(func() models.Account { return &user })

	c.ban("ann", 24*time.Hour)
	for _, browser := range []*authtest.Client{ann, otherInstance, c.byToken(key), c.byToken(personal), c.byToken(login.Access)} {
		browser.Get("/auth/user/").Want(401)
	}
	c.refresh(login.Refresh).Want(401)
	refused := c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors account_banned")
	c.own(c.browser(), "/enter").WantProblems("non_field_errors account_banned")
	c.reset(before, "Mirror-Maze-88").Want(400)
	c.askReset("ann@example.com")
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	c.NoMail()
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).WantProblems("email taken", "username taken")
	if strings.Contains(refused.Text, "canary") {
		c.Errorf("the reason is told: %s", refused.Text)
	}

	c.Clock.Advance(24*time.Hour - time.Millisecond)
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors account_banned")
	c.Clock.Advance(time.Millisecond)
	ann.Get("/auth/user/").Want(401)
	c.byToken(personal).Get("/auth/user/").Want(401)
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
}

// banIsASecretOfItsUser: without the password, a banned user looks like any other.
func banIsASecretOfItsUser(c *Case) {
	c.Start()
	c.SignedUp("ann")
	c.SignedUp("bob")
	c.ban("ann", 0)
	wrong := func(name string) string {
		return c.Client().Post("/auth/login/", obj{"username": name, "password": "not-the-password"}).Want(400).Text
	}
	if banned, other, unknown := wrong("ann"), wrong("bob"), wrong("nobody"); banned != other || banned != unknown {
		c.Errorf("%s, %s, %s", banned, other, unknown)
	}
	if err := c.Auth.SetActive(c.Context(), c.user("ann").ID, false); err != nil {
		c.Fatal(err)
	}
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
}

// reasonOfABanIsForOperators: after the ban, neither the events nor the export tell the user the reason.
func reasonOfABanIsForOperators(c *Case) {
	c.Start(audited, exports)
	c.SignedUp("ann")
	c.ban("ann", time.Hour)
	c.Clock.Advance(time.Hour)
	ann := c.LoggedIn("ann")
	for _, path := range []string{"/auth/security/events/", "/auth/user/export/"} {
		if text := ann.Get(path).Want(200).Text; !strings.Contains(text, `"event":"ban"`) || strings.Contains(text, "canary") {
			c.Errorf("%s: %s", path, text)
		}
	}
	all, err := c.Auth.Events(c.Context(), ginauth.EventFilter{Names: []config.EventName{config.EventBan}})
	if err != nil || len(all) != 1 || all[0].Details != "canary: spam" {
		c.Error(all, err)
	}
}

func unbanEndsABan(c *Case) {
	var d hookLog
	c.Start(d.install, func(cfg *config.Config) { cfg.Audit.Keep = time.Hour })
	c.SignedUp("ann")
	id := c.user("ann").ID
	unban := func() {
		if err := c.Auth.Unban(c.Context(), id); err != nil {
			c.Fatal(err)
		}
	}
	c.ban("ann", 0)
	c.Clock.Advance(10 * 365 * 24 * time.Hour)
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors account_banned")
	d.take()
	unban()
	unban() // does nothing
	if got := d.take(); got != "after unban ann" {
		c.Errorf("hooks %q", got)
	}
	if u := c.user("ann"); u.BannedAt != nil || u.BannedUntil != nil || u.BanReason != "" {
		c.Errorf("left %+v", u)
	}
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
	c.ban("ann", time.Hour)
	d.take()
	c.ban("ann", 2*time.Hour) // replaces the other one
	if got := d.take(); got != "before ban ann, after ban ann" {
		c.Errorf("hooks %q", got)
	}
	c.Clock.Advance(90 * time.Minute)
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors account_banned")
	events, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: id, Names: []config.EventName{config.EventBan, config.EventUnban}})
	if err != nil || len(events) != 4 || events[0].Details != "canary: spam" || events[2].Event != "unban" {
		c.Errorf("events %+v, %v", events, err)
	}
}

func banThatIsRefusedChangesNothing(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.Hooks.BeforeBan = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if u := e.User.Base(); u.BanReason == "spam" && u.IsBanned(c.Clock.Now()) {
				return &binding.Error{Status: 403, Code: binding.CodePermissionDenied}
			}
			return nil
		}
	})
	ann := c.SignedUp("ann")
	id, ctx := c.user("ann").ID, c.Context()
	if err := c.Auth.Ban(ctx, id, "spam", time.Time{}); err == nil || !strings.Contains(err.Error(), "permission") {
		c.Errorf("got %v", err)
	}
	if err := c.Auth.Ban(ctx, id, "", c.Clock.Now()); err == nil {
		c.Error("a ban that has ended was stored")
	}
	if err := c.Auth.Ban(ctx, id, strings.Repeat("x", 256), time.Time{}); err == nil {
		c.Error("a long reason was stored")
	}
	if err := errors.Join(c.Auth.Ban(ctx, 4711, "", time.Time{}), c.Auth.Unban(ctx, 4711)); !errors.Is(err, ginauth.ErrNoSuchUser) {
		c.Errorf("got %v", err)
	}
	ann.Get("/auth/user/").Want(200)
	if err := c.Auth.Ban(ctx, id, strings.Repeat("ü", 255), time.Time{}); err != nil {
		c.Error(err)
	}
	ann.Get("/auth/user/").Want(401)
}

// bannedWhileLoggingIn: a login that has verified the password does not survive a ban.
func bannedWhileLoggingIn(c *Case) {
	var m interruption
	c.Start(m.inLogin)
	c.SignedUp("ann")
	m.set(func() { c.ban("ann", time.Hour) })
	browser := c.Client()
	browser.Post("/auth/login/", authtest.Login("ann")).Want(400)
	browser.Get("/auth/user/").Want(401)
	if n := c.count(&models.Session{}); n != 0 {
		c.Errorf("%d sessions", n)
	}
}

// bannedBeforeTheSecondFactor: the challenge is void, and the next login reports the ban.
func bannedBeforeTheSecondFactor(c *Case) {
	c.startPins()
	c.withPin("ann")
	token := c.challenge(c.Client().Post("/auth/login/", authtest.Login("ann")))
	c.ban("ann", time.Hour)
	c.Client().Post("/auth/pin/verify/", obj{"ephemeral_token": token, "word": "open ann"}).Want(400)
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors account_banned")
}

// bansOfUsersOfABackend: users whom a directory knows.
func bansOfUsersOfABackend(c *Case) {
	var e entries
	c.Start(e.install)
	e.set("ann", "1")
	c.Client().Post("/auth/login/", directoryBody("ann")).Want(200)
	c.ban("ann", time.Hour)
	c.Client().Post("/auth/login/", directoryBody("ann")).WantProblems("non_field_errors account_banned")
	c.Clock.Advance(time.Hour)
	c.Client().Post("/auth/login/", directoryBody("ann")).Want(200)
}

// backendsAreAskedAfterABan as after any other password that cannot be used: one of them can know another account.
func backendsAreAskedAfterABan(c *Case) {
	asked := 0
	legacy := config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
		if asked++; in.Username == "eve" {
			u := c.user("joe")
			return &u, nil
		}
		return nil, nil
	})
	c.StartMail(mandatory, func(cfg *config.Config) { cfg.Backends = []config.Backend{config.PasswordBackend{}, legacy} })
	for _, name := range []string{"ann", "bob", "eve", "joe"} {
		c.User(c.T, name)
		if name != "joe" {
			c.ban(name, time.Hour)
		}
	}
	c.set("bob", obj{"is_active": false}) // as well
	ban := "non_field_errors account_banned"
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems(ban)
	c.Client().Post("/auth/login/", obj{"email": "ann@example.com", "password": authtest.Password}).WantProblems(ban)
	c.Client().Post("/auth/login/", authtest.Login("bob")).WantProblems("non_field_errors invalid_credentials")
	c.Client().Post("/auth/login/", authtest.Login("eve")).Want(200)
	if asked != 4 {
		c.Errorf("the second backend was asked %d times", asked)
	}
}

// banClosesTheDoorsOfFeatures: logins by a provider, also by a verified address, and challenges of package mfa in flight.
func banClosesTheDoorsOfFeatures(c *Case) {
	idp := socialtest.New(c.T)
	company := acme()
	company.EmailDomains, company.LinkByEmail = []string{"example.com"}, true
	c.With(mfa.Feature(mfa.Options{}), idp.Feature(company)).StartMail(withEachCredential)
	ann, phone := c.withTOTP("ann")
	c.connect(idp, ann, socialtest.Claims{"sub": "1004"})
	browser, other := c.Client(), c.Client()
	first := c.asksForCode(browser.Post("/auth/login/", authtest.Login("ann")))
	second := c.asksForCode(c.byAcme(idp, other, socialtest.Claims{"sub": "1004"}))
	c.ban("ann", time.Hour)
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": first, "code": phone.Code()}).WantProblems("ephemeral_token ticket_not_valid")
	other.Post("/auth/mfa/verify/", obj{"ephemeral_token": second, "code": phone.RecoveryCodes[0]}).WantProblems("ephemeral_token ticket_not_valid")
	c.byAcme(idp, c.Client(), socialtest.Claims{"sub": "1004"}).WantProblems("non_field_errors account_banned")
	verified := socialtest.Claims{"sub": "2000", "email": "ann@example.com", "email_verified": true}
	c.byAcme(idp, c.Client(), verified).WantProblems("non_field_errors social_email_taken")
	ann.Get("/auth/user/").Want(401)
	if n := c.count(&models.Session{}); n != 0 {
		c.Errorf("%d sessions", n)
	}
	c.Clock.Advance(time.Hour)
	c.asksForCode(c.byAcme(idp, c.Client(), socialtest.Claims{"sub": "1004"}))
}
