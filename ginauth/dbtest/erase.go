package dbtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

// This file has what stays in the database of a deleted user, and for how long. The table in models/README.md says the same.

var eraseCases = Group{Name: "erase", Cases: []func(*Case){
	deletedUsersAreErased, keptEventsAreErasedLater, expiredSignUpsAreErased,
}}

const (
	erasedName    = "anneliese"
	erasedAddress = "anneliese@example.com"
	erasedIP      = "203.0.113.77"
)

// remains searches every column of every table for the user, and returns where something was found, as "table.column".
func (c *Case) remains(id int64) []string {
	c.Helper()
	tables, err := c.DB.Migrator().GetTables()
	if err != nil || len(tables) < 9 {
		c.Fatal(tables, err)
	}
	found := map[string]bool{}
	for _, table := range tables {
		var rows []map[string]any
		if err := c.DB.Table(table).Find(&rows).Error; err != nil {
			c.Fatal(err)
		}
		for _, row := range rows {
			for column, value := range row {
				if bytes, ok := value.([]byte); ok {
					value = string(bytes)
				}
				text := strings.ToLower(fmt.Sprint(value))
				ids := column == "user_id" || table == "auth_user" && column == "id"
				if strings.Contains(text, erasedName) || strings.Contains(text, erasedIP) || ids && text == fmt.Sprint(id) {
					found[table+"."+column] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// wantRemains fails the test unless exactly these columns have something of the user.
func (c *Case) wantRemains(id int64, when string, want ...string) {
	c.Helper()
	slices.Sort(want)
	if got := c.remains(id); !slices.Equal(got, want) {
		c.Errorf("%s: found in %q, want %q", when, got, want)
	}
}

// What stays, by its reason.
var (
	failedLogins  = []string{"auth_event.ip", "auth_event.login"}
	ofTheDeletion = []string{"auth_event.user_id"}
	keptEvents    = []string{"auth_event.details", "auth_event.ip", "auth_event.user_id"}
	mailsOfUser   = []string{"auth_outbox.recipient", "auth_outbox.user_id"}
	hooksOfUser   = []string{"auth_delivery.body", "auth_delivery.user_id"}
)

// together returns columns, each once.
func together(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// later moves the clock and sweeps.
func (c *Case) later(d time.Duration) {
	c.Helper()
	c.Clock.Advance(d)
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
}

// eraseUser starts an application, fills all tables with rows of a user, and deletes the user. The web-hooks fail.
func (c *Case) eraseUser(keep time.Duration) (id int64) {
	c.Helper()
	r := c.receiver()
	r.status(410)
	idp := c.startFeatures(r, withEachCredential, exports, func(cfg *config.Config) {
		cfg.Audit = config.Audit{Keep: 60 * 24 * time.Hour, KeepAfterDeletion: keep}
		cfg.TrustedProxies = []string{"192.0.2.0/24"}
	})
	c.SignedUp("bob")
	browser := c.from(erasedIP)
	browser.Post("/auth/registration/", authtest.SignUp(erasedName)).Want(201)
	for _, m := range c.Mails() {
		if m.To == erasedAddress {
			c.verify(m.Key(c.T)).Want(200)
		}
	}
	browser.Clone().Post("/auth/login/", wrong(erasedName)).Want(400)
	browser.Post("/auth/emails/", obj{"email": erasedName + "@work.example"}).Want(201)
	c.personal(browser, obj{"name": erasedName})
	c.allRights(erasedName)
	c.storeRecovery(erasedName)
	c.connect(idp, browser, socialtest.Claims{"sub": erasedName, "email": erasedAddress})
	phone := c.TOTP(c.T, browser)
	c.Passkey(c.T, browser) // a later one would end the trust
	c.trustAs(erasedName, browser, phone)
	browser.Get("/auth/user/export/").Want(200)
	id = c.user(erasedName).ID
	before := c.remains(id)
	for _, table := range []string{"auth_user", "auth_email", "auth_session", "auth_ticket", "auth_outbox", "auth_event", "auth_delivery", "auth_identity", "auth_totp", "auth_recovery_code", "auth_trusted_browser", "auth_lost_factors"} {
		if !slices.ContainsFunc(before, func(at string) bool { return strings.HasPrefix(at, table+".") }) {
			c.Errorf("before the deletion there is nothing in %s: %q", table, before)
		}
	}
	browser.Post("/auth/user/delete/", nil).Want(200)
	return id
}

// deletedUsersAreErased covers T226, without Audit.KeepAfterDeletion.
func deletedUsersAreErased(c *Case) {
	id := c.eraseUser(0)
	c.wantRemains(id, "at once", together(failedLogins, ofTheDeletion, mailsOfUser, hooksOfUser)...)
	c.Mails()
	c.later(48*time.Hour + time.Second)
	c.wantRemains(id, "two days later", together(failedLogins, ofTheDeletion, hooksOfUser)...)
	c.later(28 * 24 * time.Hour)
	c.wantRemains(id, "30 days later", together(failedLogins, ofTheDeletion)...)
	c.later(30 * 24 * time.Hour)
	c.wantRemains(id, "after Audit.Keep")
}

// keptEventsAreErasedLater, after Audit.KeepAfterDeletion. Events of other users stay.
func keptEventsAreErasedLater(c *Case) {
	id := c.eraseUser(10 * 24 * time.Hour)
	bob := c.user("bob").ID
	c.wantRemains(id, "at once", together(failedLogins, keptEvents, mailsOfUser, hooksOfUser)...)
	c.Mails()
	c.later(9 * 24 * time.Hour)
	c.wantRemains(id, "nine days later", together(failedLogins, keptEvents, hooksOfUser)...)
	c.later(24*time.Hour + time.Second)
	c.wantRemains(id, "after KeepAfterDeletion", together(failedLogins, ofTheDeletion, hooksOfUser)...)
	var n int64
	if err := c.DB.Table("auth_event").Where("user_id = ?", bob).Count(&n).Error; err != nil || n != 2 {
		c.Errorf("bob has %d events, %v", n, err)
	}
	c.later(50 * 24 * time.Hour)
	c.wantRemains(id, "after Audit.Keep")
}

// expiredSignUpsAreErased: a sign-up that was not confirmed leaves nothing, also with Audit.KeepAfterDeletion.
func expiredSignUpsAreErased(c *Case) {
	c.StartMail(mandatory, func(cfg *config.Config) {
		cfg.Audit = config.Audit{Keep: 60 * 24 * time.Hour, KeepAfterDeletion: 30 * 24 * time.Hour}
		cfg.TrustedProxies = []string{"192.0.2.0/24"}
	})
	browser := c.from(erasedIP)
	browser.Post("/auth/registration/", authtest.SignUp(erasedName)).Want(201)
	id := c.user(erasedName).ID
	c.Mails()
	c.later(7*24*time.Hour + time.Second)
	c.wantRemains(id, "after UnconfirmedLifetime")
}
