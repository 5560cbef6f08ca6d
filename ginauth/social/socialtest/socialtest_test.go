package socialtest_test

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

// TestLogin: the providers' own rules apply, several providers share an IDP, and a later login is of the same user.
func TestLogin(t *testing.T) {
	t.Parallel()
	google, acme := social.Google("ours", "secret"), social.OIDC("acme", "https://login.acme.example/realms/staff", "ours", "secret")
	idp := socialtest.New(t)
	app := authtest.With(idp.Feature(google, acme)).New(t, memory.Open(t))
	login := func(p social.Provider, claims socialtest.Claims) (user binding.User) {
		t.Helper()
		idp.Login(app, p, claims).Get("/auth/user/").Want(200).JSON(&user)
		return user
	}
	ann := login(google, socialtest.Claims{"sub": "1", "email": "ann@gmail.com", "email_verified": true})
	if again := login(google, socialtest.Claims{"sub": "1"}); again.PK != ann.PK || ann.Email != "ann@gmail.com" {
		t.Errorf("%+v, then %+v", ann, again)
	}
	if other := login(acme, socialtest.Claims{"sub": "1"}); other.PK == ann.PK {
		t.Error("two providers have the same user")
	}
	wrong := idp.IDToken(app, google, socialtest.Claims{"sub": "1", "aud": "another"})
	app.Client(t).Post("/auth/google/", map[string]string{"id_token": wrong}).WantProblems("non_field_errors social_token_not_valid")
	app.Client(t).Post("/auth/google/", map[string]string{"access_token": "x"}).WantProblems("non_field_errors social_token_not_valid")
}
