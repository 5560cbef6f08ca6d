package dbtest

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var tokenCases = []func(*Case){
	TokenOfALogin, TokenAloneSetsNoCookie, TokenHeaderRules, TokenThatIsBrokenCostsNoQuery, TokenNeedsNoOrigin,
	TokenAndPasswordChange, PersonalTokenLife, PersonalTokenLimits, PersonalTokenScopes, PersonalTokenCannotManageTheAccount,
	PersonalTokensPerUserAreBounded, PersonalTokensOutliveLogout,
}

// withTokens gives cookie and token, as dj-rest-auth does by default.
func withTokens(cfg *config.Config) {
	cfg.Login, cfg.AllowTokensWithCookies = []config.Credential{config.SessionCookie, config.OpaqueToken}, true
	cfg.Token.Scopes = []string{"orders:read", "orders:write"}
}

// byToken returns a browser without cookies that shows a token.
func (c *Case) byToken(key string) *authtest.Client {
	browser := c.client()
	browser.Header.Set("Authorization", "Bearer "+key)
	return browser
}

// tokenOf logs in and returns the token.
func (c *Case) tokenOf(name string) string {
	c.Helper()
	var out binding.LoginResponse
	c.client().Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&out)
	return out.Key
}

// personal makes a personal token.
func (c *Case) personal(browser *authtest.Client, body obj) binding.NewToken {
	c.Helper()
	var out binding.NewToken
	browser.Post("/auth/tokens/", body).Want(201).JSON(&out)
	return out
}

var tokenForm = regexp.MustCompile(`^\{"key":"gat_[A-Za-z0-9_-]{49}"\}$`)

func TokenOfALogin(c *Case) {
	c.start(withTokens)
	ann := c.client()
	r := ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if !tokenForm.MatchString(r.Text) || len(ann.Cookies) != 1 {
		c.Errorf("got %s and cookies %v", r.Text, ann.Cookies)
	}
	var out binding.LoginResponse
	r.JSON(&out)
	for _, scheme := range []string{"Token ", "Bearer ", "token ", "BEARER ", "Bearer   "} {
		c.client().Do("GET", "/auth/user/", nil, "Authorization", scheme+out.Key).Want(200)
	}
	all := listed(c, ann)
	if len(all) != 1 || !all[0].Current { // one row behind both
		c.Errorf("listed %+v", all)
	}
	phone := c.byToken(c.tokenOf("ann"))
	ann.Delete("/auth/sessions/").Want(204)
	phone.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	phone = c.byToken(c.tokenOf("ann"))
	phone.Post("/auth/logout/", nil).Want(200)
	phone.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	phone.Post("/auth/logout/", nil).Want(200) // idempotent
	ann.Post("/auth/logout/", nil).Want(200)
	c.byToken(out.Key).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken) // the cookie's logout ended the token
}

func TokenAloneSetsNoCookie(c *Case) {
	c.start(func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} })
	ann := c.client()
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
	// Nothing is ambient, so the origin does not matter.
	c.client().Do("POST", "/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}, "Origin", "https://app.example").Want(200)
	if challenge := c.client().Get("/auth/user/").Want(401).Header.Values("WWW-Authenticate"); len(challenge) != 2 {
		c.Errorf("challenges %q", challenge)
	}
}

