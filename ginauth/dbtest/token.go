package dbtest

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var tokenCases = Group{Name: "token", Cases: []func(*Case){
	tokenOfALogin, tokenAloneSetsNoCookie, tokenHeaderRules, malformedTokenCostsNoQuery, tokenNeedsNoOrigin,
	tokenAndPasswordChange, personalTokenLifecycle, personalTokenLimits, personalTokenScopes,
	personalTokenCannotManageTheAccount, personalTokensPerUserAreBounded, personalTokensOutliveLogout,
	personalTokensNeedAFreshLogin, personalTokensEndWithSessions, slowTokenCreationFailsWhenItsSessionEnds, emptyScopesAreRefused,
}}

func tokenOfALogin(c *Case) {
	c.Start(withTokens)
	ann := c.Client()
	r := ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if !tokenForm.MatchString(r.Text) || len(ann.Cookies) != 1 {
		c.Errorf("got %s and cookies %v", r.Text, ann.Cookies)
	}
	var out binding.LoginResponse
	r.JSON(&out)
	for _, scheme := range []string{"Token ", "Bearer ", "token ", "BEARER ", "Bearer   "} {
		c.Client().Do("GET", "/auth/user/", nil, "Authorization", scheme+out.Key).Want(200)
	}
	all := listed(c, ann)
	if len(all) != 1 || !all[0].Current { // one row for both
		c.Errorf("listed %+v", all)
	}
	phone := c.byToken(c.tokenOf("ann"))
	ann.Delete("/auth/sessions/").Want(204)
	phone.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	phone = c.byToken(c.tokenOf("ann"))
	phone.Post("/auth/logout/", nil).Want(200)
	phone.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	phone.Post("/auth/logout/", nil).Want(200) // can be repeated
	ann.Post("/auth/logout/", nil).Want(200)
	c.byToken(out.Key).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken) // the cookie's logout ended the token
}

func tokenAloneSetsNoCookie(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} })
	ann := c.Client()
	r := ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	var out binding.LoginResponse
	if r.JSON(&out); out.Key == "" || out.User == nil || r.Header.Get("Set-Cookie") != "" {
		c.Errorf("got %s, %v", r.Text, r.Header)
	}
	key := c.tokenOf("ann")
	phone := c.byToken(key)
	phone.Get("/auth/user/").Want(200)
	r = phone.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	phone.Get("/auth/user/").Want(200)
	phone.Cookies["__Host-session"] = "anything"
	r2 := phone.Post("/auth/logout/", nil).Want(200)
	if r.Header.Get("Set-Cookie")+r2.Header.Get("Set-Cookie") != "" {
		c.Errorf("cookies are set: %v, %v", r.Header, r2.Header)
	}
	// No cookie is set, so the origin does not matter.
	c.Client().Do("POST", "/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}, "Origin", "https://app.example").Want(200)
	if challenge := c.Client().Get("/auth/user/").Want(401).Header.Values("WWW-Authenticate"); len(challenge) != 2 {
		c.Errorf("challenges %q", challenge)
	}
}

