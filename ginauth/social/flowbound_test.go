package social_test

// The bound of logins by redirect for all clients.

import (
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
)

// allStartsAreBounded: networks together, and a network of many addresses has a tenth. Logins with a token go on, and Refusals has the count.
func allStartsAreBounded(c *dbtest.Case) {
	idp := startFlow(c, func(cfg *config.Config) {
		cfg.Limits.AllowUnlimited, cfg.TrustedProxies = false, []string{"192.0.2.0/24"}
		cfg.Limits.Start = config.Limit{Attempts: 2, Per: 5 * time.Minute}
		cfg.Limits.AllStarts = config.Limit{Attempts: 30, Per: 5 * time.Minute}
	})
	started := func(address string) (n int) {
		browser := c.Client()
		browser.Header.Set("X-Forwarded-For", address)
		if leads(c, browser.Get("/auth/acme/login/")).Host == "idp.example" {
			n = 1
		}
		return n
	}
	wide, all := 0, 0
	for i := range 20 {
		wide += started(fmt.Sprintf("203.0.113.%d", i))
	}
	for i := range 40 {
		all += started(fmt.Sprintf("11.%d.1.1", i))
	}
	if wide != 3 || all != 27 {
		c.Errorf("%d logins of a wide network and %d of others were started, want 3 and 27", wide, all)
	}
	entered(c, idp, "s1")
	if n := c.Auth.Refusals()["Limits.AllStarts"]; n != 30 {
		c.Errorf("%d refusals", n)
	}
	c.Clock.Advance(5 * time.Minute)
	if started("11.99.1.1") != 1 {
		c.Error("the bound stays used up")
	}
}
