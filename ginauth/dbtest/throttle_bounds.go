package dbtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// inAll bounds what all clients together can cause in an hour.
func inAll(n int) func(*config.Config) {
	return func(cfg *config.Config) {
		limited(cfg)
		cfg.Limits.AllSignUps = config.Limit{Attempts: n, Per: time.Hour}
		cfg.Limits.AllMails = config.Limit{Attempts: n, Per: time.Hour}
	}
}

// place returns an address in a /24 of its own.
func place(i int) string { return fmt.Sprintf("11.%d.%d.1", i/250, i%250) }

// allSignUpsAreBounded: the response does not depend on the address, failures do not count, and the operator sees it.
func allSignUpsAreBounded(c *Case) {
	c.StartMail(inAll(5), mandatory, audited)
	c.verified("ann")
	for i := range 10 {
		c.from(place(i)).Post("/auth/registration/", obj{"username": "x"}).Want(400)
	}
	for i := range 4 {
		c.from(place(i)).Post("/auth/registration/", authtest.SignUp("user"+strconv.Itoa(i))).Want(201)
	}
	for i, name := range []string{"new", "ann", "new"} { // an unknown address, and a known one
		in := authtest.SignUp("other" + strconv.Itoa(i))
		in.Email = name + "@example.com"
		r := c.from(place(20+i)).Post("/auth/registration/", in).Want(429)
		if r.Header.Get("Retry-After") != "720" {
			c.Error(r.Header.Get("Retry-After"))
		}
	}
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	if n := c.Auth.Refusals()["Limits.AllSignUps"]; n != 3 {
		c.Errorf("%d refusals", n)
	}
	if log := c.Log.String(); strings.Count(log, "raise Limits.AllSignUps") != 1 {
		c.Error(log)
	}
	events, err := c.Auth.Events(c.Context(), ginauth.EventFilter{Names: []config.EventName{config.EventRateLimited}})
	if err != nil || len(events) != 1 || events[0].Details != "Limits.AllSignUps" {
		c.Errorf("%+v, %v", events, err)
	}
	c.Clock.Advance(12 * time.Minute)
	c.from(place(30)).Post("/auth/registration/", authtest.SignUp("late")).Want(201)
}

// networksAroundHaveAShare: one machine with many addresses cannot use up what all clients have.
func networksAroundHaveAShare(c *Case) {
	c.StartMail(inAll(300))
	for _, address := range []func(int) string{
		func(i int) string { return "203.0.113." + strconv.Itoa(i) }, func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i) },
	} {
		made, mails := 0, 0
		for i := range 40 {
			if c.from(address(i)).Post("/auth/registration/", authtest.SignUp(fmt.Sprintf("user%s-%d", address(0)[:3], i))).StatusCode == 201 {
				made++
			}
			if c.from(address(i)).Post("/auth/password/reset/", obj{"email": fmt.Sprintf("user%d@example.org", i)}).StatusCode == 200 {
				mails++
			}
		}
		if made != 30 || mails != 30 {
			c.Errorf("%s: %d sign-ups, %d mails, want a tenth of 300", address(0), made, mails)
		}
	}
	c.from("203.0.114.1").Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.from("2001:db8:2::1").Post("/auth/registration/", authtest.SignUp("bob")).Want(201)
}

// guessesOfAWideNetworkAreLimited: an IPv6 /48 has many networks, so names and passwords of a stolen list are tried from all of them.
func guessesOfAWideNetworkAreLimited(c *Case) {
	c.Start(limited, func(cfg *config.Config) { cfg.Limits.Network = config.Limit{Attempts: 3, Per: time.Hour} })
	c.User(c.T, "ann")
	home := c.from("2001:db8:1:ffff::1")
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	tried := 0
	for i := range 40 {
		if c.from(fmt.Sprintf("2001:db8:1:%x::1", i)).Post("/auth/login/", wrong(fmt.Sprintf("user%d", i))).StatusCode == 400 {
			tried++
		}
	}
	if tried != 30 {
		c.Errorf("%d guesses of a /48 were compared, want 30", tried)
	}
	c.from("2001:db8:1:fffe::1").Post("/auth/login/", authtest.Login("ann")).Want(429)
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.from("2001:db8:2::1").Post("/auth/login/", authtest.Login("ann")).Want(200)
	for i := range 40 { // IPv4 networks have no other limit than their own
		c.from("203.0.113."+strconv.Itoa(i)).Post("/auth/login/", wrong(fmt.Sprintf("user%d", 100+i))).Want(400)
	}
}