// TokenHeaderRules covers T062 and T053: the header wins over the cookie, a bad one is
// 401 even where nobody is needed, and other schemes and the query are not ours.
func TokenHeaderRules(c *Case) {
	c.start(withTokens)
	c.Router.GET("/optional", c.Auth.OptionalUser(), func(g *gin.Context) {
		if u := ginauth.User(g); u != nil {
			g.String(200, u.Username)
			return
		}
		g.String(200, "nobody")
	})
	ann := c.signedUp("ann")
	c.signedUp("bob")
	key := c.tokenOf("bob")
	cookie := "__Host-session=" + ann.Cookies["__Host-session"]
	get := func(header string) *authtest.Response {
		return c.client().Do("GET", "/optional", nil, "Cookie", cookie, "Authorization", header)
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
		c.client().Do("GET", "/auth/user/", nil, "Authorization", header).WantCode(401, binding.CodeInvalidToken)
		// What somebody wants to replace does not keep him from it.
		c.client().Do("POST", "/auth/login/", authtest.Login("ann"), "Authorization", header).Want(200)
		c.client().Do("POST", "/auth/logout/", nil, "Authorization", header).Want(200)
	}
	r := httptest.NewRequest("GET", "/optional", nil)
	r.Header["Authorization"] = []string{"Token " + key, "Token " + key}
	w := httptest.NewRecorder()
	c.Router.ServeHTTP(w, r)
	if w.Code != 401 {
		c.Errorf("two headers: %d", w.Code)
	}
	for _, query := range []string{"?token=", "?key=", "?access_token="} {
		c.client().Get("/auth/user/"+query+key).WantCode(401, binding.CodeNotAuthenticated)
	}
	challenges := c.byToken("x").Get("/auth/user/").Want(401).Header.Values("WWW-Authenticate")
	if want := `[Token realm="auth" Bearer realm="auth", error="invalid_token" Session realm="auth"]`; fmt.Sprint(challenges) != want {
		c.Errorf("challenges %s", challenges)
	}
}

func TokenThatIsBrokenCostsNoQuery(c *Case) {
	c.start(withTokens)
	queries := 0
	if err := c.DB.Callback().Query().Before("*").Register("count", func(*gorm.DB) { queries++ }); err != nil {
		c.Fatal(err)
	}
	c.byToken("gat_" + strings.Repeat("A", 49)).Get("/auth/user/").Want(401)
	if queries != 0 {
		c.Errorf("%d queries", queries)
	}
}

// TokenNeedsNoOrigin: a page of another site cannot make the browser send a token.
func TokenNeedsNoOrigin(c *Case) {
	c.start(withTokens)
	ann := c.signedUp("ann")
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

// TokenAndPasswordChange covers T038 for tokens: the one that changed the password
// stays, every other credential ends, personal tokens too.
func TokenAndPasswordChange(c *Case) {
	c.start(withTokens)
	ann := c.signedUp("ann")
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

	c.start(withTokens, func(cfg *config.Config) { cfg.LogoutOnPasswordChange = true })
	c.signedUp("ann")
	phone := c.byToken(c.tokenOf("ann"))
	phone.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	phone.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
}

func PersonalTokenLife(c *Case) {
	c.start(withTokens)
	ann, eve := c.signedUp("ann"), c.signedUp("eve")
	token := c.personal(ann, obj{"name": " backup ", "expires_in": 3600, "scopes": []string{"orders:write", "orders:read", "orders:read"}})
	if token.Name != "backup" || fmt.Sprint(token.Scopes) != "[orders:read orders:write]" || !token.ExpiresAt.Equal(c.Clock.Now().Add(time.Hour)) {
		c.Errorf("made %+v", token)
	}
	var all []binding.Token
	r := ann.Get("/auth/tokens/").Want(200)
	r.JSON(&all)
	if len(all) != 1 || all[0].ID != token.ID || strings.Contains(r.Text, token.Key) || strings.Contains(r.Text, `"key"`) {
		c.Errorf("listed %s", r.Text)
	}
	if len(listed(c, ann)) != 1 {
		c.Error("the token is listed as a session")
	}
	for _, path := range []string{"/auth/tokens/" + token.ID, "/auth/sessions/" + token.ID, "/auth/tokens/x", "/auth/tokens/%00"} {
		eve.Delete(path).WantCode(404, binding.CodeNotFound) // T015
	}
	ann.Delete("/auth/sessions/"+token.ID).WantCode(404, binding.CodeNotFound)
	ann.Delete("/auth/tokens/"+listed(c, ann)[0].ID).WantCode(404, binding.CodeNotFound)
	plain := c.personal(ann, obj{"name": "plain"})
	program := c.byToken(plain.Key)
	program.Get("/auth/user/").Want(200)
	ann.Delete("/auth/tokens/" + plain.ID + "/").Want(204)
	program.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)

	c.Clock.Advance(time.Hour)
	if ann.Get("/auth/tokens/").Want(200).JSON(&all); len(all) != 0 {
		c.Errorf("listed %+v", all)
	}
	if n, err := c.Auth.Sweep(c.Context()); n != 1 || err != nil {
		c.Errorf("swept %d, %v", n, err)
	}
}

