package dbtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var jwtCases = []func(*Case){
	JWTInBody, JWTInCookies, JWTCookiesAreCheckedByOrigin, JWTEndsWithItsSession, JWTBesideOtherCredentials, JWTStateless,
	JWTClaims, VerifyTokens, JWTKeysRotate, KeysAreCached,
}

func withJWT(cfg *config.Config) { cfg.Login = []config.Credential{config.JSONWebToken} }

func withJWTCookies(cfg *config.Config) {
	withJWT(cfg)
	cfg.JWT.Transport = config.InCookies
}

// pairOf logs in and returns the tokens.
func (c *Case) pairOf(name string) *binding.Tokens {
	c.Helper()
	return c.pairBy(authtest.Login(name))
}

func (c *Case) pairBy(login binding.Login) *binding.Tokens {
	c.Helper()
	var out binding.LoginResponse
	c.client().Post("/auth/login/", login).Want(200).JSON(&out)
	return out.Tokens
}

// refresh exchanges a refresh token.
func (c *Case) refresh(token string) *authtest.Response {
	return c.client().Post("/auth/token/refresh/", obj{"refresh": token})
}

func (c *Case) refreshed(token string) (out binding.Tokens) {
	c.Helper()
	c.refresh(token).Want(200).JSON(&out)
	return out
}

func payload(token string) (claims obj) {
	part, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	_ = json.Unmarshal(part, &claims)
	return claims
}

func JWTInBody(c *Case) {
	c.start(withJWT, func(cfg *config.Config) { cfg.JWT.ReturnExpiration = true })
	var out binding.LoginResponse
	r := c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
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
	c.client().Do("GET", "/auth/user/", nil, "Cookie", "access="+out.Access).WantCode(401, binding.CodeNotAuthenticated)
	c.Clock.Advance(5*time.Minute - time.Second)
	ann.Get("/auth/user/").Want(200)
	c.Clock.Advance(time.Second)
	ann.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	ann.Post("/auth/logout/", nil).Want(200) // an expired token still says what to end
	c.refresh(out.Refresh).WantCode(401, binding.CodeInvalidToken)
}

func JWTInCookies(c *Case) {
	c.start(withJWTCookies)
	c.Router.GET("/optional", c.Auth.OptionalUser(), func(g *gin.Context) { g.String(200, fmt.Sprint(ginauth.User(g) != nil)) })
	ann := c.client()
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
	old, again := ann.Clone(), c.loggedIn("ann")
	c.Clock.Advance(6 * time.Minute)
	ann.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	if r := ann.Get("/optional").Want(200); r.Text != "false" {
		c.Errorf("an expired cookie is %s", r.Text)
	}
	again.Post("/auth/login/", authtest.Login("ann")).Want(200) // it never keeps anybody out
	r = ann.Post("/auth/token/refresh/", nil).Want(200)
	if strings.Contains(r.Text, `"access"`) || !strings.Contains(r.Text, "access_expiration") {
		c.Errorf("refresh answers %s", r.Text)
	}
	ann.Get("/auth/user/").Want(200)
	old.Get("/auth/user/").Want(401)
	c.client().Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)

	c.Clock.Advance(6 * time.Minute)
	gone := ann.Clone()
	r = ann.Post("/auth/logout/", nil).Want(200) // with an expired access token
	want = strings.NewReplacer(" 300 ", " -1 ", " 1209600 ", " -1 ").Replace(want)
	if got := attributes(r); got != want || len(ann.Cookies) != 0 {
		c.Errorf("cookies\n%s\nwant\n%s\nleft %v", got, want, ann.Cookies)
	}
	gone.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)

	c.start(withJWTCookies, func(cfg *config.Config) {
		cfg.JWT.AllowCookieTokensInBody = true
		cfg.JWT.RefreshCookie = config.JWTCookie{Name: "r", Path: "/", SameSite: 2}
		cfg.JWT.AccessCookie.Domain = "example.com"
	})
	var out binding.LoginResponse
	r = c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if r.JSON(&out); out.Access == "" || out.Refresh == "" || len(r.Cookies()) != 2 || r.Cookies()[0].Domain != "example.com" {
		c.Errorf("got %s, %v", r.Text, r.Header)
	}
}