// strangersCannotUseUpMailsOfOwners: above the bound, only unconfirmed addresses of recent sign-ups get no mail. The response
// is the same for all, and earlier links stay valid.
func strangersCannotUseUpMailsOfOwners(c *Case) {
	c.StartMail(inAll(10), mandatory, byCode)
	ann := c.verified("ann")
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.SignedUp("eve")
	first := c.Mail("verify")
	c.Clock.Advance(2 * time.Minute)
	for i := range 15 {
		c.from(place(i)).Post("/auth/password/reset/", obj{"email": fmt.Sprintf("user%d@example.org", i)}).Want(200)
	}
	c.NoMail()
	ask := func(path, address string) string {
		r := c.from(place(100)).Post(path, obj{"email": address}).Want(200)
		return r.Text
	}
	for _, path := range []string{"/auth/password/reset/", "/auth/registration/resend-email/"} {
		if known, unknown := ask(path, "eve@example.com"), ask(path, "nobody@example.com"); known != unknown {
			c.Errorf("%s: %s, %s", path, known, unknown)
		}
		c.NoMail()
	}
	ask("/auth/password/reset/", "ann@example.com")
	c.Mail("reset")
	ask("/auth/login/code/", "ann@example.com")
	c.Mail("login_code")
	ann.Post("/auth/emails/", obj{"email": "ann@example.org"}).Want(201)
	if mails := c.Mails(); len(mails) == 0 {
		c.Error("a logged-in user gets no mail")
	}
	if log := c.Log.String(); strings.Count(log, "raise Limits.AllMails") != 1 || c.Auth.Refusals()["Limits.AllMails"] == 0 {
		c.Errorf("%v: %s", c.Auth.Refusals(), log)
	}
	c.verify(first.Key(c.T)).Want(200)
}

// takenNamesAreLimited: a sign-up says that a name is taken, and one network learns no more than 30 in five minutes.
func takenNamesAreLimited(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	learned := 0
	for range 40 {
		if c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("ann")).StatusCode == 400 {
			learned++
		}
	}
	if learned < 30 || learned > 31 {
		c.Errorf("%d responses say that the name is taken, want 30", learned)
	}
	c.from("203.0.113.2").Post("/auth/registration/", authtest.SignUp("ann")).WantProblems("email taken", "username taken")
	bad := authtest.SignUp("bob")
	bad.Password2 = "x"
	for range 40 {
		c.from("203.0.113.3").Post("/auth/registration/", bad).Want(400)
	}
}

// noticesOfLoginsAreLimited: right logins have no limit, and their notices must not delay the mails of others.
func noticesOfLoginsAreLimited(c *Case) {
	c.StartMail(limited)
	c.verified("ann")
	sent := 0
	for range 8 {
		c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
		sent += len(c.Mails())
	}
	if sent != 5 {
		c.Errorf("%d notices, want 5", sent)
	}
	c.Clock.Advance(61 * time.Minute)
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.Mail("new_device")
}

// strangersCannotUseUpCodesOfOwners: mails that strangers ask for do not count in the browser where the owner has logged in.
func strangersCannotUseUpCodesOfOwners(c *Case) {
	c.StartMail(limited, byCode)
	c.verified("ann")
	home := c.from("203.0.113.200")
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	home.Post("/auth/logout/", nil).Want(200)
	c.Mails()
	ann, sent := obj{"email": "ann@example.com"}, 0
	for i := range 12 {
		c.from(place(3*i)).Post("/auth/login/code/", ann).Want(200)
		for range 5 { // so that the code cannot be tried any more
			c.from(place(3*i+1)).Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": "AAAAAAAA"}).Want(400)
		}
		sent += len(c.Mails())
	}
	if sent != 10 {
		c.Errorf("strangers caused %d mails, want 10", sent)
	}
	c.from(place(100)).Post("/auth/login/code/", ann).Want(200)
	c.NoMail()
	home.Post("/auth/login/code/", ann).Want(200)
	home.Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": c.Mail("login_code").Code(c.T)}).Want(200)
}

// usersOfADayAreNoStrangers: without EmailVerification no user confirms an address, and users still reset their passwords.
func usersOfADayAreNoStrangers(c *Case) {
	c.StartMail(inAll(5), func(cfg *config.Config) { cfg.EmailVerification = config.VerifyNone })
	c.SignedUp("ann")
	c.Clock.Advance(25 * time.Hour)
	c.SignedUp("eve")
	for i := range 10 {
		c.from(place(i)).Post("/auth/password/reset/", obj{"email": fmt.Sprintf("user%d@example.org", i)}).Want(200)
	}
	c.askReset("eve@example.com")
	c.NoMail()
	c.askReset("ann@example.com")
	c.Mail("reset")
}

