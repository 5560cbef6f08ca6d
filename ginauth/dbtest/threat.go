package dbtest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var threatCases = Group{Name: "threat", Cases: []func(*Case){
	headersNameNoUser, forwardedProtocolChangesNoCookie, largeHeadersCostNoQuery, multipartBombsAreRefused,
	injectedSQLIsText, lateSavesReviveNoSession,
	conditionsOfTheDatabaseStayOutside, nobodyExistsAtFirst, longInputIsRefusedFirst, loginAfterTheResponseIsAnError,
}}

// headersNameNoUser covers T069: a proxy's header that names a user logs no user in.
func headersNameNoUser(c *Case) {
	c.Start(withEverything)
	ann := c.SignedUp("ann")
	for _, header := range []string{
		"X-User", "X-User-Id", "X_User", "X-Remote-User", "Remote-User", "Remote_User", "X-Forwarded-User", "X-Forwarded-Email", "X-Webauth-User",
		"X-Auth-Request-User", "X-Authenticated-User", "Cf-Access-Authenticated-User-Email", "X-Ms-Client-Principal-Name",
	} {
		for _, value := range []string{"ann", "ann@example.com", "1"} {
			c.Client().Do("GET", "/auth/user/", nil, header, value).Want(401)
			c.Client().Do("GET", "/auth/user/", nil, header, value, "Connection", "close, Authorization, Cookie, "+header).Want(401)
		}
	}
	ann.Do("GET", "/auth/user/", nil, "Connection", "close, Cookie").Want(200)
}

// forwardedProtocolChangesNoCookie covers T068: whether cookies are Secure is a setting, not what a header says.
func forwardedProtocolChangesNoCookie(c *Case) {
	c.Start()
	c.SignedUp("ann")
	for _, headers := range [][]string{
		{"X-Forwarded-Proto", "http"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Ssl", "off"}, {"Front-End-Https", "off"}, {"Forwarded", "proto=http"},
	} {
		r := c.Client().Do("POST", "/auth/login/", authtest.Login("ann"), headers...).Want(200)
		for _, cookie := range r.Cookies() {
			if !cookie.Secure || !strings.HasPrefix(cookie.Name, "__Host-") {
				c.Errorf("%v: the cookie %s has Secure %t", headers, cookie.Name, cookie.Secure)
			}
		}
	}
}

// largeHeadersCostNoQuery covers T083: a header that cannot be one of the library's is refused before the database is asked.
func largeHeadersCostNoQuery(c *Case) {
	m := c.startMeasured(withEverything)
	c.SignedUp("ann")
	var cookies strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&cookies, "c%d=%d; ", i, i)
	}
	m.take()
	for _, headers := range [][]string{
		{"Authorization", "Bearer " + strings.Repeat("x", 900_000)}, {"Authorization", "Token " + strings.Repeat("a.", 400_000)},
		{"Cookie", "__Host-session=" + strings.Repeat("x", 900_000)}, {"Cookie", cookies.String()},
	} {
		c.Client().Do("GET", "/auth/user/", nil, headers...).Want(401)
		if statements := m.take(); statements != "" {
			c.Errorf("%s: %s", headers[0], statements)
		}
	}
}

// multipartBombsAreRefused covers T079: many parts, and one long line.
func multipartBombsAreRefused(c *Case) {
	c.Start()
	var parts strings.Builder
	for i := range 200 {
		fmt.Fprintf(&parts, "--x\r\nContent-Disposition: form-data; name=\"f%d\"\r\n\r\n1\r\n", i)
	}
	large := strings.Repeat(parts.String(), 20)
	header := "--x\r\nContent-Disposition: form-data; name=\"" + strings.Repeat("a", 10_000) + "\"\r\n\r\n1\r\n"
	for body, status := range map[string]int{parts.String() + "--x--": 400, large + "--x--": 413, header + "--x--": 400, strings.Repeat("--x\r\n", 2000): 400} {
		c.Client().Do("POST", "/auth/login/", body, "Content-Type", "multipart/form-data; boundary=x").Want(status)
	}
}

