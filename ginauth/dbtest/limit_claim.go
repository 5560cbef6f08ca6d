package dbtest

import (
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// claimsRevealNoOwner: who asks for more mails to an address than it may get sees the same for one that another account has confirmed as for
// one that belongs to no account: by responses, their own events, and the work of the server.
func claimsRevealNoOwner(c *Case) {
	seen := map[string]string{}
	for _, address := range []string{"ann@example.com", "free@example.com"} {
		c.documented = nil
		c.StartMail(limited, audited, mandatory)
		c.verified("ann")
		c.verified("mallory")
		c.Clock.Advance(2 * time.Hour) // ann's own sign-up does not count any more
		browser := c.from("203.0.113.1")
		browser.Post("/auth/login/", authtest.Login("mallory")).Want(200)
		var claim binding.Email
		browser.Post("/auth/emails/", obj{"email": address}).Want(201).JSON(&claim)
		writes, log := 0, ""
		c.beforeWrites(func(*gorm.DB) { writes++ })
		note := func(what string, r *authtest.Response) {
			log += fmt.Sprintf("%s: %d, %d writes; ", what, r.StatusCode, writes)
			writes = 0
		}
		for i := range 11 { // uses up what the address gets
			in := authtest.SignUp("user" + strconv.Itoa(i))
			in.Email = address
			note("sign-up", c.from("203.0.113.2").Post("/auth/registration/", in))
		}
		for range 3 { // a browser where mallory has logged in
			c.Clock.Advance(61 * time.Second) // each can be an event
			note("resend of a claim", browser.Post("/auth/emails/"+strconv.FormatInt(claim.ID, 10)+"/resend/", nil))
		}
		note("resend", c.from("203.0.113.3").Post("/auth/registration/resend-email/", obj{"email": address}))
		note("reset", browser.Post("/auth/password/reset/", obj{"email": address}))
		var own []binding.Event
		browser.Get("/auth/security/events/").Want(200).JSON(&own)
		for _, e := range own {
			log += e.Event + ", "
		}
		seen[address] = log
	}
	if seen["ann@example.com"] != seen["free@example.com"] {
		c.Errorf("\n%s\n%s", seen["ann@example.com"], seen["free@example.com"])
	}
}

// mailsOfADayRevealNoSignUp: above Mail.MaxPerDay, an address with a recent sign-up gets no mail. The server works as for an unknown one.
func mailsOfADayRevealNoSignUp(c *Case) {
	c.StartMail(limited, audited, mandatory, func(cfg *config.Config) { cfg.Mail.MaxPerHour, cfg.Mail.MaxPerDay = 100, 3 })
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	writes := 0
	c.beforeWrites(func(*gorm.DB) { writes++ })
	for i := range 6 {
		c.Clock.Advance(61 * time.Second)
		var seen []int
		for _, address := range []string{"ann@example.com", "unknown@example.com"} {
			writes = 0
			c.from("203.0.113.2").Post("/auth/password/reset/", obj{"email": address}).Want(200)
			seen = append(seen, writes)
		}
		if seen[0] != seen[1] {
			c.Errorf("%d: %d and %d writes", i, seen[0], seen[1])
		}
	}
	if n := c.Auth.Refusals()["Mail.MaxPerDay"]; n == 0 {
		c.Error("the limit was not reached")
	}
}