// tokenHeaderRules covers T062 and T053: the header wins over the cookie. An invalid header is 401, even where no user
// is needed. Other schemes and the query string are ignored.
func tokenHeaderRules(c *Case) {
	c.Start(withTokens)
	c.Router.GET("/optional", c.Auth.OptionalUser(), func(g *gin.Context) {
		if u := ginauth.User(g); u != nil {
			g.String(200, u.Username)
			return
		}
		g.String(200, "nobody")
	})
	ann := c.SignedUp("ann")
	c.SignedUp("bob")
	key := c.tokenOf("bob")
	cookie := "__Host-session=" + ann.Cookies["__Host-session"]
	get := func(header string) *authtest.Response {
		return c.Client().Do("GET", "/optional", nil, "Cookie", cookie, "Authorization", header)
	}
	for header, want := range map[string]string{
		"Token " + key: "bob", "": "ann", "Basic YTpi": "ann", "Digest x": "ann", "Tokens " + key: "ann", key: "ann",
	} {
		if r := get(header).Want(200); r.Text != want {
			c.Errorf("%q: %q, want %q", header, r.Text, want)
		}
	}
	last := key[len(key)-1:]
	other := map[bool]string{true: "B", false: "A"}[last == "A"]
	for _, header := range []string{
		"Token", "Bearer", "Token ", "Bearer x", "Token a b", "Token éé", "Bearer " + key + "x", "Bearer " + key[:len(key)-1],
		"Bearer " + key[:len(key)-1] + other, "Bearer x" + key, "Bearer GAT" + key[3:], "Bearer " + key + " " + key,
		"Bearer " + strings.Repeat("x", 5000), "Token eyJhbGciOiJub25lIn0.e30.", "Bearer gat_" + strings.Repeat("A", 49),
	} {
		get(header).WantCode(401, binding.CodeInvalidToken)
		c.Client().Do("GET", "/auth/user/", nil, "Authorization", header).WantCode(401, binding.CodeInvalidToken)
		// A client that wants to replace its token can still log in.
		c.Client().Do("POST", "/auth/login/", authtest.Login("ann"), "Authorization", header).Want(200)
		c.Client().Do("POST", "/auth/logout/", nil, "Authorization", header).Want(200)
	}
	r := httptest.NewRequest("GET", "/optional", nil)
	r.Header["Authorization"] = []string{"Token " + key, "Token " + key}
	w := httptest.NewRecorder()
	c.Router.ServeHTTP(w, r)
	if w.Code != 401 {
		c.Errorf("two headers: %d", w.Code)
	}
	for _, query := range []string{"?token=", "?key=", "?access_token="} {
		c.Client().Get("/auth/user/"+query+key).WantCode(401, binding.CodeNotAuthenticated)
	}
	challenges := c.byToken("x").Get("/auth/user/").Want(401).Header.Values("WWW-Authenticate")
	if want := `[Token realm="auth" Bearer realm="auth", error="invalid_token" Session realm="auth"]`; fmt.Sprint(challenges) != want {
		c.Errorf("challenges %s", challenges)
	}
}

func malformedTokenCostsNoQuery(c *Case) {
	c.Start(withTokens)
	queries := 0
	c.beforeReads(func(*gorm.DB) { queries++ })
	c.byToken("gat_" + strings.Repeat("A", 49)).Get("/auth/user/").Want(401)
	if queries != 0 {
		c.Errorf("%d queries", queries)
	}
}

// tokenNeedsNoOrigin: a page of another site cannot make the browser send a token.
func tokenNeedsNoOrigin(c *Case) {
	c.Start(withTokens)
	ann := c.SignedUp("ann")
	phone := c.byToken(c.tokenOf("ann"))
	for _, browser := range []*authtest.Client{phone, ann} {
		r := browser.Do("PATCH", "/auth/user/", obj{"first_name": "A"}, "Origin", "https://evil.example")
		if browser == phone {
			r.Want(200)
		} else {
			r.WantCode(403, binding.CodeCrossOrigin)
		}
	}
}

// tokenAndPasswordChange covers T038 for tokens: the token that changed the password stays valid. Every other credential
// ends, including personal tokens.
func tokenAndPasswordChange(c *Case) {
	c.Start(withTokens)
	ann := c.SignedUp("ann")
	first, second := c.byToken(c.tokenOf("ann")), c.byToken(c.tokenOf("ann"))
	program := c.byToken(c.personal(ann, obj{"name": "backup"}).Key)
	r := first.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if r.Header.Get("Set-Cookie") != "" {
		c.Errorf("a cookie is set: %v", r.Header)
	}
	first.Get("/auth/user/").Want(200)
	second.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	program.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)

	c.Start(withTokens, func(cfg *config.Config) { cfg.LogoutOnPasswordChange = true })
	c.SignedUp("ann")
	phone := c.byToken(c.tokenOf("ann"))
	phone.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	phone.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
}
