package dbtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var originCases = Group{Name: "origin", Cases: []func(*Case){
	originOfUnsafeRequests, originOfLogins, originOfTheApplicationsSessions, originOfAppWebViews, originsAreLoggedOnce,
	preflightsWithoutCORSAreLogged, cookiesThatBrowsersDropAreLogged, checkOfPages, checkOfTokenOrigins,
	tokenLoginsAreCheckedByOrigin,
}}

// originOfUnsafeRequests covers T056 and T061. Requests of httptest go to example.com.
func originOfUnsafeRequests(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.TrustedOrigins = []string{"https://app.example.org"} })
	ann := c.SignedUp("ann")
	c.Router.POST("/transfer", c.Auth.RequireUser(), func(g *gin.Context) { g.Status(200) })
	c.Router.POST("/note", c.Auth.OptionalUser(), func(g *gin.Context) { g.Status(200) })
	for _, try := range []struct {
		site, origin string
		code         binding.Code
	}{
		{"", "", ""}, {"same-origin", "https://example.com", ""}, {"none", "", ""}, {"", "https://example.com", ""},
		{"", "https://app.example.org", ""}, {"cross-site", "https://app.example.org", ""},
		{"cross-site", "https://evil.example", binding.CodeCrossSite}, {"same-site", "https://sub.example.com", binding.CodeCrossSite},
		{"cross-site", "", binding.CodeCrossSite}, {"", "null", binding.CodeCrossOrigin}, {"", "https://evil.example", binding.CodeCrossOrigin},
		{"", "https://example.com.evil.example", binding.CodeCrossOrigin}, {"", "https://app.example.org.evil.example", binding.CodeCrossOrigin},
		{"", "http://app.example.org", binding.CodeCrossOrigin}, {"", "https://app.example.org:444", binding.CodeCrossOrigin},
		{"", "https://example.com@evil.example", binding.CodeCrossOrigin},
	} {
		headers := []string{"Content-Type", "application/json"}
		if try.site != "" {
			headers = append(headers, "Sec-Fetch-Site", try.site)
		}
		if try.origin != "" {
			headers = append(headers, "Origin", try.origin)
		}
		for _, target := range []struct{ method, path string }{
			{"PATCH", "/auth/user/"}, {"DELETE", "/auth/sessions/"}, {"POST", "/transfer"}, {"POST", "/note"}, {"GET", "/auth/user/"},
		} {
			r := ann.Do(target.method, target.path, obj{}, headers...)
			switch {
			case try.code != "" && target.method != "GET":
				r.WantCode(403, try.code)
			case r.StatusCode/100 != 2:
				c.Errorf("%+v %+v: %d %s", try, target, r.StatusCode, r.Text)
			}
		}
	}
	ann.Do("POST", "/auth/logout/", nil, "Origin", "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
	ann.Get("/auth/user/").Want(200)
	// Without a cookie there is nothing to protect.
	c.Client().Do("POST", "/transfer", nil, "Origin", "https://evil.example").WantCode(401, binding.CodeNotAuthenticated)
	c.Client().Do("POST", "/note", nil, "Origin", "https://evil.example").Want(200)
}

// originOfLogins covers T058: a foreign page cannot log in the browser.
func originOfLogins(c *Case) {
	c.Start()
	c.SignedUp("ann")
	form := []string{"Sec-Fetch-Site", "cross-site", "Content-Type", "application/x-www-form-urlencoded"}
	c.Client().Do("POST", "/auth/login/", "username=ann&password="+authtest.Password, form...).WantCode(403, binding.CodeCrossSite)
	c.Client().Do("POST", "/auth/registration/", authtest.SignUp("eve"), "Origin", "https://evil.example").
		WantCode(403, binding.CodeCrossOrigin)
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users", n)
	}
}

