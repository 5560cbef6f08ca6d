package dbtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var jwtCases = Group{Name: "jwt", Cases: []func(*Case){
	jwtInBody, jwtInCookies, jwtCookiesAreCheckedByOrigin, jwtEndsWithItsSession, jwtWithOtherCredentials,
	jwtStateless, jwtClaims, verifyTokens, jwtKeysRotate, keysAreCached, failingClaimsUseUpNoToken,
	claimsCanQueryTheDatabase,
}}

func jwtInBody(c *Case) {
	c.Start(withJWT, func(cfg *config.Config) { cfg.JWT.ReturnExpiration = true })
	var out binding.LoginResponse
	r := c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	r.JSON(&out)
	if out.User == nil || out.User.Username != "ann" || r.Header.Get("Set-Cookie") != "" || strings.Contains(r.Text, `"key"`) {
		c.Errorf("got %s, %v", r.Text, r.Header)
	}
	exp := time.Unix(int64(payload(out.Access)["exp"].(float64)), 0)
	if !out.AccessExpiration.Equal(exp) || !exp.Equal(c.Clock.Now().Add(5*time.Minute)) ||
		!out.RefreshExpiration.Equal(c.Clock.Now().Add(14*24*time.Hour)) {
		c.Errorf("expirations %v and %v, exp %v", out.AccessExpiration, out.RefreshExpiration, exp)
	}
	ann := c.byToken(out.Access)
	ann.Get("/auth/user/").Want(200)
	ann.Patch("/auth/user/", obj{"first_name": "A"}).Want(200)
	c.byToken(out.Refresh).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	c.Client().Do("GET", "/auth/user/", nil, "Cookie", "access="+out.Access).WantCode(401, binding.CodeNotAuthenticated)
	c.Clock.Advance(5*time.Minute - time.Second)
	ann.Get("/auth/user/").Want(200)
	c.Clock.Advance(time.Second)
	ann.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	ann.Post("/auth/logout/", nil).Want(200) // an expired token still names the session to end
	c.refresh(out.Refresh).WantCode(401, binding.CodeInvalidToken)
}

func jwtInCookies(c *Case) {
	c.Start(withJWTCookies)
	c.Router.GET("/optional", c.Auth.OptionalUser(), func(g *gin.Context) { g.String(200, fmt.Sprint(ginauth.User(g) != nil)) })
	ann := c.Client()
	r := ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if strings.Contains(r.Text, "access") || strings.Contains(r.Text, "refresh") {
		c.Errorf("a token is in the body: %s", r.Text)
	}
	attributes := func(r *authtest.Response) string {
		var all []string
		for _, cookie := range r.Cookies() {
			all = append(all, fmt.Sprintf("%s %s %d %v %v %v", cookie.Name, cookie.Path, cookie.MaxAge, cookie.Secure, cookie.HttpOnly, cookie.SameSite))
		}
		return strings.Join(all, "\n")
	}
	want := "access / 300 true true 2\nrefresh /auth/token/refresh 1209600 true true 3\nrefresh /auth/logout 1209600 true true 3"
	if got := attributes(r); got != want {
		c.Errorf("cookies\n%s\nwant\n%s", got, want)
	}
	ann.Get("/auth/user/").Want(200)
	old, again := ann.Clone(), c.LoggedIn("ann")
	c.Clock.Advance(6 * time.Minute)
	ann.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	if r := ann.Get("/optional").Want(200); r.Text != "false" {
		c.Errorf("an expired cookie is %s", r.Text)
	}
	again.Post("/auth/login/", authtest.Login("ann")).Want(200) // it never prevents a login
	r = ann.Post("/auth/token/refresh/", nil).Want(200)
	if strings.Contains(r.Text, `"access"`) || !strings.Contains(r.Text, "access_expiration") {
		c.Errorf("refresh answers %s", r.Text)
	}
	ann.Get("/auth/user/").Want(200)
	old.Get("/auth/user/").Want(401)
	c.Client().Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)

	c.Clock.Advance(6 * time.Minute)
	gone := ann.Clone()
	r = ann.Post("/auth/logout/", nil).Want(200) // with an expired access token
	want = strings.NewReplacer(" 300 ", " -1 ", " 1209600 ", " -1 ").Replace(want)
	if got := attributes(r); got != want || len(ann.Cookies) != 0 {
		c.Errorf("cookies\n%s\nwant\n%s\nleft %v", got, want, ann.Cookies)
	}
	gone.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)

	c.Start(withJWTCookies, func(cfg *config.Config) {
		cfg.JWT.AllowCookieTokensInBody = true
		cfg.JWT.RefreshCookie = config.JWTCookie{Name: "r", Path: "/", SameSite: 2}
		cfg.JWT.AccessCookie.Domain = "example.com"
	})
	var out binding.LoginResponse
	r = c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if r.JSON(&out); out.Access == "" || out.Refresh == "" || len(r.Cookies()) != 2 || r.Cookies()[0].Domain != "example.com" {
		c.Errorf("got %s, %v", r.Text, r.Header)
	}
}

