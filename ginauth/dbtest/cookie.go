package dbtest

import (
	"fmt"
	"strconv"
	"strings"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var cookieCases = Group{Name: "cookie", Cases: []func(*Case){
	sessionCookieIsStrict, sessionCookieSurvivesSecretRotation, duplicateSessionCookiesAreIgnored,
	tooLongSessionCookieIsIgnored, logoutEndsSessionsOfDuplicateCookies, sessionKeepsApplicationValues,
	sessionValuesStayWithTheirUser, fullCookieDoesNotBlockLogin, repeatedCookieCountsOnce, tokenCookiesLastAsLongAsTokens,
	refreshCookieIsSentBack, partitionedCookies, tokenCookiesAsConfigured,
}}

// sessionCookieIsStrict covers T036: every attribute of the session cookie.
func sessionCookieIsStrict(c *Case) {
	for want, cookie := range map[string]config.Cookie{
		"__Host-session; Path=/; Max-Age=1209600; HttpOnly; Secure; SameSite=Lax":                     {},
		"session; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax":                                    {InsecureHTTP: true},
		"__Secure-id; Path=/; Domain=example.com; Max-Age=1209600; HttpOnly; Secure; SameSite=Strict": {Name: "id", Domain: "example.com", SameSite: 3},
		"__Secure-session; Path=/auth; Max-Age=1209600; HttpOnly; Secure; SameSite=None":              {Path: "/auth", SameSite: 4},
	} {
		c.Start(func(cfg *config.Config) { cfg.Cookie = cookie })
		r := c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
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

func sessionCookieSurvivesSecretRotation(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
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

// duplicateSessionCookiesAreIgnored covers T045: two session cookies with different values count as none.
func duplicateSessionCookiesAreIgnored(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	value := ann.Cookies["__Host-session"]
	for _, header := range []string{"__Host-session=" + value + "; __Host-session=x", "__Host-session=x; __Host-session=" + value} {
		c.Client().Do("GET", "/auth/user/", nil, "Cookie", header).WantCode(401, binding.CodeNotAuthenticated)
	}
	c.Client().Do("GET", "/auth/user/", nil, "Cookie", "__Host-session="+value).Want(200)
}

// tooLongSessionCookieIsIgnored: an oversized cookie is the client's mistake, not a failure of the store.
func tooLongSessionCookieIsIgnored(c *Case) {
	c.Start()
	c.SignedUp("ann")
	for _, size := range []int{4095, 4096, 4097, 20000} {
		browser := c.Client()
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

// logoutEndsSessionsOfDuplicateCookies: a planted second cookie does not keep a session alive when the user logs out or
// logs in again.
func logoutEndsSessionsOfDuplicateCookies(c *Case) {
	c.Start()
	for i, end := range []struct {
		path string
		body any
	}{{"/auth/logout/", nil}, {"/auth/login/", authtest.Login("user0")}} {
		ann := c.SignedUp(fmt.Sprintf("user%d", i))
		twins := "__Host-session=planted; __Host-session=" + ann.Cookies["__Host-session"]
		c.Client().Do("POST", end.path, end.body, "Cookie", twins).Want(200)
		ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	}
}

func sessionKeepsApplicationValues(c *Case) {
	c.Start()
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

	browser := c.Client()
	r := browser.Post("/cart/tea", nil).Want(200)
	if set := r.Header.Get("Set-Cookie"); !strings.Contains(set, "; HttpOnly; Secure; SameSite=Lax") {
		c.Errorf("an application's own save set %q", set)
	}
	c.SignedUp("ann")
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

// sessionValuesStayWithTheirUser: values that the application stored for one user do not pass to the next user of the
// same browser, whether or not the first one logged out.
func sessionValuesStayWithTheirUser(c *Case) {
	c.Start()
	values := c.Router.Group("/values", c.Auth.Sessions())
	values.POST("", func(g *gin.Context) {
		s := ginsessions.Default(g)
		s.Set("role", "admin")
		_ = s.Save()
	})
	values.GET("", func(g *gin.Context) { g.String(200, fmt.Sprint(ginsessions.Default(g).Get("role"))) })
	c.SignedUp("bob")
	ann := c.SignedUp("ann")
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
	ann.Post("/auth/login/", authtest.Login("bob")).Want(200) // ann's session had ended before
	if got := ann.Get("/values").Want(200).Text; got != "<nil>" {
		c.Errorf("the next user has %q", got)
	}
	ann.Post("/values", nil).Want(200)
	ann.Post("/auth/registration/", authtest.SignUp("eve")).Want(201)
	if got := ann.Get("/values").Want(200).Text; got != "<nil>" {
		c.Errorf("a new user has %q", got)
	}
}

// fullCookieDoesNotBlockLogin: if the application's values leave no room for the session key, they are dropped and the
// login succeeds.
func fullCookieDoesNotBlockLogin(c *Case) {
	c.Start()
	c.Router.POST("/cart/:size", c.Auth.Sessions(), func(g *gin.Context) {
		size, _ := strconv.Atoi(g.Param("size"))
		s := ginsessions.Default(g)
		s.Set("cart", strings.Repeat("x", size))
		if s.Save() != nil {
			g.Status(500)
		}
	})
	c.SignedUp("ann")
	saved := 0
	for size := 2500; size < 3500; size += 20 {
		browser := c.Client()
		if browser.Post(fmt.Sprintf("/cart/%d", size), nil).StatusCode != 200 {
			break
		}
		if cookie := browser.Cookies["__Host-session"]; len("__Host-session")+len(cookie) > 4096 {
			c.Errorf("a cookie of %d bytes, which browsers drop", len(cookie))
		}
		browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
		browser.Get("/auth/user/").Want(200)
		saved = size
	}
	if saved < 2600 || saved > 3100 {
		c.Errorf("the last cart that was saved had %d bytes", saved)
	}
}

// repeatedCookieCountsOnce: a header has room for thousands of copies.
func repeatedCookieCountsOnce(c *Case) {
	m := c.startMeasured()
	one := "__Host-session=" + c.SignedUp("ann").Cookies["__Host-session"]
	r := c.measure(m, func() *authtest.Response {
		return c.Client().Do("POST", "/auth/logout/", nil, "Cookie", strings.Repeat(one+"; ", 500)+one)
	})
	if n := strings.Count(r.statements, "\n"); r.status != 200 || n > 3 {
		c.Errorf("%d, %d statements", r.status, n)
	}
}
