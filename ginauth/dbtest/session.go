package dbtest

import (
	"context"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var sessionCases = Group{Name: "session", Cases: []func(*Case){
	sessionsAreListedAndEnded, sessionsOfOthersAreOutOfReach, sessionEndsIdleAndAbsolutely, lastSeenIsNotWrittenByEveryRequest,
	sessionsPerUserAreBounded, sessionKeyIsNewAtEachLogin, sessionsOfAnOldEpochAreInvalid, sweepDeletesExpiredRows,
	sessionStoresTheClient, sessionIDsAreExact, newSessionIsNeverRemovedByTheLimit, storesHoldNoCredential,
	storeThatRefusesValuesDoesNotBlockLogin, storeThatCannotReadValuesDoesNotBlockLogin, cookieAttributesCannotBeOverridden,
}}

func sessionsAreListedAndEnded(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.Clock.Advance(time.Second)
	second := c.LoggedIn("ann")
	c.Clock.Advance(time.Second)
	third := c.LoggedIn("ann")
	all := listed(c, third)
	if len(all) != 3 || !all[0].Current || all[1].Current || all[2].Current || all[2].Method != "register" || all[0].Method != "password" {
		c.Fatalf("listed %+v", all)
	}
	third.Delete("/auth/sessions/" + all[2].ID + "/").Want(204)
	ann.Get("/auth/user/").Want(401)
	third.Delete("/auth/sessions/"+all[2].ID).WantCode(404, binding.CodeNotFound)
	second.Delete("/auth/sessions/").Want(204)
	third.Get("/auth/user/").Want(401)
	second.Delete("/auth/sessions/" + all[1].ID + "/").Want(204) // ending the own session is a logout
	if len(second.Cookies) != 0 {
		c.Errorf("cookies left: %v", second.Cookies)
	}
	second.Get("/auth/sessions/").Want(401)
}

// sessionsOfOthersAreOutOfReach covers T015: a user cannot read or end sessions of other users by their IDs.
func sessionsOfOthersAreOutOfReach(c *Case) {
	c.Start()
	ann, eve := c.SignedUp("ann"), c.SignedUp("eve")
	id := listed(c, ann)[0].ID
	foreign := eve.Delete("/auth/sessions/"+id+"/").WantCode(404, binding.CodeNotFound)
	unknown := eve.Delete("/auth/sessions/"+strings.Repeat("a", len(id))+"/").WantCode(404, binding.CodeNotFound)
	if foreign.Text != unknown.Text {
		c.Errorf("%s differs from %s", foreign.Text, unknown.Text)
	}
	eve.Delete("/auth/sessions/").Want(204)
	ann.Get("/auth/user/").Want(200)
	if len(listed(c, eve)) != 1 {
		c.Error("eve sees sessions of other users")
	}
}

// sessionEndsIdleAndAbsolutely covers T042, to the millisecond.
func sessionEndsIdleAndAbsolutely(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.Clock.Advance(24*time.Hour - time.Millisecond)
	ann.Get("/auth/user/").Want(200)
	c.Clock.Advance(24 * time.Hour)
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)

	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	for range 14*2 - 1 {
		c.Clock.Advance(12 * time.Hour)
		ann.Get("/auth/user/").Want(200)
	}
	c.Clock.Advance(12*time.Hour - time.Millisecond)
	ann.Get("/auth/user/").Want(200)
	c.Clock.Advance(time.Millisecond)
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
}

func lastSeenIsNotWrittenByEveryRequest(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	start := c.Clock.Now()
	c.Clock.Advance(5*time.Minute - time.Millisecond)
	if seen := listed(c, ann)[0].LastSeenAt; !seen.Equal(start) {
		c.Errorf("seen %v, want %v", seen, start)
	}
	c.Clock.Advance(time.Millisecond)
	if seen := listed(c, ann)[0].LastSeenAt; !seen.Equal(c.Clock.Now()) {
		c.Errorf("seen %v, want %v", seen, c.Clock.Now())
	}
}

// sessionsPerUserAreBounded covers T049: a login beyond the limit ends another session.
func sessionsPerUserAreBounded(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Session.MaxPerUser = 3 })
	bob, first := c.SignedUp("bob"), c.SignedUp("ann")
	for range 3 {
		c.Clock.Advance(time.Minute)
		c.LoggedIn("ann")
	}
	first.Get("/auth/user/").Want(401)
	bob.Get("/auth/user/").Want(200)
	if n := c.count(&models.Session{}); n != 4 {
		c.Errorf("%d sessions, want ann's 3 and bob's", n)
	}
}

// newSessionIsNeverRemovedByTheLimit: also if its time is not later than that of the others.
func newSessionIsNeverRemovedByTheLimit(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Session.MaxPerUser = 1 })
	c.SignedUp("ann")
	for range 10 {
		c.LoggedIn("ann").Get("/auth/user/").Want(200)
	}
	c.Clock.Advance(-time.Hour)
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
	if n := c.count(&models.Session{}); n != 1 {
		c.Errorf("%d sessions", n)
	}
}