// mailsOfADayAreBounded: an address that was given at a sign-up, by anyone, is not flooded. Its owner, once it is
// confirmed, has no such limit.
func mailsOfADayAreBounded(c *Case) {
	c.StartMail(mandatory, byCode)
	c.SignedUp("ann")
	last := c.Mail("verify")
	flood := func() (n int) {
		for range 12 {
			c.Clock.Advance(time.Hour)
			for range 3 {
				c.resend("ann@example.com")
				c.askReset("ann@example.com")
			}
			for _, m := range c.Mails() {
				if n++; m.Kind == "verify" {
					last = m
				}
			}
		}
		return n
	}
	if n := flood(); n != 19 { // and the first one
		c.Errorf("%d mails", n)
	}
	if n := c.Auth.Refusals()["Mail.MaxPerDay"]; n == 0 {
		c.Error("no refusal is counted")
	}
	c.verify(last.Key(c.T)).Want(200)
	if n := flood(); n != 36 {
		c.Errorf("%d mails to a confirmed address", n)
	}
}

// mailsOfAUserAreLimited: a logged-in user in many networks.
func mailsOfAUserAreLimited(c *Case) {
	c.StartMail(limited)
	ann := c.SignedUp("ann")
	sent := 0
	for i := range 30 {
		b := c.from(place(i))
		b.Cookies = ann.Clone().Cookies
		if b.Post("/auth/emails/", obj{"email": fmt.Sprintf("a%d@example.org", i)}).StatusCode == 201 {
			sent++
			var id int64
			for _, e := range emails(b) {
				if !e.Primary {
					id = e.ID
				}
			}
			b.Do("DELETE", emailPath(id, ""), nil).Want(204)
		}
	}
	if sent != 20 {
		c.Error(sent)
	}
}

// rowsOfStrangersAreSwept: all that requests without a login leave. GINAUTH_TEST_FLOOD sets their number, for measurements.
func rowsOfStrangersAreSwept(c *Case) {
	requests := 600
	if n, err := strconv.Atoi(os.Getenv("GINAUTH_TEST_FLOOD")); err == nil {
		requests = n
	}
	c.StartMail(inAll(requests/20), mandatory, byCode, audited)
	start := time.Now()
	for i := range requests {
		b, address := c.from(place(i%(requests/10))), obj{"email": fmt.Sprintf("user%d@example.com", i)}
		switch i % 5 {
		case 0:
			b.Post("/auth/registration/", authtest.SignUp("user"+strconv.Itoa(i)))
		case 1:
			b.Post("/auth/password/reset/", address).Want(200)
		case 2:
			b.Post("/auth/login/code/", address).Want(200)
		case 3:
			b.Post("/auth/registration/resend-email/", address).Want(200)
		case 4:
			b.Post("/auth/login/", wrong("user"+strconv.Itoa(i))).Want(400)
		}
	}
	c.Logf("%d requests in %v", requests, time.Since(start))
	rows := c.rowsOfTables()
	c.Logf("rows: %v", rows)
	signUps, mails, logins := int64(requests/20), int64(requests/5*3), int64(requests/5)
	for table, most := range map[string]int64{
		"auth_user": signUps, "auth_email": signUps, "auth_session": 0, "auth_ticket": 2*signUps + mails, "auth_outbox": signUps + mails,
		"auth_counter": 4 * (signUps + mails), "auth_limit": 2*logins + int64(7*requests/10) + 2, "auth_event": logins + 2,
	} {
		if rows[table] > most {
			c.Errorf("%s has %d rows, want at most %d", table, rows[table], most)
		}
	}
	c.Mails()
	c.Clock.Advance(31 * 24 * time.Hour)
	longest := int64(0)
	if err := c.DB.Callback().Delete().After("*").Register("longest", func(db *gorm.DB) { longest = max(longest, db.RowsAffected) }); err != nil {
		c.Fatal(err)
	}
	start = time.Now()
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	c.Logf("swept in %v, at most %d rows in one statement", time.Since(start), longest)
	for table, n := range c.rowsOfTables() {
		if n != 0 {
			c.Errorf("%s has %d rows after the sweep", table, n)
		}
	}
	if longest > 500 {
		c.Errorf("one statement deleted %d rows", longest)
	}
}

// rowsOfTables counts the rows of the library's tables.
func (c *Case) rowsOfTables() map[string]int64 {
	c.Helper()
	rows := map[string]int64{}
	for _, table := range []any{
		&models.User{}, &models.Email{}, &models.Session{}, &models.Ticket{}, &models.OutboxMail{}, &models.Counter{}, &models.Limit{}, &models.Event{},
	} {
		rows[table.(interface{ TableName() string }).TableName()] = c.count(table)
	}
	return rows
}

// captchaAfterHalfOfAll: when half of what all clients have is used up, a first request needs a solution.
func captchaAfterHalfOfAll(c *Case) {
	var v verifier
	c.StartMail(func(cfg *config.Config) {
		v.configure(cfg)
		inAll(10)(cfg)
		cfg.Captcha.AfterHalf = []string{"password/reset"}
	})
	for i := range 5 {
		c.from(place(i)).Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	}
	b := c.from(place(10))
	b.Post("/auth/password/reset/", obj{"email": "ann@example.com"}).WantProblems("captcha captcha_required")
	solve(b, "solved", "/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
}
