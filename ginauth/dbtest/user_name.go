package dbtest

// Rules for new user names: at sign-up and at a change, and never for names that exist.

import (
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

func reservedNamesAreRejected(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	for _, name := range []string{"admin", "ADMIN", " Root ", "\uff41dmin", "no-reply", "postmaster", "r00t", "adrnin", "\u0430dmin", "\u0455upport"} {
		// the fourth has a full-width a, the last two have a Cyrillic first letter
		in := authtest.SignUp(name)
		in.Email = "bob@example.com"
		c.Client().Post("/auth/registration/", in).WantProblems("username username_reserved")
		ann.Patch("/auth/user/", obj{"username": name}).WantProblems("username username_reserved")
		ann.Put("/auth/user/", obj{"username": name}).WantProblems("username username_reserved")
	}
	for _, name := range []string{"administer", "adam", "ann.root", "x"} { // one character is enough, as in Django
		in := authtest.SignUp(name)
		in.Email = name + "@example.com"
		c.Client().Post("/auth/registration/", in).Want(201)
	}
	r := c.Client().Do("POST", "/auth/registration/", authtest.SignUp("root"), "Accept-Language", "de").Want(400)
	if !strings.Contains(r.Text, "Dieser Name ist reserviert.") {
		c.Errorf("in German: %s", r.Text)
	}
}

func reservedNamesAreASetting(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Username.Reserved = []string{} })
	c.SignedUp("admin")
	c.Start(func(cfg *config.Config) { cfg.Username.Reserved = append(config.ReservedUsernames(), "Straße") })
	for _, name := range []string{"admin", "strasse", "STRASSE"} {
		in := authtest.SignUp(name)
		in.Email = "ann@example.com"
		c.Client().Post("/auth/registration/", in).WantProblems("username username_reserved")
	}
}

func namesHaveALengthAndAForm(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.Username = config.Username{MinLength: 3, Pattern: "[a-z]+|[A-Z][a-z]*[0-9]?"}
	})
	ann := c.SignedUp("Ann7")
	for name, want := range map[string]string{
		"an": "username_too_short", "ab7": "username_pattern", "x7": "username_too_short, username username_pattern", "an.n": "username_pattern",
		"bob\uff17": "username_pattern",
	} {
		problems := strings.Split("username "+want, ", ")
		c.Client().Post("/auth/registration/", obj{"username": name, "password1": authtest.Password, "password2": authtest.Password}).WantProblems(problems...)
		ann.Patch("/auth/user/", obj{"username": name}).WantProblems(problems...)
	}
	ann.Patch("/auth/user/", obj{"username": "anna"}).Want(200)
	c.Client().Post("/auth/registration/", obj{"username": "a@b", "password1": authtest.Password, "password2": authtest.Password}).
		WantProblems("username invalid_username")
}

// namesThatExistStay: a rule is for new names. Their users log in, keep the name in a PUT, and change its letter case.
func namesThatExistStay(c *Case) {
	c.Start()
	c.created("x", "x@example.com")
	c.created("admin", "admin@example.com") // by CreateUser, for which there are no rules
	c.App = authtest.New(c.T, c.DB, func(cfg *config.Config) { cfg.Username = config.Username{MinLength: 3, Pattern: "[a-z]{3,}"} })
	for _, name := range []string{"x", "admin"} {
		browser := c.LoggedIn(name)
		browser.Put("/auth/user/", obj{"username": name, "first_name": "Ann"}).Want(200)
		browser.Put("/auth/user/", obj{"username": strings.ToUpper(name)}).Want(200)
	}
	c.LoggedIn("x").Patch("/auth/user/", obj{"username": "y"}).WantProblems("username username_too_short", "username username_pattern")
}

// optionalNamesHaveRules: a sign-up without a name is not checked, one with a name is.
func optionalNamesHaveRules(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.LoginMethods, cfg.Username.MinLength = []config.LoginMethod{config.LoginByEmail}, 3
	})
	in := obj{"email": "ann@example.com", "username": "an", "password1": authtest.Password, "password2": authtest.Password}
	c.Client().Post("/auth/registration/", in).WantProblems("username username_too_short")
	delete(in, "username")
	c.Client().Post("/auth/registration/", in).Want(201)
}
