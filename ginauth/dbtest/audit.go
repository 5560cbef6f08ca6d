package dbtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var auditCases = Group{Name: "audit", Cases: []func(*Case){
	everyEventIsStoredOnce, eventsOfSessionsAreStored, eventsOfMailsAreStoredOnce, reuseOfARefreshTokenIsStored, eventsOfCallsAreStored, eventsHaveNoSecrets,
	refusedChangesLeaveNoEvent, failedChangesLeaveNoEvent, retriedChangesStoreOneEvent, changesNeedTheirEvent, failedEventsBreakNoRequest,
	loginsFromNewDevicesSaySo, floodStoresOneEvent, mailsNotSentAreEvents, limitedUsersAreNamed, limitedFactorsNameTheUser, usersSeeTheirOwnEvents, eventsAreRead, oldEventsAreSwept, deletedUsersLeaveOneEvent,
	auditCostsOneStatement, auditRevealsNothing, auditIsOffByDefault,
}}

// audited turns the audit trail on.
func audited(cfg *config.Config) {
	cfg.Audit = config.Audit{Keep: 30 * 24 * time.Hour, ShowToUsers: true}
}

const testAgent = "tester/1.0"

// agent returns a browser with an address and a User-Agent.
func (c *Case) agent() *authtest.Client {
	b := c.Client()
	b.Header.Set("User-Agent", testAgent)
	return b
}

