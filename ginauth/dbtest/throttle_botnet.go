package dbtest

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// botnetReachesNoMoreThanTheBudget: guesses against one account from many networks, spread over an hour and three instances.
// GINAUTH_TEST_GUESSES sets their number, for measurements.
func botnetReachesNoMoreThanTheBudget(c *Case) {
	guesses := 600
	if n, err := strconv.Atoi(os.Getenv("GINAUTH_TEST_GUESSES")); err == nil {
		guesses = n
	}
	c.StartMail(limited, byCode)
	c.verified("ann")
	home := c.from("198.51.100.1")
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	home.Post("/auth/logout/", nil).Want(200)
	sharing := func(cfg *config.Config) { cfg.Now = c.Clock.Now }
	instances := []*authtest.App{c.App}
	for range 2 {
		instances = append(instances, c.another(c.Box.Configure, limited, byCode, sharing))
	}
	reached := 0
	for i := range guesses {
		b := instances[i%3].Client(c.T)
		b.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.%d.%d", i/10%100, i%10))
		if b.Post("/auth/login/", wrong("ann")).StatusCode == 400 {
			reached++
		}
		c.Clock.Advance(time.Hour / time.Duration(guesses))
	}
	// 5 at once, one after each of 30, 60, 120, 240 and 480 seconds, and one in each 15 minutes of what is left of the hour.
	if reached < 10 || reached > 13 {
		c.Errorf("%d of %d guesses were compared, want at most 13", reached, guesses)
	}
	c.Logf("%d of %d guesses were compared", reached, guesses)
	home.Post("/auth/login/", authtest.Login("ann")).Want(200) // the owner, at once
	c.Mails()                                                  // the notice of a new device
	c.from("198.51.100.2").Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	code := c.Mail("login_code").Code(c.T)
	c.from("198.51.100.2").Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": code}).Want(200)
	c.Clock.Advance(15 * time.Minute)
	c.from("198.51.100.3").Post("/auth/login/", authtest.Login("ann")).Want(200) // from a new browser, when the attack has ended
}
