package dbtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

func jwtClaims(c *Case) {
	fail := false
	c.Start(withJWT, func(cfg *config.Config) {
		cfg.JWT.Issuer, cfg.JWT.Audience = "https://auth.example", "shop"
		cfg.JWT.Claims = func(_ context.Context, user models.Account) (map[string]any, error) {
			if fail {
				return nil, errFuse
			}
			return map[string]any{"name": user.Base().Username, "sub": "0", "exp": 1, "token_type": "x", "iss": "x", "sid": "x", "acr": "x", "amr": "x", "auth_time": 1}, nil
		}
	})
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.Clock.Advance(time.Second)
	p := c.tokenPairOf("ann")
	claims := payload(p.Access)
	session, id := listed(c, c.byToken(p.Access))[0].ID, fmt.Sprint(c.user("ann").ID)
	want := fmt.Sprint(obj{
		"token_type": "access", "user_id": id, "sub": id, "sid": session, "iss": "https://auth.example", "aud": "shop", "name": "ann",
		"jti": claims["jti"], "iat": float64(c.Clock.Now().Unix()), "exp": float64(c.Clock.Now().Add(5 * time.Minute).Unix()),
		"auth_time": float64(c.Clock.Now().Unix()), "amr": []any{"pwd"}, "acr": "aal1",
	})
	if got := fmt.Sprint(claims); got != want {
		c.Errorf("claims %s, want %s", got, want)
	}
	fail = true
	sessions := c.count(&models.Session{})
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantCode(503, binding.CodeUnavailable)
	if n := c.count(&models.Session{}); n != sessions {
		c.Errorf("a failed login left %d sessions", n-sessions)
	}
}

func verifyTokens(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	verify := func(token string) *authtest.Response {
		return c.Client().Post("/auth/token/verify/", obj{"token": token})
	}
	for _, token := range []string{p.Access, p.Refresh} {
		if r := verify(token).Want(200); r.Text != "{}" {
			c.Errorf("got %s", r.Text)
		}
	}
	c.Client().Post("/auth/token/verify/", obj{}).WantProblems("token required")
	c.Client().Post("/auth/token/verify/", obj{"token": []int{1}}).WantProblems("token invalid")
	verify("garbage").WantCode(401, binding.CodeInvalidToken)
	next := c.refreshed(p.Refresh)
	c.Clock.Advance(10*time.Second + time.Millisecond)
	verify(p.Refresh).WantCode(401, binding.CodeInvalidToken) // does not end the session
	verify(next.Refresh).Want(200)
	c.set("ann", obj{"is_active": false})
	verify(next.Access).WantCode(401, binding.CodeInvalidToken)
	verify(next.Refresh).WantCode(401, binding.CodeInvalidToken)
}

// jwtKeysRotate covers T130: a new key is put before the old one. Tokens of both keys work until the old key is removed,
// and jwks.json has the public keys.
func jwtKeysRotate(c *Case) {
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
			c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
		}
		tokens = append(tokens, c.tokenPairOf("ann").Access)
		for j, token := range tokens {
			want := 200
			if i == 2 && j == 0 {
				want = 401
			}
			c.byToken(token).Get("/auth/user/").Want(want)
		}
		r := c.Client().Get("/auth/jwks.json").Want(200)
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

// keysAreCached: proxies and other services can keep jwks.json for minutes. The response has no cookies, and its ETag
// tells whether it has changed (D10).
func keysAreCached(c *Case) {
	_, old, err1 := ed25519.GenerateKey(rand.Reader)
	_, next, err2 := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		c.Fatal(err)
	}
	tag := `"another"`
	for _, key := range []ed25519.PrivateKey{old, next} {
		c.Start(withJWT, func(cfg *config.Config) { cfg.JWT.Keys = []config.JWTKey{{Private: key}} })
		counts := func(w http.ResponseWriter, r *http.Request) { // middleware that sets a cookie
			w.Header().Add("Set-Cookie", "visits=1")
			c.Router.ServeHTTP(w, r)
		}
		browser := authtest.NewClient(c.T, http.HandlerFunc(counts)) // the OpenAPI document has no body for 304
		r := browser.Do("GET", "/auth/jwks.json", nil, "If-None-Match", tag).Want(200)
		tag = r.Header.Get("ETag")
		if cache := r.Header.Get("Cache-Control"); cache != "public, max-age=300" || tag == "" || r.Header.Get("Vary")+r.Header.Get("Pragma") != "" {
			c.Errorf("headers %v", r.Header)
		}
		if len(r.Cookies()) != 0 || !strings.Contains(r.Text, `"kid"`) {
			c.Errorf("caches keep %v, %s", r.Cookies(), r.Text)
		}
		c.Client().Get("/auth/jwks.json").Want(200)
		browser.Do("GET", "/auth/jwks.json", nil, "If-None-Match", tag).Want(304)
		head := browser.Do("HEAD", "/auth/jwks.json", nil).Want(200)
		if head.Header.Get("ETag") != tag {
			c.Errorf("HEAD has %v", head.Header)
		}
	}
}

// failingClaimsUseUpNoToken: while claims fail, a refresh is 503, and its token works afterwards, however long that
// takes. A user who signs up then is stored without a session.
func failingClaimsUseUpNoToken(c *Case) {
	var fails atomic.Bool
	c.Start(withJWT, func(cfg *config.Config) {
		cfg.JWT.Claims = func(context.Context, models.Account) (map[string]any, error) {
			if fails.Load() {
				return nil, errors.New("the claims are elsewhere")
			}
			return nil, nil
		}
	})
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	fails.Store(true)
	c.refresh(p.Refresh).WantCode(503, binding.CodeUnavailable)
	sessions := c.count(&models.Session{})
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).WantCode(503, binding.CodeUnavailable)
	if n := c.count(&models.Session{}); n != sessions {
		c.Errorf("%d sessions without a user", n-sessions)
	}
	c.Clock.Advance(time.Minute)
	fails.Store(false)
	c.refreshed(p.Refresh)
	c.LoggedIn("bob")
}

// claimsCanQueryTheDatabase: also for a new user, and with a single connection.
func claimsCanQueryTheDatabase(c *Case) {
	c.Start(withJWT, func(cfg *config.Config) {
		cfg.JWT.Claims = func(ctx context.Context, user models.Account) (map[string]any, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			var row models.User
			err := c.DB.WithContext(ctx).First(&row, user.Base().ID).Error
			return map[string]any{"name": row.Username}, err
		}
	})
	pool, err := c.DB.DB()
	if err != nil {
		c.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	var p binding.LoginResponse
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&p)
	if name := payload(p.Access)["name"]; name != "ann" {
		c.Errorf("the claims had %v", name)
	}
	c.LoggedIn("ann")
}