func JWTCookiesAreCheckedByOrigin(c *Case) {
	c.start(withJWTCookies)
	ann := c.signedUp("ann")
	foreign := []string{"Sec-Fetch-Site", "cross-site", "Content-Type", "application/json"}
	for _, path := range []string{"/auth/token/refresh/", "/auth/logout/", "/auth/password/change/", "/auth/login/"} {
		ann.Do("POST", path, obj{}, foreign...).WantCode(403, binding.CodeCrossSite)
	}
	ann.Get("/auth/user/").Want(200)
	delete(ann.Cookies, "access") // as browsers do when it expires: the refresh token alone ends the session
	ann.Do("POST", "/auth/logout/", obj{}, foreign...).WantCode(403, binding.CodeCrossSite)
	ann.Post("/auth/token/refresh/", nil).Want(200)
}

// JWTEndsWithItsSession covers T038 to T040 and T122: at once, not when it expires.
func JWTEndsWithItsSession(c *Case) {
	c.start(withJWT)
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	one, two, three := c.pairOf("ann"), c.pairOf("ann"), c.pairOf("ann")
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
	c.client().Post("/auth/logout/", obj{"refresh": next.Refresh}).Want(200)
	dead(two)
	dead(&next)
	var out binding.LoginResponse
	c.client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200).JSON(&out)
	c.set("ann", obj{"is_active": false})
	c.byToken(out.Access).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
	c.refresh(out.Refresh).WantCode(401, binding.CodeInvalidToken) // T127
	for _, body := range []any{nil, "{}", obj{"refresh": obj{}}, obj{"refresh": "garbage"}, "[]"} {
		c.client().Do("POST", "/auth/logout/", body, "Content-Type", "application/json").Want(200)
	}
}

func JWTBesideOtherCredentials(c *Case) {
	c.start(withEverything)
	ann := c.client()
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

func JWTStateless(c *Case) {
	c.start(withJWT, func(cfg *config.Config) { cfg.JWT.Stateless = true })
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p, id := c.pairOf("ann"), fmt.Sprint(c.user("ann").ID)
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
	ann.Get("/id").Want(200)                                       // the price, by name
	ann.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken) // the library's own routes ask
	c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)   // and nothing new is given
	c.Clock.Advance(5 * time.Minute)
	ann.Get("/id").WantCode(401, binding.CodeInvalidToken)
}

func JWTClaims(c *Case) {
	fail := false
	c.start(withJWT, func(cfg *config.Config) {
		cfg.JWT.Issuer, cfg.JWT.Audience = "https://auth.example", "shop"
		cfg.JWT.Claims = func(_ context.Context, user models.Account) (map[string]any, error) {
			if fail {
				return nil, errFuse
			}
			return map[string]any{"name": user.Base().Username, "sub": "0", "exp": 1, "token_type": "x", "iss": "x", "sid": "x"}, nil
		}
	})
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.Clock.Advance(time.Second)
	p := c.pairOf("ann")
	claims := payload(p.Access)
	session, id := listed(c, c.byToken(p.Access))[0].ID, fmt.Sprint(c.user("ann").ID)
	want := fmt.Sprint(obj{
		"token_type": "access", "user_id": id, "sub": id, "sid": session, "iss": "https://auth.example", "aud": "shop", "name": "ann",
		"jti": claims["jti"], "iat": float64(c.Clock.Now().Unix()), "exp": float64(c.Clock.Now().Add(5 * time.Minute).Unix()),
	})
	if got := fmt.Sprint(claims); got != want {
		c.Errorf("claims %s, want %s", got, want)
	}
	fail = true
	sessions := c.count(&models.Session{})
	c.client().Post("/auth/login/", authtest.Login("ann")).WantCode(503, binding.CodeUnavailable)
	if n := c.count(&models.Session{}); n != sessions {
		c.Errorf("a failed login left %d sessions", n-sessions)
	}
}

