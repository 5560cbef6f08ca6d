package dbtest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// readConflicts returns play, which makes one read of a flow after the other fail with a conflict, as databases do at
// SERIALIZABLE. The flow must succeed whichever read fails. begin prepares a run of the flow without conflicts and
// returns the run.
func (c *Case) readConflicts() (play func(name string, begin func() func() error)) {
	c.Helper()
	var left atomic.Int64
	c.afterReads(func(db *gorm.DB) {
		if !db.DryRun && left.Add(-1) == 0 {
			_ = db.AddError(deadlock{})
		}
	})
	return func(name string, begin func() func() error) {
		c.Helper()
		for n := int64(1); ; n++ {
			flow := begin()
			left.Store(n)
			if err := flow(); err != nil {
				c.Errorf("%s, read %d: %v", name, n, err)
			}
			if left.Swap(0) > 0 {
				if n == 1 {
					c.Errorf("%s reads nothing", name)
				}
				return
			}
		}
	}
}

// sends returns a flow of one request.
func sends(browser *authtest.Client, method, path string, body any, status int) func() error {
	return func() error {
		if r := browser.Do(method, path, body); r.StatusCode != status {
			return fmt.Errorf("answered %d: %s", r.StatusCode, r.Text)
		}
		return nil
	}
}

// mailTo returns the mail of a kind to an address, and ignores others.
func (c *Case) mailTo(address, kind string) authtest.Mail {
	c.Helper()
	all := c.Mails()
	i := slices.IndexFunc(all, func(m authtest.Mail) bool { return m.To == address && m.Kind == kind })
	if i < 0 {
		c.Fatalf("no mail of kind %s to %s: %v", kind, address, all)
	}
	return all[i]
}

