package socialtest_test

import (
	"fmt"
	"log"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

// A user of Google logs in for the first time.
func ExampleIDP_Login() {
	testGoogle := func(t testing.TB) { // in your code: func TestGoogle(t *testing.T)
		google := social.Google("client-id", "client-secret")
		idp := socialtest.New(t)
		app := authtest.With(idp.Feature(google)).New(t, memory.Open(t))

		ann := idp.Login(app, google, socialtest.Claims{"sub": "1", "email": "ann@gmail.com", "email_verified": true, "given_name": "Ann"})
		var user struct {
			Email string `json:"email"`
			Name  string `json:"first_name"`
		}
		ann.Get("/auth/user/").Want(200).JSON(&user)
		fmt.Println(user.Name, user.Email)
	}
	testing.Benchmark(func(b *testing.B) { // go test does this
		if b.N == 1 {
			testGoogle(b)
		}
	})
	// Output: Ann ann@gmail.com
}

// fatal is a test that must end.
type fatal struct{ testing.TB }

func (fatal) Fatal(args ...any)                 { log.Panic(args...) }
func (fatal) Fatalf(format string, args ...any) { log.Panicf(format, args...) }

// TestMisuse: a provider without OpenID Connect ends the test.
func TestMisuse(t *testing.T) {
	t.Parallel()
	idp, app := socialtest.New(fatal{t}), memory.New(t)
	defer func() {
		if text := fmt.Sprint(recover()); text != "github is not a provider of OpenID Connect: use social.OIDC with its name in the test" {
			t.Error(text)
		}
	}()
	idp.IDToken(app, social.GitHub("client-id", "client-secret"), socialtest.Claims{"sub": "1"})
}
