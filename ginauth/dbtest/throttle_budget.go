package dbtest

import (
	"strconv"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// patientAttackerGetsAHundredGuesses: pauses between guesses gain nothing, whatever their rhythm.
func patientAttackerGetsAHundredGuesses(c *Case) {
	for _, rhythm := range []struct {
		guesses int
		pause   time.Duration
	}{{4, 5 * time.Minute}, {1, 3 * time.Minute}, {4, time.Hour}, {1, 15 * time.Minute}, {2, 31 * time.Minute}} {
		c.documented = nil
		c.Start(limited)
		c.User(c.T, "ann")
		tried, start := 0, c.Clock.Now()
		for i := 0; c.Clock.Now().Before(start.Add(24 * time.Hour)); i++ {
			n, _ := guess(c.from("203.0.113."+strconv.Itoa(i%200)), "ann", rhythm.guesses)
			tried += n
			c.Clock.Advance(rhythm.pause)
		}
		if tried > 106 {
			c.Errorf("%+v: %d guesses in a day", rhythm, tried)
		}
		c.Clock.Advance(15 * time.Minute)
		c.from("198.51.100.1").Post("/auth/login/", authtest.Login("ann")).Want(200)
	}
}

// dailyTyposCauseNoWait: also if each is made in another network, so that the login after it does not take it back.
func dailyTyposCauseNoWait(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	for i := range 30 {
		c.from("203.0.113."+strconv.Itoa(i)).Post("/auth/login/", wrong("ann")).Want(400)
		c.from("198.51.100.1").Post("/auth/login/", authtest.Login("ann")).Want(200)
		c.Clock.Advance(24 * time.Hour)
	}
}

// stolenDeviceCookieGainsLittle: guesses from many networks with a copy of the cookie wait longer and longer, and one network cannot use
// copies of many users' cookies for one guess each.
func stolenDeviceCookieGainsLittle(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	home := c.from("198.51.100.1")
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	tried, start := 0, c.Clock.Now()
	for i := 0; c.Clock.Now().Before(start.Add(24 * time.Hour)); i++ {
		stranger := c.from("203.0.113." + strconv.Itoa(i%200))
		stranger.Cookies["__Host-device"] = home.Cookies["__Host-device"]
		n, _ := guess(stranger, "ann", 20)
		tried += n
		c.Clock.Advance(7 * time.Minute)
	}
	if tried < 100 || tried > 140 {
		c.Error(tried, "guesses in a day")
	}
	c.Clock.Advance(time.Hour)
	tried = 0
	for i := range 8 {
		name := "user" + strconv.Itoa(i)
		c.User(c.T, name)
		b := c.from("203.0.113.250")
		b.Post("/auth/login/", authtest.Login(name)).Want(200)
		n, _ := guess(b, name, 9)
		tried += n
	}
	if tried != 30 {
		c.Error(tried, "guesses with cookies of eight users")
	}
	c.from("203.0.113.250").Post("/auth/login/", wrong("someone")).Want(400) // others in the network are not limited by that
}

// claimedAddressMakesNoKnownBrowser: someone who signed up with ann's address cannot later use up what the browsers of ann have.
func claimedAddressMakesNoKnownBrowser(c *Case) {
	c.StartMail(limited)
	mallory := c.from("203.0.113.1")
	in := authtest.SignUp("mallory")
	in.Email = "ann@example.com"
	mallory.Post("/auth/registration/", in).Want(201)
	mallory.Post("/auth/login/", authtest.Login("mallory")).Want(200)
	c.Mails()
	c.askReset("ann@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	home, login := c.from("198.51.100.1"), obj{"email": "ann@example.com", "password": "Mirror-Maze-88"}
	home.Post("/auth/login/", login).Want(200)
	for i := range 40 {
		stranger := c.from("203.0.113." + strconv.Itoa(i))
		stranger.Cookies["__Host-device"] = mallory.Cookies["__Host-device"]
		guess(stranger, "ann@example.com", 10)
	}
	c.from("198.51.100.2").Post("/auth/login/", login).Want(429)
	home.Post("/auth/login/", wrong("ann@example.com")).Want(400)
	home.Post("/auth/login/", login).Want(200)
}

// knownBrowserExpires: a login counts for 90 to 180 days, and each login renews it.
func knownBrowserExpires(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	home := c.from("198.51.100.1")
	tried := func(after time.Duration) int {
		c.Clock.Advance(after)
		n, _ := guess(home, "ann", 20)
		return n
	}
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if n := tried(89 * 24 * time.Hour); n != 10 {
		c.Error(n)
	}
	c.Clock.Advance(time.Hour)
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if n := tried(89 * 24 * time.Hour); n != 10 {
		c.Error(n, "after it was renewed")
	}
	if n := tried(92 * 24 * time.Hour); n != 5 {
		c.Error(n, "half a year later")
	}
}