func PersonalTokenLimits(c *Case) {
	c.start(withTokens)
	ann := c.signedUp("ann")
	post := func(body any) *authtest.Response { return ann.Post("/auth/tokens/", body) }
	post(obj{}).WantProblems("name required")
	post(obj{"name": "x", "scopes": []string{}}).WantProblems("scopes blank") // leaving it out means all
	post(obj{"name": strings.Repeat("x", 81), "expires_in": 59, "scopes": []string{"admin"}}).
		WantProblems("name max_length", "expires_in min_value", "scopes invalid_scope")
	post(obj{"name": "x", "expires_in": 367 * 24 * 3600, "scopes": 7}).WantProblems("expires_in max_value", "scopes invalid")
	post(obj{"name": "x", "expires_in": "soon", "scopes": []string{"orders:read orders:write"}}).
		WantProblems("expires_in invalid", "scopes invalid_scope")
	var out binding.NewToken
	form := "name=x&scopes=orders:read+orders:write&expires_in=60"
	ann.Do("POST", "/auth/tokens/", form, "Content-Type", "application/x-www-form-urlencoded").Want(201).JSON(&out)
	if len(out.Scopes) != 2 || !out.ExpiresAt.Equal(c.Clock.Now().Add(time.Minute)) {
		c.Errorf("made %+v", out)
	}
	ann.Do("POST", "/auth/tokens/", obj{"name": "x"}, "Origin", "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
}

func PersonalTokenScopes(c *Case) {
	c.start(withTokens)
	done := func(g *gin.Context) { g.Status(200) }
	c.Router.GET("/orders", c.Auth.RequireScope("orders:read"), done)
	c.Router.POST("/orders", c.Auth.RequireScope("orders:read", "orders:write"), done)
	c.Router.GET("/rest", c.Auth.RequireUser(), done)
	c.Router.GET("/open", c.Auth.OptionalUser(), done)
	c.Router.GET("/staff", c.Auth.RequireStaff(), done)
	c.Router.GET("/fresh", c.Auth.RequireFresh(time.Hour), done)
	ann := c.signedUp("ann")
	c.set("ann", obj{"is_staff": true})
	login := c.byToken(c.tokenOf("ann"))
	plain := c.byToken(c.personal(ann, obj{"name": "plain"}).Key)
	read := c.byToken(c.personal(ann, obj{"name": "read", "scopes": "orders:read"}).Key)
	write := c.byToken(c.personal(ann, obj{"name": "write", "scopes": "orders:write orders:read"}).Key)
	for _, try := range []struct {
		method, path              string
		login, plain, read, write int
	}{
		{"GET", "/orders", 200, 200, 200, 200},
		{"POST", "/orders", 200, 200, 403, 200},
		{"GET", "/rest", 200, 200, 403, 403},
		{"GET", "/open", 200, 200, 403, 403},
		{"GET", "/staff", 200, 200, 403, 403},
		{"GET", "/fresh", 200, 403, 403, 403},
		{"GET", "/auth/user/", 200, 200, 403, 403},
	} {
		for i, browser := range []*authtest.Client{login, plain, read, write} {
			want := []int{try.login, try.plain, try.read, try.write}[i]
			r := browser.Do(try.method, try.path, nil)
			if r.StatusCode != want {
				c.Errorf("%s %s by %d: %d, want %d", try.method, try.path, i, r.StatusCode, want)
			}
			if want == 403 {
				r.WantCode(403, binding.CodeInsufficientScope)
			}
		}
	}
	ann.Get("/orders").Want(200)
	c.client().Get("/orders").WantCode(401, binding.CodeNotAuthenticated)
	defer func() {
		if recover() == nil {
			c.Error("a scope that no token can have was accepted")
		}
	}()
	c.Auth.RequireScope("orders:delete")
}

func PersonalTokenCannotManageTheAccount(c *Case) {
	c.start(withTokens)
	ann := c.signedUp("ann")
	program := c.byToken(c.personal(ann, obj{"name": "plain"}).Key)
	id := listed(c, ann)[0].ID
	for _, try := range []struct {
		method, path string
		body         any
	}{
		{"PATCH", "/auth/user/", obj{"first_name": "A"}}, {"PUT", "/auth/user/", obj{"username": "eve"}},
		{"POST", "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")}, {"GET", "/auth/sessions/", nil},
		{"DELETE", "/auth/sessions/", nil}, {"DELETE", "/auth/sessions/" + id, nil}, {"GET", "/auth/tokens/", nil},
		{"POST", "/auth/tokens/", obj{"name": "more"}}, {"DELETE", "/auth/tokens/" + id, nil},
	} {
		program.Do(try.method, try.path, try.body).WantCode(403, binding.CodeInsufficientScope)
	}
	ann.Get("/auth/user/").Want(200)
	c.loggedIn("ann")
}

