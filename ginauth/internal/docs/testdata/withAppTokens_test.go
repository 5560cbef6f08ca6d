package snippet

import (
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// app returns a client of a server with withAppTokens, and what its sign-up returned.
func app(t *testing.T, kind config.Credential) (*authtest.Client, map[string]any) {
	t.Helper()
	auth, err := ginauth.New(memory.Open(t), withAppTokens(config.Config{Secret: authtest.Secret}, kind))
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		t.Fatal(err)
	}
	for _, finding := range auth.Check(t.Context()) {
		if finding.Setting == "Session.Absolute" {
			t.Error(finding)
		}
	}
	client := authtest.NewClient(t, router)
	var login map[string]any
	client.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&login)
	return client, login
}

func TestOpaqueToken(t *testing.T) {
	client, login := app(t, config.OpaqueToken)
	key := login["key"].(string)
	client.Do("GET", "/auth/user/", nil, "Authorization", "Bearer "+key).Want(200)
	client.Do("POST", "/auth/logout/", nil, "Authorization", "Bearer "+key).Want(200)
	client.Do("GET", "/auth/user/", nil, "Authorization", "Bearer "+key).Want(401)
	if len(client.Cookies) != 0 {
		t.Errorf("cookies %v", client.Cookies)
	}
}

func TestJSONWebToken(t *testing.T) {
	client, login := app(t, config.JSONWebToken)
	refresh := func(token any) map[string]any {
		var tokens map[string]any
		client.Post("/auth/token/refresh/", map[string]any{"refresh": token}).Want(200).JSON(&tokens)
		return tokens
	}
	first, second := refresh(login["refresh"]), refresh(login["refresh"]) // the previous one works for ten seconds
	if first["refresh"] == login["refresh"] || first["refresh"] != second["refresh"] {
		t.Errorf("refreshed to %v and %v", first, second)
	}
	client.Do("GET", "/auth/user/", nil, "Authorization", "Bearer "+first["access"].(string)).Want(200)
	client.Post("/auth/logout/", map[string]any{"refresh": first["refresh"]}).Want(200)
	client.Post("/auth/token/refresh/", map[string]any{"refresh": first["refresh"]}).Want(401)
}
