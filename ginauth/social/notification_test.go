package social_test

// Notifications of Apple.

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

var notificationCases = dbtest.Group{Name: "notification", Cases: []func(*dbtest.Case){
	revokedConsentEndsSessions, theLastWayInSurvivesApple, relayAddressesChangeNothing, forgedNotificationsAreRefused, notificationsCountOnce, raceForANotification,
	raceOfConsentAndDisconnect, staleNotificationsAreIgnored,
}}

const notices = "/auth/apple/notifications/"

// notification returns a notification that Apple has signed.
func (p *idp) notification(kind, subject string, more ...obj) string {
	event := `{"type":"` + kind + `","sub":"` + subject + `","event_time":` + fmt.Sprint(p.now().UnixMilli()) + `,"email":"x@privaterelay.appleid.com","is_private_email":"true"}`
	claims := obj{"iss": appleHost, "aud": "com.example.app", "iat": p.now().Unix(), "exp": p.now().Add(24 * time.Hour).Unix(), "jti": rand.Text(), "events": event}
	for _, m := range more {
		maps.Copy(claims, m)
	}
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return p.sign(claims)
}

func notify(c *dbtest.Case, payload string) *authtest.Response {
	return c.Client().Post(notices, obj{"payload": payload})
}

// revokedConsentEndsSessions: the sessions that Apple began end, and the account is disconnected. Others stay. The same holds for a
// deleted account at Apple.
func revokedConsentEndsSessions(c *dbtest.Case) {
	for _, kind := range []string{social.ConsentRevoked, social.AccountDeleted, "account-delete"} {
		var told []social.Notification
		idp := startApple(c, social.Options{OnNotification: func(_ context.Context, n social.Notification) { told = append(told, n) }},
			func(cfg *config.Config) { cfg.Audit.Keep = 24 * time.Hour })
		got := revocations(c, idp, 200)
		browser := byApple(c, idp, "s1")
		user := me(browser)
		other := byApple(c, idp, "s2")
		if err := c.Auth.SetPassword(c.Context(), user.PK, authtest.Password); err != nil {
			c.Fatal(err)
		}
		browser = byApple(c, idp, "s1")
		password := c.Client()
		password.Post("/auth/login/", obj{"username": user.Username, "password": authtest.Password}).Want(200)
		c.Mails()
		if r := notify(c, idp.notification(kind, "s1")); r.Want(200).Text != "{}" {
			c.Errorf("the response is %q", r.Text)
		}
		browser.Get("/auth/user/").Want(401)
		password.Get("/auth/user/").Want(200)
		other.Get("/auth/user/").Want(200)
		c.Mail("social_disconnected")
		events, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: user.PK, Names: []config.EventName{social.EventDisconnected}})
		if err != nil || len(events) != 1 || events[0].Details != "apple" {
			c.Error(events, err)
		}
		if all := identities(c, user.PK); len(all) != 0 || got.Load() != "" {
			c.Errorf("%s: the identities are %v, and Apple gets %q", kind, all, got.Load())
		}
		at := idp.now().Truncate(time.Millisecond)
		if len(told) != 1 || told[0].UserID != user.PK || !told[0].Disconnected || !told[0].At.Equal(at) || told[0].Provider != "apple" || kind != "account-delete" && told[0].Type != kind {
			c.Errorf("the application is told %+v", told)
		}
	}
}

// theLastWayInSurvivesApple: a user who has nothing but Apple is logged out, and can come back.
func theLastWayInSurvivesApple(c *dbtest.Case) {
	var told []social.Notification
	idp := startApple(c, social.Options{OnNotification: func(_ context.Context, n social.Notification) { told = append(told, n) }})
	browser := byApple(c, idp, "s1")
	user := me(browser)
	c.Mails()
	notify(c, idp.notification(social.ConsentRevoked, "s1")).Want(200)
	browser.Get("/auth/user/").Want(401)
	c.NoMail()
	if all := identities(c, user.PK); len(all) != 1 || all[0].Tokens != "" || len(told) != 1 || told[0].Disconnected {
		c.Errorf("the identities are %+v, told %+v", all, told)
	}
	if again := me(byApple(c, idp, "s1")); again.PK != user.PK {
		c.Error("the user is locked out")
	}
}

// relayAddressesChangeNothing: the application is told, and decides.
func relayAddressesChangeNothing(c *dbtest.Case) {
	var told []social.Notification
	idp := startApple(c, social.Options{OnNotification: func(_ context.Context, n social.Notification) { told = append(told, n) }})
	browser := byApple(c, idp, "s1")
	before := me(browser)
	c.Mails()
	notify(c, idp.notification(social.EmailDisabled, "s1")).Want(200)
	notify(c, idp.notification(social.EmailEnabled, "s1", obj{"exp": nil})).Want(200)
	notify(c, idp.notification("something-new", "s1")).Want(200)
	notify(c, idp.notification(social.EmailDisabled, "unknown")).Want(200)
	c.NoMail()
	if after := me(browser); after != before || len(identities(c, after.PK)) != 1 {
		c.Errorf("the user is %+v", after)
	}
	if len(told) != 2 || told[0].Type != social.EmailDisabled || told[0].Email != "x@privaterelay.appleid.com" || told[1].Type != social.EmailEnabled || told[1].Disconnected {
		c.Errorf("the application is told %+v", told)
	}
}