func VerifyTokens(c *Case) {
	c.start(withJWT)
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.pairOf("ann")
	verify := func(token string) *authtest.Response {
		return c.client().Post("/auth/token/verify/", obj{"token": token})
	}
	for _, token := range []string{p.Access, p.Refresh} {
		if r := verify(token).Want(200); r.Text != "{}" {
			c.Errorf("got %s", r.Text)
		}
	}
	c.client().Post("/auth/token/verify/", obj{}).WantProblems("token required")
	c.client().Post("/auth/token/verify/", obj{"token": []int{1}}).WantProblems("token invalid")
	verify("garbage").WantCode(401, binding.CodeInvalidToken)
	next := c.refreshed(p.Refresh)
	c.Clock.Advance(10*time.Second + time.Millisecond)
	verify(p.Refresh).WantCode(401, binding.CodeInvalidToken) // and does not end the session
	verify(next.Refresh).Want(200)
	c.set("ann", obj{"is_active": false})
	verify(next.Access).WantCode(401, binding.CodeInvalidToken)
	verify(next.Refresh).WantCode(401, binding.CodeInvalidToken)
}

// JWTKeysRotate: the next key is put before the old one; tokens of both are good until the
// old key is taken out, and jwks.json has the public halves (T130).
func JWTKeysRotate(c *Case) {
	_, old, err1 := ed25519.GenerateKey(rand.Reader)
	next, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		c.Fatal(err)
	}
	c.DB = c.open(c.T)
	var tokens []string
	for i, keys := range [][]config.JWTKey{
		{{ID: "old", Private: old}}, {{ID: "next", Private: next}, {ID: "old", Public: old.Public()}}, {{ID: "next", Private: next}},
	} {
		c.App = authtest.New(c.T, c.DB, withJWT, func(cfg *config.Config) { cfg.JWT.Keys = keys })
		if i == 0 {
			c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
		}
		tokens = append(tokens, c.pairOf("ann").Access)
		for j, token := range tokens {
			want := 200
			if i == 2 && j == 0 {
				want = 401
			}
			c.byToken(token).Get("/auth/user/").Want(want)
		}
		r := c.client().Get("/auth/jwks.json").Want(200)
		if strings.Count(r.Text, `"kid"`) != len(keys) || strings.Contains(r.Text, `"d"`) {
			c.Errorf("published %s", r.Text)
		}
	}
	for _, bad := range [][]config.JWTKey{
		{{Public: old.Public()}}, {{ID: "x", Private: next}, {ID: "x", Private: old}}, {{Secret: "short"}},
	} {
		cfg := config.Config{Secret: authtest.Secret, Login: []config.Credential{config.JSONWebToken}, JWT: config.JWT{Keys: bad}}
		if _, err := ginauth.New(c.DB, cfg); err == nil || !strings.Contains(err.Error(), "JWT.Keys") {
			c.Errorf("%v: got %v", bad, err)
		}
	}
}

// KeysAreCached: proxies and other services keep jwks.json for minutes, without anybody's cookies,
// and ask with its ETag whether it has changed (D10).
func KeysAreCached(c *Case) {
	_, old, err1 := ed25519.GenerateKey(rand.Reader)
	_, next, err2 := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		c.Fatal(err)
	}
	tag := `"another"`
	for _, key := range []ed25519.PrivateKey{old, next} {
		c.start(withJWT, func(cfg *config.Config) { cfg.JWT.Keys = []config.JWTKey{{Private: key}} })
		counts := func(w http.ResponseWriter, r *http.Request) { // middleware that sets a cookie
			w.Header().Add("Set-Cookie", "visits=1")
			c.Router.ServeHTTP(w, r)
		}
		browser := authtest.NewClient(c.T, http.HandlerFunc(counts)) // 304 has no body to document
		r := browser.Do("GET", "/auth/jwks.json", nil, "If-None-Match", tag).Want(200)
		tag = r.Header.Get("ETag")
		if cache := r.Header.Get("Cache-Control"); cache != "public, max-age=300" || tag == "" || r.Header.Get("Vary")+r.Header.Get("Pragma") != "" {
			c.Errorf("headers %v", r.Header)
		}
		if len(r.Cookies()) != 0 || !strings.Contains(r.Text, `"kid"`) {
			c.Errorf("caches keep %v, %s", r.Cookies(), r.Text)
		}
		c.client().Get("/auth/jwks.json").Want(200)
		browser.Do("GET", "/auth/jwks.json", nil, "If-None-Match", tag).Want(304)
		head := browser.Do("HEAD", "/auth/jwks.json", nil).Want(200)
		if head.Header.Get("ETag") != tag {
			c.Errorf("HEAD has %v", head.Header)
		}
	}
}
