package dbtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var sessionCases = []func(*Case){
	SessionsAreListedAndEnded, SessionsOfOthersAreOutOfReach, SessionEndsIdleAndAbsolutely, SessionIsTouchedNowAndThen,
	SessionsPerUserAreBounded, SessionCookieIsStrict, SessionCookieSurvivesSecretRotation, SessionKeyIsNewAtEachLogin,
	SessionOfOldEpochIsDead, SessionTwinCookiesCountForNothing, SessionKeepsApplicationValues, SweepDeletesWhatHasEnded,
	SessionNotesTheClient, SessionCookieTooLongIsNoCookie, SessionOfATwinCookieEndsAtLogout, SessionIDsAreExact,
	SessionValuesStayWithTheirUser,
}

func listed(c *Case, browser *authtest.Client) (all []binding.Session) {
	c.Helper()
	browser.Get("/auth/sessions/").Want(200).JSON(&all)
	return all
}

// ownSession is the ID of a browser's session.
func ownSession(c *Case, browser *authtest.Client) string {
	c.Helper()
	all := listed(c, browser)
	return all[slices.IndexFunc(all, func(s binding.Session) bool { return s.Current })].ID
}

func SessionsAreListedAndEnded(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	c.Clock.Advance(time.Second)
	second := c.loggedIn("ann")
	c.Clock.Advance(time.Second)
	third := c.loggedIn("ann")
	all := listed(c, third)
	if len(all) != 3 || !all[0].Current || all[1].Current || all[2].Current || all[2].Method != "register" || all[0].Method != "password" {
		c.Fatalf("listed %+v", all)
	}
	third.Delete("/auth/sessions/" + all[2].ID + "/").Want(204)
	ann.Get("/auth/user/").Want(401)
	third.Delete("/auth/sessions/"+all[2].ID).WantCode(404, binding.CodeNotFound)
	second.Delete("/auth/sessions/").Want(204)
	third.Get("/auth/user/").Want(401)
	second.Delete("/auth/sessions/" + all[1].ID + "/").Want(204) // one's own: that is logging out
	if len(second.Cookies) != 0 {
		c.Errorf("cookies left: %v", second.Cookies)
	}
	second.Get("/auth/sessions/").Want(401)
}

// SessionsOfOthersAreOutOfReach covers T015.
func SessionsOfOthersAreOutOfReach(c *Case) {
	c.start()
	ann, eve := c.signedUp("ann"), c.signedUp("eve")
	id := listed(c, ann)[0].ID
	foreign := eve.Delete("/auth/sessions/"+id+"/").WantCode(404, binding.CodeNotFound)
	unknown := eve.Delete("/auth/sessions/"+strings.Repeat("a", len(id))+"/").WantCode(404, binding.CodeNotFound)
	if foreign.Text != unknown.Text {
		c.Errorf("%s differs from %s", foreign.Text, unknown.Text)
	}
	eve.Delete("/auth/sessions/").Want(204)
	ann.Get("/auth/user/").Want(200)
	if len(listed(c, eve)) != 1 {
		c.Error("eve sees sessions of others")
	}
}

