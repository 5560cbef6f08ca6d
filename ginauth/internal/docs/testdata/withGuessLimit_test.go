package snippet

import (
	"fmt"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithGuessLimit(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	db, router := memory.Open(t), gin.New()
	auth, err := withGuessLimit(db, config.Config{Secret: authtest.Secret, Hash: config.Hash{
		Memory: 8, Time: 1, InsecureCheapForTests: true,
	}}, router)
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	app := authtest.Wrap(auth, db, router)
	app.User(t, "ann")
	app.User(t, "bob")
	client := app.Client(t)
	for range 10 {
		client.Post("/auth/login/", binding.Login{Username: "Ann", Password: "a guess"}).WantProblems("non_field_errors invalid_credentials")
	}
	if refused := client.Post("/auth/login/", authtest.Login("ann")).WantCode(429, "too_many_guesses"); refused.Header.Get("Retry-After") != "900" {
		t.Errorf("headers %v", refused.Header)
	}
	client.Post("/auth/login/", authtest.Login("bob")).Want(200)
	for i := range 40 { // one guess for each of many names
		client.Post("/auth/login/", binding.Login{Username: fmt.Sprint("user", i), Password: "a guess"}).Want(400)
	}
	client.Post("/auth/login/", authtest.Login("bob")).WantCode(429, "too_many_guesses")
	client.Get("/auth/user/").Want(200) // nothing else is limited
}

func TestNetwork(t *testing.T) {
	if network("2001:db8::1") != network("2001:db8::ffff") || network("2001:db8:1::") == network("2001:db8::") || network("192.0.2.1") == network("192.0.2.2") {
		t.Error("networks are not told apart")
	}
}