// forgedNotificationsAreRefused: signature, iss, aud, iat, exp, jti and the event are verified. An ID token is no notification, and a
// notification no ID token.
func forgedNotificationsAreRefused(c *dbtest.Case) {
	idp := startApple(c, social.Options{})
	browser := byApple(c, idp, "s1")
	good := idp.notification(social.ConsentRevoked, "s1")
	of := func(more obj) string { return idp.notification(social.ConsentRevoked, "s1", more) }
	now := c.Clock.Now()
	for name, payload := range map[string]string{
		"no token": "x", "another signature": good[:len(good)-8] + "AAAAAAAA", "another issuer": of(obj{"iss": "https://evil.example"}),
		"another application": of(obj{"aud": "another-app"}), "no audience": of(obj{"aud": nil}), "no iat": of(obj{"iat": nil}),
		"issued in future": of(obj{"iat": now.Add(time.Hour).Unix()}), "issued long ago": of(obj{"iat": now.Add(-26 * time.Hour).Unix(), "exp": nil}),
		"expired": of(obj{"exp": now.Add(-time.Hour).Unix()}), "no jti": of(obj{"jti": nil}), "no events": of(obj{"events": nil}), "empty events": of(obj{"events": "{}"}),
		"events no JSON": of(obj{"events": "x"}), "events a list": of(obj{"events": []string{"x"}}), "no time": of(obj{"events": `{"type":"consent-revoked","sub":"s1"}`}),
		"an ID token": idp.idToken("s1", obj{"iss": appleHost, "jti": "1"}),
		"alg none":    signed(c.T, jwt.SigningMethodNone, idp.kid, jwt.UnsafeAllowNoneSignatureType, obj{"iss": appleHost}),
	} {
		if r := notify(c, payload); r.StatusCode != 400 || !strings.Contains(r.Text, "social_token_not_valid") {
			c.Errorf("%s: %d %s", name, r.StatusCode, r.Text)
		}
	}
	c.Client().Post(notices, obj{"payload": ""}).Want(400)
	c.Client().Post(notices, nil).Want(400)
	c.Client().Post("/auth/apple/", obj{"id_token": good}).WantProblems(refused)
	browser.Get("/auth/user/").Want(200)
	idp.rotate()
	idp.fails("idp.example/keys", 500)
	notify(c, idp.notification(social.ConsentRevoked, "s1")).WantCode(503, "provider_unavailable")
	idp.on("idp.example/keys", nil)
	browser.Get("/auth/user/").Want(200)
	start(c, acme())
	c.Client().Post("/auth/acme/notifications/", obj{"payload": "x"}).Want(404)
}

// notificationsCountOnce: a copy of one that was handled does nothing, also after the user has come back.
func notificationsCountOnce(c *dbtest.Case) {
	told := 0
	idp := startApple(c, social.Options{OnNotification: func(context.Context, social.Notification) { told++ }})
	byApple(c, idp, "s1")
	c.Clock.Advance(time.Hour)
	payload := idp.notification(social.ConsentRevoked, "s1")
	notify(c, payload).Want(200)
	browser := byApple(c, idp, "s1") // within the same minute
	notify(c, payload).Want(200)
	browser.Get("/auth/user/").Want(200)
	if told != 1 {
		c.Errorf("the application is told %d times", told)
	}
}

// raceForANotification: of several copies at the same time, one counts, and no user loses the last way in.
func raceForANotification(c *dbtest.Case) {
	for _, password := range []bool{true, false} {
		var told atomic.Int64
		idp := startApple(c, social.Options{OnNotification: func(context.Context, social.Notification) { told.Add(1) }})
		user := me(byApple(c, idp, "s1")).PK
		if password {
			if err := c.Auth.SetPassword(c.Context(), user, authtest.Password); err != nil {
				c.Fatal(err)
			}
		}
		payload := idp.notification(social.ConsentRevoked, "s1")
		got := concurrently(6, func(int) int { return notify(c, payload).StatusCode })
		if got[200] != 6 || told.Load() != 1 || len(identities(c, user)) != map[bool]int{true: 0, false: 1}[password] {
			c.Errorf("password %t: the responses are %v, told %d times, %d identities", password, got, told.Load(), len(identities(c, user)))
		}
	}
}

// raceOfConsentAndDisconnect: a user who disconnects the other account while Apple revokes the consent keeps a way in.
func raceOfConsentAndDisconnect(c *dbtest.Case) {
	idp := startApple(c, social.Options{Providers: []social.Provider{acme()}})
	for round := range 4 {
		subject := fmt.Sprint("s", round)
		browser, user := entered(c, idp, subject)
		id := accounts(browser)[0].ID
		token := idp.idToken(subject, obj{"iss": appleHost, "jti": subject})
		browser.Post("/auth/apple/connect/", obj{"id_token": token}).Want(200)
		payload := idp.notification(social.ConsentRevoked, subject)
		concurrently(2, func(i int) int {
			if i == 0 {
				return notify(c, payload).StatusCode
			}
			return browser.Post(fmt.Sprint("/auth/socialaccounts/", id, "/disconnect/"), nil).StatusCode
		})
		if n := len(identities(c, user.PK)); n != 1 {
			c.Errorf("the user has %d accounts", n)
		}
	}
}

// staleNotificationsAreIgnored: one that comes late does not undo a later login.
func staleNotificationsAreIgnored(c *dbtest.Case) {
	idp := startApple(c, social.Options{})
	byApple(c, idp, "s1")
	late := idp.notification(social.ConsentRevoked, "s1")
	c.Clock.Advance(2 * time.Minute)
	browser := byApple(c, idp, "s1")
	notify(c, late).Want(200)
	browser.Get("/auth/user/").Want(200)
	if err := c.DB.Session(&gorm.Session{AllowGlobalUpdate: true}).Delete(&models.User{}).Error; err != nil { // with SQL
		c.Fatal(err)
	}
	notify(c, idp.notification(social.ConsentRevoked, "s1")).Want(200)
}