// sessionKeyIsNewAtEachLogin covers T034 for the cookie store. stores_test.go tests stores that keep an ID.
func sessionKeyIsNewAtEachLogin(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	planted := ann.Clone()
	victim := planted.Clone()
	victim.Post("/auth/login/", authtest.Login("ann")).Want(200)
	planted.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	victim.Get("/auth/user/").Want(200)
}

// sessionsOfAnOldEpochAreInvalid covers T123: the password is changed during a login with the old one. The session of
// that login is invalid from the start.
func sessionsOfAnOldEpochAreInvalid(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.set("ann", obj{"session_epoch": 1})
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if all := listed(c, ann); len(all) != 1 {
		c.Errorf("listed %+v", all)
	}
}

func sweepDeletesExpiredRows(c *Case) {
	c.Start()
	c.SignedUp("idle")
	c.Clock.Advance(23 * time.Hour)
	bob := c.SignedUp("bob")
	c.Clock.Advance(time.Hour)
	for want := int64(1); want >= 0; want-- {
		if n, err := c.Auth.Sweep(context.Background()); n != want || err != nil {
			c.Errorf("swept %d (%v), want %d", n, err, want)
		}
	}
	bob.Get("/auth/user/").Want(200)
	c.Clock.Advance(14 * 24 * time.Hour)
	if n, err := c.Auth.Sweep(context.Background()); n != 1 || err != nil {
		c.Errorf("swept %d (%v), want 1", n, err)
	}
}

// sessionStoresTheClient covers T070 and T180: user agent and IP address as a client sends them.
func sessionStoresTheClient(c *Case) {
	c.Start()
	browser := c.Client()
	browser.Header.Set("User-Agent", "Bro\x01wser \x1b[31m"+strings.Repeat("é", 300))
	browser.Header.Set("X-Forwarded-For", "203.0.113.9")
	browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	s := listed(c, browser)[0]
	if s.IP != "192.0.2.1" || !strings.HasPrefix(s.UserAgent, "Browser [31m") || len(s.UserAgent) > 255 {
		c.Errorf("noted %+v", s)
	}
	proxied := authtest.New(c.T, c.DB, func(cfg *config.Config) {
		cfg.Now, cfg.TrustedProxies = c.Clock.Now, []string{"192.0.2.0/24", "10.0.0.1"}
	})
	for header, want := range map[string]string{
		"198.51.100.7":                          "198.51.100.7",
		"1.1.1.1, 198.51.100.7":                 "198.51.100.7",
		"1.1.1.1, 198.51.100.7, 10.0.0.1":       "198.51.100.7",
		"1.1.1.1, nonsense, 10.0.0.1":           "10.0.0.1",
		"::ffff:198.51.100.7":                   "198.51.100.7",
		"2001:db8::1%eth0, 192.0.2.9":           "2001:db8::1",
		"":                                      "192.0.2.1",
		"198.51.100.7:41234":                    "198.51.100.7", // as Azure writes it
		"1.1.1.1, 198.51.100.7:9, 10.0.0.1:80":  "198.51.100.7",
		`"198.51.100.7:41234"`:                  "198.51.100.7",
		"[2001:db8::1]":                         "2001:db8::1",
		"[2001:db8::1]:41234":                   "2001:db8::1",
		`"[2001:db8::1%eth0]:41234", 192.0.2.9`: "2001:db8::1",
		`"2001:DB8:0::1"`:                       "2001:db8::1",
		"[::ffff:198.51.100.7]:41234":           "198.51.100.7",
		"[198.51.100.7]:41234":                  "192.0.2.1", // an entry that is not an address is never trusted
		"198.51.100.7:":                         "192.0.2.1",
		"198.51.100.7:99999":                    "192.0.2.1",
		"198.51.100.7:_hidden":                  "192.0.2.1",
		"[2001:db8::1":                          "192.0.2.1",
		`"198.51.100.7`:                         "192.0.2.1",
		"unknown":                               "192.0.2.1",
	} {
		browser := authtest.NewClient(c.T, proxied.Router)
		browser.Do("POST", "/auth/login/", authtest.Login("ann"), "X-Forwarded-For", header, "Content-Type", "application/json").Want(200)
		var all []binding.Session
		browser.Get("/auth/sessions/").Want(200).JSON(&all)
		for _, s := range all {
			if s.Current && s.IP != want {
				c.Errorf("%q: noted %q, want %q", header, s.IP, want)
			}
		}
	}
}

// sessionIDsAreExact: a value that is not one of the library's IDs never reaches the database.
func sessionIDsAreExact(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	id := listed(c, ann)[0].ID
	for _, odd := range []string{"%00", "%ff", "a%00b", "%c3%28", "x", strings.ToUpper(id), id + "a", id[1:], "%27%20OR%201=1--"} {
		ann.Delete("/auth/sessions/"+odd+"/").WantCode(404, binding.CodeNotFound)
	}
	ann.Get("/auth/user/").Want(200)
}