// injectedSQLIsText covers T194: what a client sends is a value of a statement, in each field, path and query of the routes.
func injectedSQLIsText(c *Case) {
	c.StartMail(withEverything)
	ann := c.SignedUp("ann")
	before := c.dump()
	for _, text := range []string{
		"' OR '1'='1", `" OR ""="`, "ann'--", "1 OR 1=1", "1; DROP TABLE auth_user", "ann' UNION SELECT * FROM auth_session--", `\' OR 1=1#`,
		"%", "_", "a%' ESCAPE '", "${1}", "?", "@p1", "$1", ":id",
	} {
		stranger := c.Client()
		for _, body := range []obj{
			{"username": text, "password": text}, {"email": text + "@example.com", "password": authtest.Password}, {"username": "ann", "password": text},
		} {
			stranger.Post("/auth/login/", body).Want(400)
		}
		path := strings.NewReplacer("%", "%25", " ", "%20", "?", "%3F", "#", "%23", `"`, "%22", `\`, "%5C", ";", "%3B").Replace(text)
		for _, of := range []string{"/auth/sessions/", "/auth/tokens/", "/auth/emails/"} {
			ann.Delete(of + path + "/").Want(404)
		}
		stranger.Do("GET", "/auth/user/?id="+path+"&order="+path, nil).Want(401)
		stranger.Do("GET", "/auth/user/", nil, "Authorization", "Token "+text).Want(401)
		stranger.Post("/auth/registration/verify-email/", obj{"key": text}).Want(404)
		stranger.Post("/auth/password/reset/confirm/", obj{"uid": text, "token": text, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}).Want(400)
		stranger.Post("/auth/token/refresh/", obj{"refresh": text}).Want(401)
	}
	for _, table := range []string{"auth_user", "auth_email", "auth_session"} {
		if was, is := strings.Count(before, table+"."), strings.Count(c.dump(), table+"."); was != is {
			c.Errorf("%s: %d values, before %d", table, is, was)
		}
	}
	ann.Get("/auth/user/").Want(200)
}

// lateSavesReviveNoSession covers T044: a slow request of the application saves its session after a logout.
func lateSavesReviveNoSession(c *Case) {
	c.Start()
	inside, goOn := make(chan struct{}), make(chan struct{})
	c.Router.POST("/slow", c.Auth.Sessions(), c.Auth.RequireUser(), func(g *gin.Context) {
		session := sessions.Default(g)
		close(inside)
		<-goOn
		session.Set("basket", "full")
		if err := session.Save(); err != nil {
			c.Error(err)
		}
		g.Status(http.StatusNoContent)
	})
	ann := c.SignedUp("ann")
	slow, done := ann.Clone(), make(chan int, 1)
	go func() { done <- slow.Do("POST", "/slow", nil).StatusCode }()
	select {
	case <-inside:
	case status := <-done:
		c.Fatalf("the handler did not run: %d", status)
	}
	ann.Post("/auth/logout/", nil).Want(200)
	close(goOn)
	if status := <-done; status != http.StatusNoContent {
		c.Errorf("got %d", status)
	}
	slow.Get("/auth/user/").Want(401)
}

// conditionsOfTheDatabaseStayOutside covers T204: an application can pass a *gorm.DB with a condition, which each statement
// would otherwise have.
func conditionsOfTheDatabaseStayOutside(c *Case) {
	c.Start()
	c.SignedUp("ann")
	condition := c.DB.Where("1 = 0").Table("nothing").Limit(1)
	app := authtest.New(c.T, condition)
	browser := app.Client(c.T)
	browser.Post("/auth/login/", authtest.Login("ann")).Want(200)
	browser.Get("/auth/user/").Want(200)
	app.Client(c.T).Post("/auth/login/", authtest.Login("bob")).Want(400)
}

// nobodyExistsAtFirst covers T231: there is no first user, and the first sign-up makes no operator.
func nobodyExistsAtFirst(c *Case) {
	c.Start()
	var n int64
	if err := c.DB.Model(&models.User{}).Count(&n).Error; err != nil || n != 0 {
		c.Errorf("%d users, %v", n, err)
	}
	for _, name := range []string{"admin", "root", "administrator"} {
		for _, password := range []string{"", "admin", "password", "root"} {
			c.Client().Post("/auth/login/", obj{"username": name, "password": password}).Want(400)
		}
	}
	c.SignedUp("ann")
	if u := c.user("ann"); u.IsStaff || u.IsSuperuser {
		c.Errorf("the first user is staff: %t, superuser: %t", u.IsStaff, u.IsSuperuser)
	}
}

// longInputIsRefusedFirst covers T085: parsers whose work grows with the square of their input get short input only.
func longInputIsRefusedFirst(c *Case) {
	c.StartMail()
	begin := time.Now()
	for _, hostile := range []string{"(", "a(", "\"\\", "@", "=?utf-8?q?", "a.", "<", ","} {
		long := strings.Repeat(hostile, 8_000/len(hostile))
		c.Client().Post("/auth/registration/", obj{"username": "ann", "email": long + "@example.com", "password1": authtest.Password, "password2": authtest.Password}).Want(400)
		c.Client().Post("/auth/password/reset/", obj{"email": long}).Want(400)
		c.Client().Post("/auth/login/", obj{"username": long, "password": authtest.Password}).Want(400)
	}
	for _, header := range []string{"Accept-Language", "Accept", "Content-Type", "Origin", "User-Agent", "Referer", "Sec-Fetch-Site"} {
		for _, hostile := range []string{"en-", "a-a-a-a,", ";q=0.5,", "x/y,", "http://"} {
			c.Client().Do("GET", "/auth/user/", nil, header, strings.Repeat(hostile, 60_000/len(hostile)))
		}
	}
	if took := time.Since(begin); took > time.Minute {
		c.Errorf("it took %s", took)
	}
}

// loginAfterTheResponseIsAnError covers T218: cookies that are set after the response has begun are lost.
func loginAfterTheResponseIsAnError(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Login = append(cfg.Login, config.OpaqueToken) })
	var failed error
	c.Router.POST("/late", func(g *gin.Context) {
		g.String(http.StatusOK, "welcome")
		user := c.user("ann")
		_, failed = c.Auth.LogIn(g, &user)
	})
	c.SignedUp("ann")
	before := c.rows("auth_session")
	c.own(c.Client(), "/late").Want(200)
	if failed == nil || !strings.Contains(failed.Error(), "response") {
		c.Errorf("LogIn returned %v", failed)
	}
	if after := c.rows("auth_session"); after != before {
		c.Errorf("%d sessions, before %d", after, before)
	}
}