func jwtCookiesAreCheckedByOrigin(c *Case) {
	c.Start(withJWTCookies)
	ann := c.SignedUp("ann")
	foreign := []string{"Sec-Fetch-Site", "cross-site", "Content-Type", "application/json"}
	for _, path := range []string{"/auth/token/refresh/", "/auth/logout/", "/auth/password/change/", "/auth/login/"} {
		ann.Do("POST", path, obj{}, foreign...).WantCode(403, binding.CodeCrossSite)
	}
	ann.Get("/auth/user/").Want(200)
	delete(ann.Cookies, "access") // as browsers do when it expires: the refresh token alone ends the session
	ann.Do("POST", "/auth/logout/", obj{}, foreign...).WantCode(403, binding.CodeCrossSite)
	ann.Post("/auth/token/refresh/", nil).Want(200)
}

// jwtEndsWithItsSession covers T038 to T040 and T122: at once, not only when the token expires.
func jwtEndsWithItsSession(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	one, two, three := c.tokenPairOf("ann"), c.tokenPairOf("ann"), c.tokenPairOf("ann")
	dead := func(p *binding.Tokens) {
		c.Helper()
		c.byToken(p.Access).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
		c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)
	}
	c.byToken(one.Access).Post("/auth/logout/", nil).Want(200)
	dead(one)
	c.byToken(two.Access).Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	dead(three)
	c.byToken(two.Access).Get("/auth/user/").Want(200)
	next := c.refreshed(two.Refresh)
	c.Client().Post("/auth/logout/", obj{"refresh": next.Refresh}).Want(200)
	dead(two)
	dead(&next)
	var out binding.LoginResponse
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200).JSON(&out)
	c.set("ann", obj{"is_active": false})
	c.byToken(out.Access).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	c.refresh(out.Refresh).WantCode(401, binding.CodeInvalidToken) // T127
	for _, body := range []any{nil, "{}", obj{"refresh": obj{}}, obj{"refresh": "garbage"}, "[]"} {
		c.Client().Do("POST", "/auth/logout/", body, "Content-Type", "application/json").Want(200)
	}
}

func jwtWithOtherCredentials(c *Case) {
	c.Start(withEverything)
	ann := c.Client()
	var out binding.LoginResponse
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&out)
	if out.Key == "" || out.Access == "" || out.Refresh == "" || out.User == nil || len(ann.Cookies) != 1 {
		c.Errorf("got %+v", out)
	}
	for _, browser := range []*authtest.Client{ann, c.byToken(out.Key), c.byToken(out.Access)} {
		if all := listed(c, browser); len(all) != 1 || !all[0].Current {
			c.Errorf("listed %+v", all)
		}
	}
	next := c.refreshed(out.Refresh)
	c.byToken(next.Access).Get("/auth/user/").Want(200)
	ann.Post("/auth/logout/", nil).Want(200)
	c.byToken(next.Access).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	c.refresh(next.Refresh).WantCode(401, binding.CodeInvalidToken)
}

func jwtStateless(c *Case) {
	c.Start(withJWT, func(cfg *config.Config) { cfg.JWT.Stateless = true })
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p, id := c.tokenPairOf("ann"), fmt.Sprint(c.user("ann").ID)
	c.Router.GET("/id", c.Auth.RequireUser(), func(g *gin.Context) { g.String(200, fmt.Sprint(ginauth.User(g).ID, ginauth.User(g).Username)) })
	var blown fuse
	blown.install(c)
	blown.left.Store(1)
	ann := c.byToken(p.Access)
	if r := ann.Get("/id").Want(200); r.Text != id {
		c.Errorf("got %q", r.Text)
	}
	blown.left.Store(0)
	ann.Post("/auth/logout/", nil).Want(200)
	ann.Get("/id").Want(200)                                       // the known cost of JWT.Stateless
	ann.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken) // the library's own routes read the session
	c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)   // and no new token is issued
	c.Clock.Advance(5 * time.Minute)
	ann.Get("/id").WantCode(401, binding.CodeInvalidToken)
}