// readsAreRetried: reads of flows that need no login, and of the background work.
func readsAreRetried(c *Case) {
	directory := entries{}
	c.StartMail(withEverything, byCode, directory.install, func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	directory.set("dan", "7")
	play := c.readConflicts()
	ann := c.verified("ann")
	c.SignedUp("bob")
	ctx, tried := context.Background(), 0
	for name, flow := range map[string]func() error{
		"a login":                sends(ann, "POST", "/auth/login/", authtest.Login("ann"), 200),
		"a login by a directory": sends(c.Client(), "POST", "/auth/login/", directoryBody("dan"), 200),
		"a registration": func() error {
			tried++
			return sends(ann, "POST", "/auth/registration/", authtest.SignUp(fmt.Sprintf("user%d", tried)), 201)()
		},
		"a reset":     sends(ann, "POST", "/auth/password/reset/", obj{"email": "ann@example.com"}, 200),
		"a code":      sends(ann, "POST", "/auth/login/code/", obj{"email": "nobody@example.com"}, 200),
		"sending":     func() error { _, err := c.Auth.SendOutbox(ctx); return err },
		"statistics":  func() error { _, err := c.Auth.OutboxStats(ctx); return err },
		"a sweep":     func() error { _, err := c.Auth.Sweep(ctx); return err },
		"a migration": func() error { return c.Auth.Migrate(ctx) },
	} {
		play(name, func() func() error { return flow })
	}
	for name, begin := range map[string]func(){
		"a migration of a user without a key": func() {},
		"a migration with a name twice": func() {
			key := models.UsernameKey("bob")
			if err := c.DB.Create(&models.User{Username: "eve", UsernameKey: &key, DateJoined: c.Clock.Now()}).Error; err != nil {
				c.Fatal(err)
			}
		},
	} {
		play(name, func() func() error {
			c.DB.Where("username = ?", "eve").Delete(&models.User{})
			c.DB.Model(&models.User{}).Where("username = ?", "bob").Updates(obj{"username_key": nil})
			begin()
			return func() error { return c.Auth.Migrate(ctx) }
		})
	}
}

// reading makes a request that reads, for a user who has signed up and confirmed an address.
type reading func(browser *authtest.Client, name, address string) (client *authtest.Client, body any, status int)

// postsThatRead returns POST requests by their path.
func postsThatRead(c *Case) map[string]reading {
	return map[string]reading{
		"token/refresh/": func(_ *authtest.Client, name, _ string) (*authtest.Client, any, int) {
			return c.Client(), obj{"refresh": c.loginAs(name, "jwt").Refresh}, 200
		},
		"tokens/": func(browser *authtest.Client, _, _ string) (*authtest.Client, any, int) {
			return browser, obj{"name": "backup"}, 201
		},
		"reauthenticate/": func(browser *authtest.Client, _, _ string) (*authtest.Client, any, int) {
			return browser, obj{"password": authtest.Password}, 200
		},
		"password/change/": func(browser *authtest.Client, _, _ string) (*authtest.Client, any, int) {
			return browser, change(authtest.Password, "Mirror-Maze-88"), 200
		},
		"emails/": func(browser *authtest.Client, name, _ string) (*authtest.Client, any, int) {
			return browser, obj{"email": name + "@example.org", "password": authtest.Password}, 201
		},
		"user/delete/": func(browser *authtest.Client, _, _ string) (*authtest.Client, any, int) {
			return browser, obj{"password": authtest.Password}, 200
		},
		"logout/": func(_ *authtest.Client, name, _ string) (*authtest.Client, any, int) {
			return c.Client(), obj{"refresh": c.loginAs(name, "jwt").Refresh}, 200
		},
		"registration/verify-email/": func(_ *authtest.Client, name, _ string) (*authtest.Client, any, int) {
			c.SignedUp(name + "x")
			return c.Client(), obj{"key": c.mailTo(name+"x@example.com", "verify").Key(c.T)}, 200
		},
		"registration/resend-email/": func(_ *authtest.Client, name, _ string) (*authtest.Client, any, int) {
			c.SignedUp(name + "x")
			return c.Client(), obj{"email": name + "x@example.com"}, 200
		},
		"login/code/confirm/": func(_ *authtest.Client, _, address string) (*authtest.Client, any, int) {
			c.Client().Post("/auth/login/code/", obj{"email": address}).Want(200)
			return c.Client(), obj{"email": address, "code": c.mailTo(address, "login_code").Code(c.T)}, 200
		},
		"password/reset/confirm/": func(_ *authtest.Client, _, address string) (*authtest.Client, any, int) {
			c.Client().Post("/auth/password/reset/", obj{"email": address}).Want(200)
			m := c.mailTo(address, "reset")
			return c.Client(), obj{"uid": m.UID(c.T), "token": m.Key(c.T), "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}, 200
		},
		"security/revoke/": func(browser *authtest.Client, _, address string) (*authtest.Client, any, int) {
			browser.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
			return c.Client(), obj{"key": c.mailTo(address, "password_changed").Key(c.T)}, 200
		},
	}
}

// readsOfEachRouteAreRetried: reads of logged-in users, and of links and codes.
func readsOfEachRouteAreRetried(c *Case) {
	c.StartMail(withEverything, byCode, func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	c.Router.GET("/confirmed", c.Auth.RequireVerifiedEmail(), func(g *gin.Context) { g.Status(http.StatusNoContent) })
	play, users := c.readConflicts(), 0
	user := func() (browser *authtest.Client, name, address string) { // with a confirmed address
		users++
		name = fmt.Sprintf("user%d", users)
		browser, address = c.SignedUp(name), name+"@example.com"
		c.verify(c.mailTo(address, "verify").Key(c.T)).Want(200)
		return browser, name, address
	}
	ann, _, _ := user()
	for path, status := range map[string]int{"/auth/user/": 200, "/auth/sessions/": 200, "/auth/tokens/": 200, "/auth/emails/": 200, "/confirmed": 204} {
		play(path, func() func() error { return sends(ann, "GET", path, nil, status) })
	}
	for path, begin := range postsThatRead(c) {
		play(path, func() func() error {
			browser, body, status := begin(user())
			return sends(browser, "POST", "/auth/"+path, body, status)
		})
	}
	play("PATCH user/", func() func() error {
		browser, name, _ := user()
		return sends(browser, "PATCH", "/auth/user/", obj{"username": name + "-renamed"}, 200)
	})
	play("DELETE sessions/", func() func() error { return sends(ann, "DELETE", "/auth/sessions/", nil, 204) })
	for action, method := range map[string]string{"": "DELETE", "primary": "POST", "resend": "POST"} {
		play(method+" emails/:id/"+action, func() func() error {
			browser, name, _ := user()
			var added binding.Email
			browser.Post("/auth/emails/", obj{"email": name + "@example.org"}).Want(201).JSON(&added)
			if action == "primary" {
				verifyIn(browser, c.mailTo(name+"@example.org", "verify").Key(c.T)).Want(200)
			}
			status := map[string]int{"": 204, "primary": 200, "resend": 200}[action]
			return sends(browser, method, emailPath(added.ID, action), nil, status)
		})
	}
}
