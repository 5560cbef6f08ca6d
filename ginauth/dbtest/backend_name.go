package dbtest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// emailOnly lets users sign up without a username.
var emailOnly = config.SignUpFields{Username: config.FieldOptional, Email: config.FieldRequired}

// directoryLogin logs in with the directory and returns the user.
func (c *Case) directoryLogin(name string) (user binding.User) {
	c.Helper()
	browser := c.Client()
	browser.Post("/auth/login/", directoryBody(name)).Want(200)
	browser.Get("/auth/user/").Want(200).JSON(&user)
	return user
}

// row reads a user by ID.
func (c *Case) row(id int64) (u models.User) {
	c.Helper()
	if err := c.DB.First(&u, id).Error; err != nil {
		c.Fatal(err)
	}
	return u
}

// wantLoggedOnce wants one line in the log, with two IDs and no other data of the users.
func (c *Case) wantLoggedOnce(what string, user, other int64) {
	c.Helper()
	var lines []string
	for line := range strings.Lines(c.Log.String()) {
		if strings.Contains(line, what) {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 || !strings.HasSuffix(lines[0], fmt.Sprintf("user=%d other=%d\n", user, other)) {
		c.Errorf("logged %q, want one line on users %d and %d", lines, user, other)
	}
}

// backendUserWhoseNameIsTaken: a stranger signed up with the name of a directory user. The user gets an account without
// a name until the name is free. The stranger gets nothing.
func backendUserWhoseNameIsTaken(c *Case) {
	for _, mode := range []config.Verification{config.VerifyNone, config.VerifyOptional, config.VerifyMandatory} {
		var e entries
		c.documented = nil
		c.StartMail(e.install, func(cfg *config.Config) { cfg.EmailVerification = mode })
		e.set("ann", "a1")
		c.owner("Ann", "mallory@example.com")
		mallory := c.user("ann")
		ann := c.directoryLogin("ann")
		if ann.PK == mallory.ID || ann.Username != "" || ann.Email != "ann@example.com" {
			c.Errorf("%s: the user of the directory is %+v", mode, ann)
		}
		if got := c.directoryLoginID("ann"); got != ann.PK {
			c.Errorf("%s: the second login is for %d, not for %d", mode, got, ann.PK)
		}
		if now := c.user("ann"); !reflect.DeepEqual(now, mallory) {
			c.Errorf("%s: the stranger was %+v, is %+v", mode, mallory, now)
		}
		if mode != config.VerifyMandatory {
			var out binding.LoginResponse
			c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&out)
			if out.User.PK != mallory.ID {
				c.Errorf("%s: the stranger logged in to %+v", mode, out.User)
			}
		}
		c.wantLoggedOnce("without the name", ann.PK, mallory.ID)
		if err := c.Auth.DeleteUser(c.Context(), mallory.ID); err != nil {
			c.Fatal(err)
		}
		if again := c.directoryLogin("ann"); again.PK != ann.PK || again.Username != "ann" {
			c.Errorf("%s: when the name was free: %+v", mode, again)
		}
	}
}

// backendUserIsRenamed: the name follows the directory, but never becomes the name of another account. If users can
// rename themselves, the stored name stays.
func backendUserIsRenamed(c *Case) {
	for _, allowed := range []bool{false, true} {
		e := entries{noMail: true}
		c.documented = nil
		c.Start(e.install, func(cfg *config.Config) {
			cfg.AllowBackendRename, cfg.JWT.Transport, cfg.Login = allowed, config.InEither, []config.Credential{config.JSONWebToken}
			cfg.JWT.Claims = func(_ context.Context, user models.Account) (map[string]any, error) {
				return map[string]any{"name": user.Base().Username}, nil
			}
		})
		c.SignedUp("local")
		e.set("ann", "a1")
		e.set("ANN", "a1") // the same name
		ann := c.directoryLogin("ann")
		if got := c.directoryLogin("ANN"); got != ann {
			c.Errorf("%+v is %+v", ann, got)
		}
		e.set("anna", "a1")
		e.set("local", "a1")
		e.set(strings.Repeat("n", 151), "a1")
		renamed := "anna"
		if allowed {
			renamed = "ann"
		}
		for _, name := range []string{"anna", "local", strings.Repeat("n", 151), "local"} {
			var out binding.LoginResponse
			c.clientAskingFor(config.AskJWT).Post("/auth/login/", directoryBody(name)).Want(200).JSON(&out)
			if out.User.PK != ann.PK || out.User.Username != renamed || payload(out.Access)["name"] != renamed || c.row(ann.PK).Username != renamed {
				c.Errorf("allowed %v: %.10s is %+v, in the token %v", allowed, name, out.User, payload(out.Access)["name"])
			}
		}
		if !allowed {
			c.wantLoggedOnce("keeps their previous name", ann.PK, c.user("local").ID)
		}
		if c.LoggedIn("local"); c.user("local").Backend != "" {
			c.Error("the local account changed")
		}
		e.set("ann", "b2") // now another person
		if other := c.directoryLogin("ann"); other.PK == ann.PK || (other.Username == "") != allowed {
			c.Errorf("allowed %v: the second ann is %+v", allowed, other)
		}
	}
}

// concurrentRenamesOfBackendUsers: two directory users get the same free name concurrently. All logins succeed.
func concurrentRenamesOfBackendUsers(c *Case) {
	e := entries{noMail: true}
	c.Start(e.install)
	ids := map[string]int64{}
	for _, id := range []string{"a1", "b2"} {
		e.set(id, id)
		ids[id] = c.directoryLoginID(id)
	}
	var all sync.WaitGroup
	for i, name := range []string{"ann", "ANN", "Ann", "aNN"} { // one name for the library, four for the directory
		id := []string{"a1", "b2"}[i%2]
		e.set(name, id)
		browser := c.Client()
		all.Go(func() {
			var out binding.LoginResponse
			if browser.Post("/auth/login/", directoryBody(name)).Want(200).JSON(&out); out.User.PK != ids[id] {
				c.Errorf("%s is %+v", name, out.User)
			}
		})
	}
	all.Wait()
	if a, b := c.row(ids["a1"]), c.row(ids["b2"]); (*a.UsernameKey == "ann") == (*b.UsernameKey == "ann") || c.count(&models.User{}) != 2 {
		c.Errorf("%s and %s", a.Username, b.Username)
	}
}

// backendLoginLeavesAnOnlyAddress: an account that signed up without a name or without a password can only log in by its
// address. The first login of a directory user with that address does not take it.
func backendLoginLeavesAnOnlyAddress(c *Case) {
	for _, mode := range []config.Verification{config.VerifyNone, config.VerifyOptional} {
		var e entries
		c.documented = nil
		c.StartMail(e.install, func(cfg *config.Config) {
			cfg.EmailVerification, cfg.SignUpFields = mode, emailOnly
		})
		e.set("ann", "a1")
		c.owner("", "ann@example.com")
		browser := c.Client()
		browser.Post("/auth/login/", directoryBody("ann")).Want(200)
		ann := c.user("ann")
		if ann.Email != "" || len(emails(browser)) != 0 {
			c.Errorf("%s: the directory's user has %q, %v", mode, ann.Email, emails(browser))
		}
		login := obj{"email": "ann@example.com", "password": authtest.Password}
		var out binding.LoginResponse
		if c.Client().Post("/auth/login/", login).Want(200).JSON(&out); out.User.PK == ann.ID {
			c.Errorf("%s: the sign-up logs in to %+v", mode, out.User)
		}
		c.wantLoggedOnce("without the address", ann.ID, out.User.PK)
		c.directoryLoginID("ann")
		if mode == config.VerifyNone {
			continue
		}
		c.Mails()
		browser.Post("/auth/emails/", obj{"email": "ann@example.com"}).Want(201) // the user can still confirm the address
		verifyIn(browser, c.Mail("verify").Key(c.T)).Want(200)
		if all := emails(browser); len(all) != 1 || !all[0].Verified || !all[0].Primary {
			c.Errorf("the directory's user has %v", all)
		}
	}
	var e entries
	c.documented = nil
	c.StartMail(e.install)
	e.set("ann", "a1")
	c.owner("early", "ann@example.com")
	c.set("early", obj{"password": "!"}) // as after "it was not me"
	c.directoryLoginID("ann")
	c.Mails()
	c.askReset("ann@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	c.Client().Post("/auth/login/", obj{"username": "early", "password": "Mirror-Maze-88"}).Want(200)
}

// backendUserNeedsNoAddress: also with VerifyMandatory, the backend alone decides each login. A pending sign-up does not
// keep its address from a directory user.
func backendUserNeedsNoAddress(c *Case) {
	e := entries{noMail: true}
	c.StartMail(e.install, mandatory, func(cfg *config.Config) { cfg.SignUpFields = emailOnly })
	e.set("ann", "a1")
	if first, second := c.directoryLoginID("ann"), c.directoryLoginID("ann"); first != second {
		c.Errorf("the second login is for %d, not for %d", second, first)
	}
	e.noMail = false
	e.set("bob", "b2")
	c.owner("", "bob@example.com")
	c.directoryLoginID("bob")
	if bob := c.user("bob"); bob.Email != "bob@example.com" {
		c.Errorf("bob has %q", bob.Email)
	}
	c.directoryLoginID("bob")
}