func PersonalTokensPerUserAreBounded(c *Case) {
	c.start(withTokens, func(cfg *config.Config) { cfg.Token.MaxPerUser = 5 })
	ann, bob := c.signedUp("ann"), c.signedUp("bob")
	c.personal(ann, obj{"name": "expires", "expires_in": 60})
	c.Clock.Advance(time.Minute)
	got := c.together(16, func(i int) *authtest.Response {
		return ann.Clone().Post("/auth/tokens/", obj{"name": fmt.Sprint(i)})
	})
	if got[201] != 5 || got[400] != 11 {
		c.Errorf("got %v, want 5 tokens and 11 refusals; log: %s", got, c.Log)
	}
	ann.Post("/auth/tokens/", obj{"name": "one more"}).WantProblems("non_field_errors too_many")
	c.personal(bob, obj{"name": "bob's"})
}

// PersonalTokensOutliveLogout: what ends the logins of a browser leaves programs alone,
// and idleness, too; deactivating the user does not.
func PersonalTokensOutliveLogout(c *Case) {
	c.start(withTokens, func(cfg *config.Config) { cfg.Session.MaxPerUser = 2 })
	ann := c.signedUp("ann")
	program := c.byToken(c.personal(ann, obj{"name": "backup"}).Key)
	for range 3 {
		c.Clock.Advance(time.Second)
		ann = c.loggedIn("ann")
	}
	ann.Delete("/auth/sessions/").Want(204)
	ann.Post("/auth/logout/", nil).Want(200)
	program.Post("/auth/login/", authtest.Login("ann")).Want(200) // shows the token, and does not end it
	program.Cookies = map[string]string{}
	c.Clock.Advance(89 * 24 * time.Hour)
	if n, err := c.Auth.Sweep(c.Context()); err != nil || n != 1 {
		c.Errorf("swept %d, %v", n, err)
	}
	program.Get("/auth/user/").Want(200) // T132: per program, with an end
	c.set("ann", obj{"is_active": false})
	program.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	c.set("ann", obj{"is_active": true})
	program.Post("/auth/logout/", nil).Want(200) // a program may give up what it has
	program.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	if n := c.count(&models.Session{}); n != 0 {
		c.Errorf("%d rows left", n)
	}
}
