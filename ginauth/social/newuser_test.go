package social_test

// New users of a provider: limits, guards, hooks and races of a sign-up.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// signUpsAreLimited: one network creates as many accounts by providers as by registration, and the mails of unverified addresses with
// them. Logins of users, and first logins that fail, do not count.
func signUpsAreLimited(c *dbtest.Case) {
	idp := startWith(c, flowOptions(acme()), func(cfg *config.Config) {
		cfg.Limits.AllowUnlimited, cfg.Limits.SignUp = false, config.Limit{Attempts: 2, Per: time.Hour}
	})
	c.SignedUp("bob")
	c.Mails()
	bob := func() {
		_, r := enter(c, obj{"id_token": idp.idToken("s0", obj{"email": "bob@example.com"})})
		r.WantProblems(emailTaken)
	}
	bob()
	entered(c, idp, "s1", obj{"email": "one@example.com"})
	c.Mail("verify")
	_, r := enter(c, obj{"id_token": idp.idToken("s2", obj{"email": "two@example.com"})})
	r.WantCode(429, binding.CodeRateLimited)
	wantPage(c, trip(c, idp, c.Client(), "", idp.claims("s2")), front+"?error=rate_limited")
	c.NoMail()
	bob()
	entered(c, idp, "s1", obj{"jti": "2"})
	c.Clock.Advance(30 * time.Minute)
	entered(c, idp, "s2", obj{"jti": "3"})
}

// Member is a user with a column of the application.
type Member struct {
	models.User
	Plan string `gorm:"size:20;not null"`
}

// signUpsAreGuarded: the guard, the hooks and the user type of registrations are those of new users of a provider.
func signUpsAreGuarded(c *dbtest.Case) {
	var closed error
	var heard []string
	idp := start(c, acme(), func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.RegisterGuard = func(*http.Request) error { return closed }
		cfg.Hooks.BeforeRegister = config.Hook(func(_ context.Context, _ *gorm.DB, m *Member, _ config.Event) error {
			if m.Email == "no@example.com" {
				return binding.Invalid("email", core.ProblemTaken)
			}
			return nil
		})
		cfg.Hooks.After = func(_ context.Context, e config.Event) error {
			heard = append(heard, string(e.Name))
			return nil
		}
	})
	closed = &binding.Error{Status: http.StatusForbidden, Code: binding.CodePermissionDenied}
	_, r := enter(c, obj{"id_token": idp.idToken("s1")})
	r.WantCode(403, "permission_denied")
	closed = nil
	_, r = enter(c, obj{"id_token": idp.idToken("s1", verified("no@example.com"))})
	r.WantProblems("email taken")
	_, user := entered(c, idp, "s1", verified("ann@example.com"))
	closed = errors.New("not called for known users")
	entered(c, idp, "s1", obj{"jti": "2"})
	var member Member
	if err := c.DB.First(&member, user.PK).Error; err != nil || fmt.Sprint(heard) != "[register login login]" || count(c, &models.Identity{}) != 1 {
		c.Errorf("member %+v, %v; hooks got %v", member, err, heard)
	}
}

// raceOfFirstLogins: concurrent first logins of one subject make one user.
func raceOfFirstLogins(c *dbtest.Case) {
	idp := start(c, acme())
	for round := range 3 {
		address := fmt.Sprintf("user%d@example.com", round)
		got := concurrently(8, func(i int) int {
			_, r := enter(c, obj{"id_token": idp.idToken(fmt.Sprint("s", round), verified(address), obj{"jti": fmt.Sprint(i), "preferred_username": "ann"})})
			return r.StatusCode
		})
		if got[200] != 8 {
			c.Errorf("the responses are %v", got)
		}
	}
	if users, rows := count(c, &models.User{}), count(c, &models.Identity{}); users != 3 || rows != 3 {
		c.Errorf("there are %d users and %d identities", users, rows)
	}
}
