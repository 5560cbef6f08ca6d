package dbtest

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var passwordFormCases = []func(*Case){PasswordInEachSpelling, PasswordHashedAsSent}

// spellings are one password, by keyboards that compose accents and by others.
var spellings = []string{"Sp\u00e4te-\u00c9toile-7", "Spa\u0308te-E\u0301toile-7"}

// PasswordInEachSpelling: both log in, whichever was chosen, and wherever a password is asked for.
func PasswordInEachSpelling(c *Case) {
	c.start()
	for i, chosen := range spellings {
		name, other := []string{"ann", "bob"}[i], spellings[1-i]
		in := authtest.SignUp(name)
		in.Password1, in.Password2 = chosen, chosen
		browser := c.client()
		browser.Post("/auth/registration/", in).Want(201)
		for _, password := range spellings {
			c.client().Post("/auth/login/", obj{"username": name, "password": password}).Want(200)
			browser.Post("/auth/reauthenticate/", obj{"password": password}).Want(200)
		}
		browser.Post("/auth/password/change/", change(other, "Mirror-Maze-88")).Want(200)
		browser.Post("/auth/password/change/", change("Mirror-Maze-88", other)).Want(200)
		c.client().Post("/auth/login/", obj{"username": name, "password": chosen}).Want(200)
		c.client().Post("/auth/login/", obj{"username": name, "password": chosen + " "}).
			WantProblems("non_field_errors invalid_credentials")
	}
	c.start(func(cfg *config.Config) { cfg.PasswordRules = []config.PasswordRule{config.MinLength(14)} })
	in := authtest.SignUp("ann")
	in.Password1, in.Password2 = "a\u0308a\u0308a\u0308a\u0308a\u0308a\u0308a\u0308", "a\u0308a\u0308a\u0308a\u0308a\u0308a\u0308a\u0308"
	c.client().Post("/auth/registration/", in).WantProblems("password1 " + string(binding.CodePasswordTooShort)) // 7 letters
}

// PasswordHashedAsSent: a hash of the bytes as sent, which Django and older versions made, verifies them
// and is renewed, so that the other spelling logs in from then on.
func PasswordHashedAsSent(c *Case) {
	c.start()
	c.signedUp("ann")
	key, err := pbkdf2.Key(sha256.New, spellings[1], []byte("NaCl"), 1000, 32)
	if err != nil {
		c.Fatal(err)
	}
	c.set("ann", obj{"password": "pbkdf2_sha256$1000$NaCl$" + base64.StdEncoding.EncodeToString(key)})
	login := func(password string) *authtest.Response {
		return c.client().Post("/auth/login/", obj{"username": "ann", "password": password})
	}
	login(spellings[0]).WantProblems("non_field_errors invalid_credentials")
	login(spellings[1]).Want(200)
	login(spellings[0]).Want(200)
	login(spellings[1]).Want(200)
}