// originOfTheApplicationsSessions: a foreign page can neither use the values of a session nor replace the cookie of the
// login.
func originOfTheApplicationsSessions(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.TrustedOrigins = []string{"https://app.example.org"} })
	c.Router.Any("/cart", c.Auth.Sessions(), func(g *gin.Context) {
		s := ginsessions.Default(g)
		s.Set("cart", "tea")
		if err := s.Save(); err != nil {
			g.String(500, err.Error())
		}
	})
	ann := c.SignedUp("ann")
	for _, browser := range []*authtest.Client{ann, c.Client()} { // browsers hold Lax cookies back, but accept new ones
		r := browser.Do("POST", "/cart", nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example").WantCode(403, binding.CodeCrossSite)
		if len(r.Cookies()) != 0 {
			c.Errorf("a foreign page set %v", r.Cookies())
		}
		browser.Do("POST", "/cart", nil, "Origin", "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
		browser.Do("POST", "/cart", nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.org").Want(200)
		browser.Do("POST", "/cart", nil, "Sec-Fetch-Site", "same-origin").Want(200)
		browser.Do("GET", "/cart", nil, "Sec-Fetch-Site", "cross-site").Want(200)
		browser.Post("/cart", nil).Want(200)
	}
}

// originOfAppWebViews: apps on phones and desktops load their pages from their own schemes. Only listed origins are
// accepted, and null never is.
func originOfAppWebViews(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.TrustedOrigins = []string{"capacitor://localhost", "ionic://localhost", "com.example.app://localhost", "tauri://localhost"}
	})
	ann := c.SignedUp("ann")
	for origin, code := range map[string]binding.Code{
		"capacitor://localhost": "", "ionic://localhost": "", "com.example.app://localhost": "", "tauri://localhost": "",
		"null": binding.CodeCrossSite, "capacitor://evil": binding.CodeCrossSite, "other://localhost": binding.CodeCrossSite,
		"http://localhost": binding.CodeCrossSite, "capacitor:": binding.CodeCrossSite, "file://": binding.CodeCrossSite,
	} {
		r := ann.Do("PATCH", "/auth/user/", obj{}, "Sec-Fetch-Site", "cross-site", "Origin", origin, "Content-Type", "application/json")
		if code != "" {
			r.WantCode(403, code)
		} else {
			r.Want(200)
		}
	}
}

// wantLogged wants this number of log lines that contain all of these words.
func (c *Case) wantLogged(want int, words ...string) {
	c.Helper()
	n := 0
	for line := range strings.Lines(c.Log.String()) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			n++
		}
	}
	if n != want {
		c.Errorf("%d lines with %q, want %d:\n%s", n, words, want, c.Log)
	}
}

// originsAreLoggedOnce: an operator who forgot TrustedOrigins finds it in the log. A client that invents origins cannot
// fill the log.
func originsAreLoggedOnce(c *Case) {
	c.Start()
	c.SignedUp("ann")
	login := func(headers ...string) {
		c.Client().Do("POST", "/auth/login/", authtest.Login("ann"), append(headers, "Content-Type", "application/json")...).Want(403)
	}
	for range 3 {
		login("Origin", "https://app.example.org", "Sec-Fetch-Site", "cross-site")
		login("Origin", "http://localhost:5173")
		login("Sec-Fetch-Site", "cross-site")
		login("Origin", "canary\nhttps://x", "Sec-Fetch-Site", "cross-site")
		login("Origin", "https://"+strings.Repeat("canary", 100)+".example")
		login("Origin", "null")
	}
	c.wantLogged(1, "level=WARN", "setting=TrustedOrigins", "origin=https://app.example.org")
	c.wantLogged(1, "setting=TrustedOrigins", "origin=http://localhost:5173")
	c.wantLogged(1, "setting=TrustedOrigins", "origin=unknown")
	c.wantLogged(1, "setting=TrustedOrigins", "origin=null")
	c.wantLogged(4, "ginauth")
	c.wantLogged(0, "canary")
	for i := range 200 {
		login("Origin", fmt.Sprintf("https://%d.example", i))
	}
	c.wantLogged(100, "setting=TrustedOrigins")
}

// preflightsWithoutCORSAreLogged: the CORS middleware is added after Register, or is missing.
func preflightsWithoutCORSAreLogged(c *Case) {
	allow := func(g *gin.Context) {
		if g.Header("Access-Control-Allow-Origin", "https://app.example.org"); g.GetHeader("Access-Control-Request-Method") != "" {
			g.AbortWithStatus(204)
		}
	}
	ask := func() {
		for range 2 {
			c.Client().Do("OPTIONS", "/auth/login/", nil, "Origin", "https://app.example.org", "Access-Control-Request-Method", "POST")
		}
		c.Client().Do("OPTIONS", "/auth/login/", nil).Want(200)
	}
	c.Start()
	c.Router.Use(allow)
	ask()
	c.wantLogged(1, "setting=auth.Register", "origin=https://app.example.org", "CORS middleware", "before Register")
	c.wantLogged(1, "ginauth")
	c.App = authtest.Prepare(c.T, c.DB)
	c.Router.Use(allow)
	if err := c.Auth.Register(c.Router); err != nil {
		c.Fatal(err)
	}
	ask()
	c.wantLogged(0, "ginauth")
}