// events returns the events since the last call, the oldest first.
func (c *Case) events() []models.Event {
	c.Helper()
	all, err := c.Auth.Events(c.Context(), ginauth.EventFilter{Limit: 1000})
	if err != nil {
		c.Fatal(err)
	}
	if err := c.DB.Where("1 = 1").Delete(&models.Event{}).Error; err != nil {
		c.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

// wantEvents compares the events since the last call: names, users, and what else they have.
func (c *Case) wantEvents(want ...string) {
	c.Helper()
	var got []string
	for _, e := range c.events() {
		var u models.User
		if err := c.DB.Where("id = ?", e.UserID).Limit(1).Find(&u).Error; err != nil {
			c.Fatal(err)
		}
		got = append(got, strings.Join(strings.Fields(fmt.Sprint(e.Event, " ", u.Username, " ", e.Login, " ", e.Method, " ", e.Details)), " "))
		if !e.CreatedAt.Equal(c.Clock.Now().Truncate(time.Millisecond)) {
			c.Errorf("%s at %v", e.Event, e.CreatedAt)
		}
	}
	if !slices.Equal(got, want) {
		c.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// everyEventIsStoredOnce: who, what, from where and in which session.
func everyEventIsStoredOnce(c *Case) {
	c.Start(audited)
	ann := c.agent()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	first := c.current(ann).ID
	stored := c.events()
	for _, e := range stored {
		if e.IP != "192.0.2.1" || e.UserAgent != testAgent || e.UserID != c.user("ann").ID {
			c.Errorf("%+v", e)
		}
	}
	if len(stored) != 2 || stored[0].Event != "register" || stored[1].Event != "login" || stored[1].SessionID != first {
		c.Fatalf("%+v", stored)
	}
	c.agent().Post("/auth/login/", wrong("ann")).Want(400)
	c.agent().Post("/auth/login/", wrong("nobody")).Want(400)
	c.wantEvents("login_failed ann password", "login_failed nobody password")
	ann.Post("/auth/reauthenticate/", obj{"password": "Wrong-Glass-7"}).Want(400)
	ann.Post("/auth/password/change/", change("Wrong-Glass-7", "Mirror-Maze-88")).Want(400)
	if all := c.events(); len(all) != 2 || all[0].SessionID != first || all[1].UserID != c.user("ann").ID || all[1].Login != "ann" {
		c.Errorf("%+v", all)
	}
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if all := c.events(); len(all) != 1 || all[0].Event != "password_change" || all[0].SessionID == "" || all[0].IP == "" {
		c.Errorf("%+v", all)
	}
}

// eventsOfSessionsAreStored: logins, logouts, ended sessions and tokens, and a deletion.
func eventsOfSessionsAreStored(c *Case) {
	c.Start(withEverything, audited, func(cfg *config.Config) { cfg.DeleteGrace = time.Hour })
	ann := c.SignedUp("ann")
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	c.events()
	other := c.agent()
	login := obj{"username": "ann", "password": "Mirror-Maze-88"}
	for range 2 {
		other.Post("/auth/login/", login).Want(200)
		other.Post("/auth/logout/", nil).Want(200)
		other.Post("/auth/logout/", nil).Want(200)
	}
	c.wantEvents("login ann password", "logout ann", "login ann password", "logout ann")
	other.Post("/auth/login/", login).Want(200)
	ended, own := c.current(other).ID, c.current(ann).ID
	c.events()
	ann.Delete("/auth/sessions/").Want(204)
	if all := c.events(); len(all) != 1 || all[0].Event != "session_revoked" || all[0].SessionID != ended || all[0].Details != own {
		c.Errorf("%+v", all)
	}
	ann.Post("/auth/reauthenticate/", obj{"password": "Mirror-Maze-88"}).Want(200)
	token := c.personal(ann, obj{"name": "report"})
	ann.Delete("/auth/tokens/" + token.ID + "/").Want(204)
	ann.Delete("/auth/tokens/" + token.ID + "/").Want(404)
	c.wantEvents("token_created ann "+token.ID, "token_ended ann "+token.ID)
	ann.Delete("/auth/sessions/" + own + "/").Want(204)
	ann.Post("/auth/login/", login).Want(200)
	ann.Post("/auth/user/delete/", nil).Want(200)
	c.wantEvents("logout ann", "login ann password", "delete_scheduled ann")
	c.Clock.Advance(2 * time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	c.wantEvents("delete")
}

// eventsOfMailsAreStoredOnce: links, codes and addresses.
func eventsOfMailsAreStoredOnce(c *Case) {
	c.StartMail(audited, byCode)
	ann := c.SignedUp("ann")
	c.wantEvents("register ann", "login ann register")
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.wantEvents("verify ann ann@example.com")
	email, mail := c.added(ann, "new@example.com")
	verifyIn(ann, mail.Key(c.T)).Want(200)
	ann.Post(emailPath(email.ID, "primary"), nil).Want(200)
	ann.Post(emailPath(email.ID, "primary"), nil).Want(200)
	notice := c.Mails()[0]
	ann.Delete(emailPath(emails(ann)[0].ID, "")).Want(204)
	c.wantEvents("email_added ann new@example.com", "verify ann new@example.com", "email_change ann new@example.com", "email_removed ann ann@example.com")
	c.Mails()
	c.askReset("new@example.com")
	c.reset(c.Mail("reset"), "Looking-Glass-9").Want(200)
	c.Mails()
	c.wantEvents("password_reset ann")
	c.Client().Post("/auth/login/code/", obj{"email": "new@example.com"}).Want(200)
	m := c.Mail("login_code")
	c.Client().Post("/auth/login/code/confirm/", obj{"email": "new@example.com", "code": "000000"}).Want(400)
	c.Client().Post("/auth/login/code/confirm/", obj{"key": m.Key(c.T)}).Want(200)
	c.wantEvents("login_failed new@example.com code", "login ann code new_device")
	c.Client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).Want(200)
	c.wantEvents("email_change ann ann@example.com", "session_revoked ann")
	c.owner("mallory", "victim@example.com")
	c.events()
	c.Mails()
	if err := c.Auth.ConfirmEmail(c.Context(), c.user("ann").ID, "victim@example.com"); err != nil {
		c.Fatal(err)
	}
	all := c.events()
	if len(all) < 2 || all[0].Event != "email_change" || all[0].UserID != c.user("mallory").ID || all[0].IP+all[0].Details != "" {
		c.Errorf("%+v", all)
	}
}

func reuseOfARefreshTokenIsStored(c *Case) {
	c.Start(withJWT, audited)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	c.refreshed(p.Refresh)
	c.Clock.Advance(time.Minute)
	c.events()
	thief := c.agent()
	thief.Post("/auth/token/refresh/", obj{"refresh": p.Refresh}).Want(401)
	thief.Post("/auth/token/refresh/", obj{"refresh": p.Refresh}).Want(401)
	all := c.events()
	if len(all) != 1 || all[0].Event != "refresh_reuse" || all[0].UserAgent != testAgent || all[0].SessionID == "" || all[0].UserID != c.user("ann").ID {
		c.Errorf("%+v", all)
	}
}

// eventsOfCallsAreStored: the application's own calls.
func eventsOfCallsAreStored(c *Case) {
	c.StartMail(audited)
	ann := &models.User{Username: "ann", Email: "ann@example.com"}
	if err := c.Auth.CreateUser(c.Context(), ann, authtest.Password); err != nil {
		c.Fatal(err)
	}
	for _, call := range []func() error{
		func() error { return c.Auth.ConfirmEmail(c.Context(), ann.ID, "ann@example.com") },
		func() error { return c.Auth.SetPassword(c.Context(), ann.ID, "Mirror-Maze-88") },
		func() error { return c.Auth.SetActive(c.Context(), ann.ID, false) },
		func() error { return c.Auth.SetActive(c.Context(), ann.ID, true) },
		func() error { return c.Auth.EndSessions(c.Context(), ann.ID) },
	} {
		if err := call(); err != nil {
			c.Error(err)
		}
	}
	c.wantEvents("user_created ann", "verify ann ann@example.com", "password_change ann", "user_deactivated ann", "user_activated ann", "session_revoked ann")
	if err := c.Auth.DeleteUser(c.Context(), ann.ID); err != nil {
		c.Fatal(err)
	}
	c.wantEvents("delete")
}

// eventsHaveNoSecrets: no column has a password, a key, a token or a hash.
func eventsHaveNoSecrets(c *Case) {
	c.StartMail(withEverything, audited)
	ann := c.SignedUp("ann")
	verify := c.Mail("verify").Key(c.T)
	c.verify(verify).Want(200)
	var login binding.LoginResponse
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&login)
	c.Mails()
	token := c.personal(ann, obj{"name": "report"})
	c.Client().Post("/auth/login/", wrong("ann")).Want(400)
	ann.Delete("/auth/sessions/").Want(204)
	var sessions []models.Session
	if err := c.DB.Find(&sessions).Error; err != nil {
		c.Fatal(err)
	}
	secrets := []string{authtest.Password, "Wrong-Password-1", verify, login.Key, login.Access, login.Refresh, token.Key, c.user("ann").Password}
	for _, s := range sessions {
		secrets = append(secrets, s.KeyHash, s.RefreshSalt)
	}
	for _, value := range ann.Cookies {
		secrets = append(secrets, value)
	}
	text := fmt.Sprintf("%+v", c.events())
	for _, secret := range secrets {
		if secret != "" && strings.Contains(text, secret) {
			c.Errorf("%q is in %s", secret, text)
		}
	}
}

// usersSeeTheirOwnEvents at security/events/, 100 at a time.
func usersSeeTheirOwnEvents(c *Case) {
	c.Start(withEverything, audited)
	bob := c.SignedUp("bob")
	ann := c.SignedUp("ann")
	token := c.personal(ann, obj{"name": "report"})
	var all []binding.Event
	ann.Get("/auth/security/events/").Want(200).JSON(&all)
	if len(all) != 3 || all[0].Event != "token_created" || all[1].Event != "login" || all[2].Event != "register" ||
		all[1].Session != c.current(ann).ID || all[1].Method != "register" || all[0].Details != token.ID || all[0].IP == "" {
		c.Errorf("%+v", all)
	}
	bob.Get("/auth/security/events/").Want(200).JSON(&all)
	if len(all) != 2 || all[1].ID >= all[0].ID {
		c.Errorf("%+v", all)
	}
	c.Client().Get("/auth/security/events/").Want(401)
	c.byToken(token.Key).Get("/auth/security/events/").Want(403)
	var rows []models.Event
	for range 120 {
		rows = append(rows, models.Event{CreatedAt: c.Clock.Now(), Event: "login", UserID: c.user("bob").ID})
	}
	if err := c.DB.Create(&rows).Error; err != nil {
		c.Fatal(err)
	}
	bob.Get("/auth/security/events/").Want(200).JSON(&all)
	if len(all) != 100 {
		c.Fatal(len(all))
	}
	last := all[99].ID
	bob.Get(fmt.Sprintf("/auth/security/events/?before=%d", last)).Want(200).JSON(&all)
	if len(all) != 22 || all[0].ID >= last || all[21].Event != "register" {
		c.Errorf("%d events before %d, the first is %+v", len(all), last, all[0])
	}
	for _, bad := range []string{"x", "0", "-1", "99999999999999999999"} {
		bob.Get("/auth/security/events/?before=" + bad).WantProblems("before invalid")
	}
	c.App = authtest.New(c.T, c.DB, func(cfg *config.Config) { cfg.Audit.Keep = time.Hour })
	if r := c.as(bob).Do(http.MethodGet, "/auth/security/events/", nil); r.StatusCode != 404 {
		c.Error(r.StatusCode)
	}
}
