package dbtest

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// spellings are two Unicode forms of one password, with composed and with separate accents.
var spellings = []string{"Sp\u00e4te-\u00c9toile-7", "Spa\u0308te-E\u0301toile-7"}

// passwordInEachUnicodeSpelling: each spelling logs in, whichever was chosen, and on each route that takes a password.
func passwordInEachUnicodeSpelling(c *Case) {
	c.Start()
	for i, chosen := range spellings {
		name, other := []string{"ann", "bob"}[i], spellings[1-i]
		in := authtest.SignUp(name)
		in.Password1, in.Password2 = chosen, chosen
		browser := c.Client()
		browser.Post("/auth/registration/", in).Want(201)
		for _, password := range spellings {
			c.Client().Post("/auth/login/", obj{"username": name, "password": password}).Want(200)
			browser.Post("/auth/reauthenticate/", obj{"password": password}).Want(200)
		}
		browser.Post("/auth/password/change/", change(other, "Mirror-Maze-88")).Want(200)
		browser.Post("/auth/password/change/", change("Mirror-Maze-88", other)).Want(200)
		c.Client().Post("/auth/login/", obj{"username": name, "password": chosen}).Want(200)
		c.Client().Post("/auth/login/", obj{"username": name, "password": chosen + " "}).
			WantProblems("non_field_errors invalid_credentials")
	}
	c.Start(func(cfg *config.Config) { cfg.PasswordRules = []config.PasswordRule{config.MinLength(14)} })
	in := authtest.SignUp("ann")
	in.Password1, in.Password2 = "a\u0308a\u0308a\u0308a\u0308a\u0308a\u0308a\u0308", "a\u0308a\u0308a\u0308a\u0308a\u0308a\u0308a\u0308"
	c.Client().Post("/auth/registration/", in).WantProblems("password1 " + string(binding.CodePasswordTooShort)) // 7 letters
}

// oldHashesOfOtherSpellings: Django and older versions hashed the bytes as they were sent. Such a hash verifies the
// spelling that was hashed, and is then renewed so that the other spelling works as well.
func oldHashesOfOtherSpellings(c *Case) {
	c.Start()
	c.SignedUp("ann")
	key, err := pbkdf2.Key(sha256.New, spellings[1], []byte("NaCl"), 1000, 32)
	if err != nil {
		c.Fatal(err)
	}
	c.set("ann", obj{"password": "pbkdf2_sha256$1000$NaCl$" + base64.StdEncoding.EncodeToString(key)})
	login := func(password string) *authtest.Response {
		return c.Client().Post("/auth/login/", obj{"username": "ann", "password": password})
	}
	login(spellings[0]).WantProblems("non_field_errors invalid_credentials")
	login(spellings[1]).Want(200)
	login(spellings[0]).Want(200)
	login(spellings[1]).Want(200)
}

// passwordCutByBcrypt: Django's bcrypt uses 72 bytes of a password. A longer password is refused. A reset is suggested
// only if the first 72 bytes match. The log names user and cause once for each login (D17).
func passwordCutByBcrypt(c *Case) {
	for _, mode := range []config.Verification{config.VerifyNone, config.VerifyMandatory} {
		c.cutByBcrypt(mode)
	}
}

func (c *Case) cutByBcrypt(mode config.Verification) {
	c.StartMail(func(cfg *config.Config) { cfg.EmailVerification = mode })
	ann := &models.User{Username: "ann", Email: "ann@example.com"}
	if err := c.Auth.CreateUser(c.Context(), ann, authtest.Password); err != nil {
		c.Fatal(err)
	}
	if err := c.Auth.ConfirmEmail(c.Context(), ann.ID, ann.Email); err != nil {
		c.Fatal(err)
	}
	browser := c.LoggedIn("ann@example.com")
	long := strings.Repeat("xY3-", 20)
	cut, err := bcrypt.GenerateFromPassword([]byte(long[:72]), bcrypt.MinCost)
	if err != nil {
		c.Fatal(err)
	}
	stored := "bcrypt$" + string(cut)
	c.set("ann", obj{"password": stored})
	const cause = "72 bytes"
	logged := func(times int) {
		c.Helper()
		if n := strings.Count(c.Log.String(), cause); n != times {
			c.Errorf("%s: logged %d times, want %d: %s", mode, n, times, c.Log)
		}
	}
	login := func(password string) *authtest.Response {
		return c.Client().Post("/auth/login/", obj{"email": "ann@example.com", "password": password})
	}
	login("z" + long).WantProblems("non_field_errors invalid_credentials")
	login(long[:71]).WantProblems("non_field_errors invalid_credentials")
	logged(0)
	login(long).WantProblems("non_field_errors password_reset_required")
	logged(1)
	if log := c.Log.String(); !strings.Contains(log, fmt.Sprintf("user=%d", ann.ID)) || strings.Contains(log, long[:72]) {
		c.Errorf("logged: %s", log)
	}
	browser.Post("/auth/reauthenticate/", obj{"password": long}).WantProblems("password password_reset_required")
	browser.Post("/auth/password/change/", change(long, "Mirror-Maze-88")).WantProblems("old_password password_reset_required")
	logged(3)
	login(long[:72]).Want(200) // Django accepts this as well
	if u := c.user("ann"); u.Password != stored {
		c.Errorf("renewed from 72 bytes: %s", u.Password)
	}
}
