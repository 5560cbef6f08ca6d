package dbtest

// How a recovery of package mfa ends before the factors are removed.

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
)

// recoveriesAreCancelled by the link of the mail, a session or login with a factor, and each change of the password, the factors or
// an address (T275).
func recoveriesAreCancelled(c *Case) {
	phone := c.withLostApp(func(cfg *config.Config) { cfg.LoginOnReset = true })
	session := c.LoggedInWith("ann", phone)
	session.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	session.Post("/auth/registration/verify-email/", obj{"key": c.lastMail("verify").Key(c.T)}).Want(200)
	var emails []struct {
		ID    int64
		Email string
	}
	session.Get("/auth/emails/").Want(200).JSON(&emails)
	again := func() { session = c.LoggedInWith("ann", phone) }
	password := obj{"old_password": authtest.Password, "new_password1": authtest.Password, "new_password2": authtest.Password}
	ends := []struct {
		name string
		end  func()
	}{
		{"a login with the app", again},
		{"a session", func() {
			session.Post("/auth/mfa/recovery/cancel/", obj{}).Want(200)
			session.Post("/auth/mfa/recovery/cancel/", obj{}).Want(404)
		}},
		{"new recovery codes", func() {
			session.Post("/auth/mfa/recovery-codes/regenerate/", obj{"password": authtest.Password}).Want(200)
		}},
		{"a removed address", func() {
			session.Do("DELETE", fmt.Sprintf("/auth/emails/%d/", emails[1].ID), obj{"password": authtest.Password}).Want(204)
		}},
		{"a new password", func() { session.Post("/auth/password/change/", password).Want(200) }},
		{"a reset", func() {
			c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
			m := c.lastMail("reset")
			c.Client().Post("/auth/password/reset/confirm/", obj{
				"uid": m.UID(c.T), "token": m.Key(c.T), "new_password1": authtest.Password, "new_password2": authtest.Password,
			}).Want(200)
		}},
	}
	for _, e := range ends {
		again()
		c.events()
		c.recovers(c.Client())
		key := c.lastMail("mfa_recovery_started").Key(c.T)
		e.end()
		c.wantRecorded("mfa_recovery_started", "mfa_recovery_cancelled")
		c.Client().Post("/auth/mfa/recovery/cancel/", obj{"key": key}).WantCode(404, "ticket_not_valid")
		_, r := c.asksToRecover(c.Client())
		if r.WantCode(429, "recovery_cancelled"); !strings.HasPrefix(r.Header.Get("Retry-After"), "86") {
			c.Errorf("%s: Retry-After is %q", e.name, r.Header.Get("Retry-After"))
		}
		c.Clock.Advance(25 * time.Hour)
	}
	c.recovers(c.Client())
	key := c.lastMail("mfa_recovery_started").Key(c.T)
	c.Client().Post("/auth/mfa/recovery/cancel/", obj{"key": key + "x"}).WantCode(404, "ticket_not_valid")
	c.Client().Post("/auth/mfa/recovery/cancel/", obj{"key": key}).Want(200)
	c.Client().Post("/auth/mfa/recovery/cancel/", obj{"key": key}).WantCode(404, "ticket_not_valid")
	c.Clock.Advance(recoveryWait)
	if out := c.recovers(c.Client()); out.Recovered || out.RecoveryTimes == nil { // a new start
		c.Errorf("a cancelled recovery goes on: %+v", out)
	}
	c.Clock.Advance(recoveryWait + 7*24*time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil || c.count(&mfa.LostFactors{}) != 0 {
		c.Errorf("%v, %d rows", err, c.count(&mfa.LostFactors{}))
	}
	if out := c.recovers(c.Client()); out.Recovered {
		c.Error("an expired recovery was completed")
	}
}
