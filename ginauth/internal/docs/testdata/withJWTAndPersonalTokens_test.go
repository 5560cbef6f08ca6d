package snippet

import (
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// TestWithJWTAndPersonalTokens: a login that asks for nothing gets no key, a key from before still works, and not without OpaqueToken.
func TestWithJWTAndPersonalTokens(t *testing.T) {
	db := memory.Open(t)
	serve := func(change func(*gin.Engine) config.Config) *authtest.Client {
		router := gin.New()
		cfg := change(router)
		cfg.Secret = authtest.Secret
		auth, err := ginauth.New(db, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := auth.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := auth.Register(router); err != nil {
			t.Fatal(err)
		}
		return authtest.NewClient(t, router)
	}
	old := serve(func(*gin.Engine) config.Config { return config.Config{Login: []config.Credential{config.OpaqueToken}} })
	both := serve(func(router *gin.Engine) config.Config { return withJWTAndPersonalTokens(config.Config{}, router) })
	without := serve(func(*gin.Engine) config.Config {
		return config.Config{Login: []config.Credential{config.JSONWebToken, config.OpaqueToken}}
	})
	last := serve(func(*gin.Engine) config.Config { return config.Config{Login: []config.Credential{config.JSONWebToken}} })

	var login struct{ Key, Access, Refresh string }
	old.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&login)
	key := []string{"Authorization", "Bearer " + login.Key}
	both.Do("GET", "/auth/user/", nil, key...).Want(200)
	last.Do("GET", "/auth/user/", nil, key...).Want(401)

	login.Key = ""
	both.Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&login)
	if login.Key != "" || login.Access == "" || login.Refresh == "" {
		t.Errorf("the login returned %+v", login)
	}
	var token struct{ Key string }
	both.Do("POST", "/auth/tokens/", map[string]any{"name": "report", "scopes": []string{"reports:read"}}, "Authorization", "Bearer "+login.Access).
		Want(201).JSON(&token)
	both.Do("GET", "/auth/user/", nil, "Authorization", "Token "+token.Key).Want(403) // it has a scope
	without.Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&login)
	if login.Key == "" || login.Access == "" {
		t.Errorf("without the middleware, the login returned %+v", login)
	}
}
