package snippet

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestInsteadOfGinJWT(t *testing.T) {
	t.Setenv("AUTH_SECRET", string(authtest.Secret))
	const key = "the key that gin-jwt had, of 32 bytes or more"
	router, err := insteadOfGinJWT(memory.Open(t), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	client := authtest.NewClient(t, router)
	client.Get("/api/hello").Want(401)
	old, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{ // as gin-jwt makes it
		"identity": "ann", "exp": time.Now().Add(time.Hour).Unix(), "orig_iat": time.Now().Unix(),
	}).SignedString([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	client.Do("GET", "/api/hello", nil, "Authorization", "Bearer "+old).Want(401)
	var login struct{ Access, Refresh string }
	client.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&login)
	claims, err := base64.RawURLEncoding.DecodeString(strings.Split(login.Access, ".")[1])
	if err != nil || !strings.Contains(string(claims), `"username":"ann"`) {
		t.Errorf("claims %s, %v", claims, err)
	}
	client.Header.Set("Authorization", "Bearer "+login.Access)
	client.Get("/api/hello").Want(200)
	client.Get("/api/admin").Want(403)
	client.Get("/api/hello?token=" + login.Access).Want(200)
	client.Post("/auth/logout/", nil).Want(200)
	client.Get("/api/hello").Want(401)
	client.Header.Del("Authorization")
	client.Get("/api/hello?token=" + login.Access).Want(401)
}
