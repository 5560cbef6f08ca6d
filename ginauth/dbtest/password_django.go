package dbtest

import (
	"regexp"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// djangoReads is what Django's Argon2PasswordHasher parses, with the strength of the tests.
var djangoReads = regexp.MustCompile(`^argon2\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)

func withDjango(cfg *config.Config) { cfg.Hash.Django = true }

// passwordsForDjango: with Hash.Django, each way to a new password stores an encoding of Django's.
func passwordsForDjango(c *Case) {
	c.StartMail(withDjango)
	seen := map[string]bool{}
	stored := func(name string) {
		c.Helper()
		encoded := c.user(name).Password
		if !djangoReads.MatchString(encoded) || seen[encoded] {
			c.Errorf("%s has %q", name, encoded)
		}
		seen[encoded] = true
	}
	ann := c.verified("ann")
	stored("ann")
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	stored("ann")
	c.Mails()
	c.askReset("ann@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-89").Want(200)
	stored("ann")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-89"}).Want(200)
	c.created("bob", "bob@example.com")
	stored("bob")
}

// loginKeepsHashesOfDjango: with Hash.Django, a login leaves what Django can read, since Django ends sessions when the column
// changes. Other encodings are renewed into one that Django can read.
func loginKeepsHashesOfDjango(c *Case) {
	c.Start(withDjango)
	for i, encoded := range djangoEncodings() {
		name := "user" + string(rune('a'+i))
		c.SignedUp(name)
		c.set(name, obj{"password": encoded})
		c.Client().Post("/auth/login/", obj{"username": name, "password": "wrong"}).WantProblems("non_field_errors invalid_credentials")
		for range 2 {
			c.Client().Post("/auth/login/", authtest.Login(name)).Want(200)
		}
		if got, bare := c.user(name).Password, strings.HasPrefix(encoded, "$"); !bare && got != encoded || bare && !djangoReads.MatchString(got) {
			c.Errorf("%q became %q", encoded, got)
		}
	}
	c.wantNewError(`Hash.Django: needs Algorithm "argon2id"`, func(cfg *config.Config) {
		cfg.Hash.Django, cfg.Hash.Algorithm, cfg.Hash.Cost = true, "bcrypt", 12
	})
}