// cookiesThatBrowsersDropAreLogged: a login from a page at localhost to a server at 127.0.0.1 is 200, and the next
// request is 401.
func cookiesThatBrowsersDropAreLogged(c *Case) {
	const page = "http://localhost:5173"
	for _, mode := range []http.SameSite{http.SameSiteLaxMode, http.SameSiteNoneMode} {
		c.Start(func(cfg *config.Config) { cfg.TrustedOrigins, cfg.Cookie.SameSite = []string{page}, mode })
		c.SignedUp("ann")
		login := func(site, sort string) {
			c.Client().Do("POST", "/auth/login/", authtest.Login("ann"), "Origin", page, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", sort,
				"Content-Type", "application/json").Want(200)
		}
		login("same-site", "cors")
		login("cross-site", "navigate") // a form, whose cookies browsers accept
		c.wantLogged(0, "ginauth")
		login("cross-site", "cors")
		login("cross-site", "cors")
		want := 0
		if mode == http.SameSiteLaxMode {
			want = 1
		}
		c.wantLogged(want, "level=WARN", "setting=Cookie.SameSite", "origin="+page, "localhost and 127.0.0.1")
		c.wantLogged(want, "ginauth")
	}
}

func checkOfPages(c *Case) {
	c.Start(production)
	listed := func(origins ...string) func(*config.Config) {
		return func(cfg *config.Config) { cfg.TrustedOrigins = origins }
	}
	findings := c.check(listed("http://localhost:5173", "http://127.0.0.1:5173", "http://app.localhost:5173"))
	c.want(findings, "warning TrustedOrigins")
	c.says(findings, "127.0.0.1 and localhost", "different sites")
	findings = c.check(listed("capacitor://localhost", "https://app.example.com"))
	c.want(findings, "warning TrustedOrigins")
	c.says(findings, "capacitor://localhost", "set Cookie.SameSite to None")
	c.want(c.check(listed("capacitor://localhost"), func(cfg *config.Config) { cfg.Cookie.SameSite = http.SameSiteNoneMode }))
	c.want(c.check(func(cfg *config.Config) { cfg.Cookie.SameSite, cfg.Cookie.Partitioned = http.SameSiteNoneMode, true }))

	for _, before := range []bool{true, false} {
		box := &authtest.Mailbox{}
		app := authtest.Unmigrated(c.T, c.DB, production, box.Configure, listed("https://app.example.com"))
		c.want(c.found(app.Auth)) // not registered yet
		if before {
			app.Router.Use(corsOfTheApplication)
		}
		if err := app.Auth.Register(app.Router); err != nil {
			c.Fatal(err)
		}
		if app.Router.Use(corsOfTheApplication); before {
			c.want(c.found(app.Auth))
			continue
		}
		findings := c.found(app.Auth)
		c.want(findings, "note auth.Register")
		c.says(findings, "gin-contrib/cors", "before Register")
	}
}

func corsOfTheApplication(*gin.Context) {}

// checkOfTokenOrigins: an origin that is refused, and a setting without effect.
func checkOfTokenOrigins(c *Case) {
	c.Start(production)
	app := "https://app.example.com"
	both := func(cfg *config.Config) {
		cfg.Login, cfg.TokenOrigins = []config.Credential{config.SessionCookie, config.OpaqueToken}, []string{app}
	}
	c.want(c.check(both), "note TokenOrigins")
	c.want(c.check(both, func(cfg *config.Config) { cfg.TrustedOrigins = []string{app} }))
	c.want(c.check(func(cfg *config.Config) { cfg.TokenOrigins, cfg.TrustedOrigins = []string{app}, []string{app} }), "note TokenOrigins")
}

// tokenLoginsAreCheckedByOrigin covers T058: also in a browser without cookies, and only if the login would set cookies.
func tokenLoginsAreCheckedByOrigin(c *Case) {
	c.Start(withJWTCookies, func(cfg *config.Config) { cfg.TrustedOrigins = []string{"https://app.example.org"} })
	c.SignedUp("ann")
	post := func(path string, body any, origin string) *authtest.Response {
		return c.Client().Do("POST", path, body, "Origin", origin)
	}
	post("/auth/login/", authtest.Login("ann"), "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
	post("/auth/registration/", authtest.SignUp("eve"), "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
	post("/auth/login/", authtest.Login("ann"), "https://app.example.org").Want(200)
	post("/auth/token/verify/", obj{"token": "x"}, "https://evil.example").WantCode(401, binding.CodeInvalidToken)

	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	post("/auth/login/", authtest.Login("ann"), "https://evil.example").Want(200)
}