// SessionEndsIdleAndAbsolutely covers T042, to the millisecond.
func SessionEndsIdleAndAbsolutely(c *Case) {
	c.start()
	ann := c.signedUp("ann")
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

func SessionIsTouchedNowAndThen(c *Case) {
	c.start()
	ann := c.signedUp("ann")
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

// SessionsPerUserAreBounded covers T049.
func SessionsPerUserAreBounded(c *Case) {
	c.start(func(cfg *config.Config) { cfg.Session.MaxPerUser = 3 })
	bob, first := c.signedUp("bob"), c.signedUp("ann")
	for range 3 {
		c.Clock.Advance(time.Minute)
		c.loggedIn("ann")
	}
	first.Get("/auth/user/").Want(401)
	bob.Get("/auth/user/").Want(200)
	if n := c.count(&models.Session{}); n != 4 {
		c.Errorf("%d sessions, want ann's 3 and bob's", n)
	}
}

// SessionCookieIsStrict covers T036.
func SessionCookieIsStrict(c *Case) {
	for want, cookie := range map[string]config.Cookie{
		"__Host-session; Path=/; Max-Age=1209600; HttpOnly; Secure; SameSite=Lax":                     {},
		"session; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax":                                    {InsecureHTTP: true},
		"__Secure-id; Path=/; Domain=example.com; Max-Age=1209600; HttpOnly; Secure; SameSite=Strict": {Name: "id", Domain: "example.com", SameSite: 3},
		"__Secure-session; Path=/auth; Max-Age=1209600; HttpOnly; Secure; SameSite=None":              {Path: "/auth", SameSite: 4},
	} {
		c.start(func(cfg *config.Config) { cfg.Cookie = cookie })
		r := c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
		all := r.Header.Values("Set-Cookie")
		if len(all) != 1 || len(all[0]) > 512 {
			c.Fatalf("cookies %q", all)
		}
		name, _, _ := strings.Cut(all[0], "=")
		_, rest, _ := strings.Cut(all[0], "; ")
		var kept []string
		for part := range strings.SplitSeq(rest, "; ") {
			if !strings.HasPrefix(part, "Expires=") {
				kept = append(kept, part)
			}
		}
		if got := name + "; " + strings.Join(kept, "; "); got != want {
			c.Errorf("got %q, want %q", got, want)
		}
	}
}

func SessionCookieSurvivesSecretRotation(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	const newer = "for tests only: the next one Qe8TtW5yZsLb2HdNfUj7AcPo"
	rotated := authtest.New(c.T, c.DB, func(cfg *config.Config) {
		cfg.Secret, cfg.OldSecrets, cfg.Now = newer, []config.Secret{authtest.Secret}, c.Clock.Now
	})
	browser := authtest.NewClient(c.T, rotated.Router)
	browser.Cookies = ann.Cookies
	browser.Get("/auth/user/").Want(200)
	foreign := authtest.New(c.T, c.DB, func(cfg *config.Config) { cfg.Secret, cfg.Now = newer, c.Clock.Now })
	stranger := authtest.NewClient(c.T, foreign.Router)
	stranger.Cookies = ann.Cookies
	stranger.Get("/auth/user/").WantCode(401, binding.CodeNotAuthenticated)
}

// SessionKeyIsNewAtEachLogin covers T034 for the cookie store; stores_test.go has the
// stores that keep an ID.
func SessionKeyIsNewAtEachLogin(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	planted := ann.Clone()
	victim := planted.Clone()
	victim.Post("/auth/login/", authtest.Login("ann")).Want(200)
	planted.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	victim.Get("/auth/user/").Want(200)
}

// SessionOfOldEpochIsDead covers T123: a login that was under way with the old password
// while it was changed ends in a session that is dead from the start.
func SessionOfOldEpochIsDead(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	c.set("ann", obj{"session_epoch": 1})
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if all := listed(c, ann); len(all) != 1 {
		c.Errorf("listed %+v", all)
	}
}

// SessionTwinCookiesCountForNothing covers T045.
func SessionTwinCookiesCountForNothing(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	value := ann.Cookies["__Host-session"]
	for _, header := range []string{"__Host-session=" + value + "; __Host-session=x", "__Host-session=x; __Host-session=" + value} {
		c.client().Do("GET", "/auth/user/", nil, "Cookie", header).WantCode(401, binding.CodeNotAuthenticated)
	}
	c.client().Do("GET", "/auth/user/", nil, "Cookie", "__Host-session="+value).Want(200)
}

func SessionKeepsApplicationValues(c *Case) {
	c.start()
	cart := c.Router.Group("/cart", c.Auth.Sessions())
	cart.POST("/:thing", func(g *gin.Context) {
		s := ginsessions.Default(g)
		s.Set("cart", g.Param("thing"))
		if err := s.Save(); err != nil {
			g.AbortWithStatus(500)
		}
	})
	cart.GET("", func(g *gin.Context) { g.String(200, fmt.Sprint(ginsessions.Default(g).Get("cart"))) })
	both := c.Router.Group("/both", c.Auth.Sessions(), c.Auth.RequireUser())
	both.GET("", func(g *gin.Context) { g.String(200, fmt.Sprint(ginsessions.Default(g).Get("cart"))) })

	browser := c.client()
	r := browser.Post("/cart/tea", nil).Want(200)
	if set := r.Header.Get("Set-Cookie"); !strings.Contains(set, "; HttpOnly; Secure; SameSite=Lax") {
		c.Errorf("an application's own save set %q", set)
	}
	c.signedUp("ann")
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	want := func(text string) {
		c.Helper()
		if r := browser.Get("/cart").Want(200); r.Text != text {
			c.Errorf("cart is %q, want %q", r.Text, text)
		}
	}
	want("tea")
	if r := browser.Get("/both").Want(200); r.Text != "tea" {
		c.Errorf("cart is %q", r.Text)
	}
	browser.Post("/cart/cake", nil).Want(200)
	browser.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	want("cake")
	browser.Get("/auth/user/").Want(200)
	browser.Post("/auth/logout/", nil).Want(200)
	want("<nil>")
}

func SweepDeletesWhatHasEnded(c *Case) {
	c.start()
	c.signedUp("idle")
	c.Clock.Advance(23 * time.Hour)
	bob := c.signedUp("bob")
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

// SessionNotesTheClient covers T070 and T180.
func SessionNotesTheClient(c *Case) {
	c.start()
	browser := c.client()
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
		"198.51.100.7":                    "198.51.100.7",
		"1.1.1.1, 198.51.100.7":           "198.51.100.7",
		"1.1.1.1, 198.51.100.7, 10.0.0.1": "198.51.100.7",
		"1.1.1.1, nonsense, 10.0.0.1":     "10.0.0.1",
		"::ffff:198.51.100.7":             "198.51.100.7",
		"2001:db8::1%eth0, 192.0.2.9":     "2001:db8::1",
		"":                                "192.0.2.1",
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

// SessionCookieTooLongIsNoCookie: what a stranger sends is not a failure of the store.
func SessionCookieTooLongIsNoCookie(c *Case) {
	c.start()
	c.signedUp("ann")
	for _, size := range []int{4095, 4096, 4097, 20000} {
		browser := c.client()
		browser.Cookies["__Host-session"] = strings.Repeat("A", size)
		browser.Get("/auth/user/").WantCode(401, binding.CodeNotAuthenticated)
		browser.Clone().Post("/auth/logout/", nil).Want(200)
		browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
		browser.Get("/auth/user/").Want(200)
	}
	if log := c.Log.String(); log != "" {
		c.Errorf("logged: %s", log)
	}
}

// SessionOfATwinCookieEndsAtLogout: a planted second cookie does not keep the session
// alive that the user wants to end, or leaves behind by logging in again.
func SessionOfATwinCookieEndsAtLogout(c *Case) {
	c.start()
	for i, end := range []struct {
		path string
		body any
	}{{"/auth/logout/", nil}, {"/auth/login/", authtest.Login("user0")}} {
		ann := c.signedUp(fmt.Sprintf("user%d", i))
		twins := "__Host-session=planted; __Host-session=" + ann.Cookies["__Host-session"]
		c.client().Do("POST", end.path, end.body, "Cookie", twins).Want(200)
		ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	}
}

// SessionIDsAreExact: what is not an ID of ours never reaches the database.
func SessionIDsAreExact(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	id := listed(c, ann)[0].ID
	for _, odd := range []string{"%00", "%ff", "a%00b", "%c3%28", "x", strings.ToUpper(id), id + "a", id[1:], "%27%20OR%201=1--"} {
		ann.Delete("/auth/sessions/"+odd+"/").WantCode(404, binding.CodeNotFound)
	}
	ann.Get("/auth/user/").Want(200)
}

// SessionValuesStayWithTheirUser: what the application noted for one user does not pass
// to the next one on the same browser, whether or not the first logged out.
func SessionValuesStayWithTheirUser(c *Case) {
	c.start()
	values := c.Router.Group("/values", c.Auth.Sessions())
	values.POST("", func(g *gin.Context) {
		s := ginsessions.Default(g)
		s.Set("role", "admin")
		_ = s.Save()
	})
	values.GET("", func(g *gin.Context) { g.String(200, fmt.Sprint(ginsessions.Default(g).Get("role"))) })
	c.signedUp("bob")
	ann := c.signedUp("ann")
	ann.Post("/values", nil).Want(200)
	again := ann.Clone()
	again.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if got := again.Get("/values").Want(200).Text; got != "admin" {
		c.Errorf("the same user has %q", got)
	}
	again.Post("/auth/login/", authtest.Login("bob")).Want(200)
	if got := again.Get("/values").Want(200).Text; got != "<nil>" {
		c.Errorf("the next user has %q", got)
	}
	ann.Post("/auth/login/", authtest.Login("bob")).Want(200) // ann's session had ended by then
	if got := ann.Get("/values").Want(200).Text; got != "<nil>" {
		c.Errorf("the next user has %q", got)
	}
	ann.Post("/values", nil).Want(200)
	ann.Post("/auth/registration/", authtest.SignUp("eve")).Want(201)
	if got := ann.Get("/values").Want(200).Text; got != "<nil>" {
		c.Errorf("a new user has %q", got)
	}
}
