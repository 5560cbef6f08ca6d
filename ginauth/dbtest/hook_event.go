package dbtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// oneHookForAllEvents: Hooks.After gets each event by its name, with and without a hook for this event, and after that
// hook.
func oneHookForAllEvents(c *Case) {
	var d hookLog
	c.StartMail(withEverything, func(cfg *config.Config) {
		cfg.Hooks.AfterLogout = func(_ context.Context, e config.Event) error { d.note("own " + string(e.Name)); return nil }
		cfg.Hooks.BeforeDelete = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			d.note("before " + string(e.Name))
			return nil
		}
		cfg.Hooks.After = func(_ context.Context, e config.Event) error {
			name := ""
			if e.User != nil {
				name = e.User.Base().Username
			}
			d.note(strings.TrimRight(string(e.Name)+" "+name, " "))
			if e.UserAgent != "tester/1.0" {
				c.Errorf("%s by %q", e.Name, e.UserAgent)
			}
			return nil
		}
	})
	as := func(path string, body any) *authtest.Response {
		return c.Client().Do("POST", path, body, "User-Agent", "tester/1.0")
	}
	as("/auth/registration/", authtest.SignUp("ann")).Want(201)
	as("/auth/registration/verify-email/", obj{"key": c.Mail("verify").Key(c.T)}).Want(200)
	as("/auth/login/", obj{"username": "ann", "password": "wrong"}).Want(400)
	ann := c.Client()
	post := func(path string, body any) { ann.Do("POST", path, body, "User-Agent", "tester/1.0").Want(200) }
	post("/auth/login/", authtest.Login("ann"))
	post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"))
	post("/auth/logout/", nil)
	post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"})
	ann.Do("DELETE", "/auth/sessions/", nil, "User-Agent", "tester/1.0").Want(204)
	post("/auth/user/delete/", nil)
	want := "register ann, login ann, verify ann, login_failed, login ann, password_change ann, own logout, logout ann, login ann, before delete, delete ann"
	if got := d.take(); got != want {
		c.Errorf("got  %s\nwant %s", got, want)
	}
}

// hooksGetTheFormWithoutPasswords: an application that stores the whole event stores its own fields.
func hooksGetTheFormWithoutPasswords(c *Case) {
	var forms []string
	stored := func(e config.Event) {
		text, err := json.Marshal(e.Form)
		if err != nil || strings.Contains(string(text), authtest.Password) {
			c.Errorf("%s has %s, %v", e.Name, text, err)
		}
		if f, ok := e.Form.(*memberSignUp); ok {
			forms = append(forms, fmt.Sprint(e.Name, " ", f.Company, " ", f.Seats, " ", f.Username+f.Password1+f.Password2+f.Email))
		} else {
			forms = append(forms, fmt.Sprint(e.Name, " ", e.Form))
		}
	}
	c.Start(members, func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = func(_ context.Context, _ *gorm.DB, e config.Event) error { stored(e); return nil }
		cfg.Hooks.After = func(_ context.Context, e config.Event) error { stored(e); return nil }
	})
	c.Client().Post("/auth/registration/", memberIn("ann")).Want(201)
	c.LoggedIn("ann")
	want := "register Acme 3 |register Acme 3 |login Acme 3 |login <nil>"
	if got := strings.Join(forms, "|"); got != want {
		c.Errorf("got  %s\nwant %s", got, want)
	}
	if m := c.member("ann"); m.Company != "Acme" || m.Email == "" || !m.HasPassword() {
		c.Errorf("stored %+v", m)
	}
}

// typedHooks get the application's user type. A hook for another type is an error.
func typedHooks(c *Case) {
	var notified []string
	c.DB = c.open(c.T)
	start := func(change func(*config.Config)) { c.App = authtest.New(c.T, c.DB, members, change) }
	start(func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = config.Hook(func(_ context.Context, tx *gorm.DB, m *Member, _ config.Event) error {
			return tx.Model(m).Update("company", "Hooked "+m.Company).Error
		})
		cfg.Hooks.After = config.AfterHook(func(_ context.Context, m *Member, e config.Event) error {
			if m == nil {
				notified = append(notified, string(e.Name)+" of nobody")
				return nil
			}
			notified = append(notified, string(e.Name)+" of "+m.Company)
			return nil
		})
	})
	c.Client().Post("/auth/registration/", memberIn("ann")).Want(201)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "wrong"}).Want(400)
	if got := strings.Join(notified, ", "); got != "register of Hooked Acme, login of Hooked Acme, login_failed of nobody" {
		c.Errorf("got %q", got)
	}
	if m := c.member("ann"); m.Company != "Hooked Acme" {
		c.Errorf("stored %q", m.Company)
	}
	start(func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = config.Hook(func(context.Context, *gorm.DB, *models.User, config.Event) error { return nil })
	})
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantCode(503, binding.CodeUnavailable)
	if !strings.Contains(c.Log.String(), "a hook is for *models.User, but NewUser makes *dbtest.Member") {
		c.Errorf("logged %s", c.Log)
	}
	if config.Hook[models.User](nil) != nil || config.AfterHook[models.User](nil) != nil {
		c.Error("a hook without a function was accepted")
	}
}

// eventsAsJSONHaveNoSecrets: an application that logs a whole event writes no hash, salt or counter of the library.
func eventsAsJSONHaveNoSecrets(c *Case) {
	var text string
	var row models.Session
	c.Start(withEverything, func(cfg *config.Config) {
		cfg.Hooks.AfterLogin = func(_ context.Context, e config.Event) error {
			written, err := json.Marshal(e)
			text, row = string(written), *e.Session
			return err
		}
	})
	c.SignedUp("ann")
	c.clientAskingFor(config.AskJWT).Post("/auth/login/", authtest.Login("ann")).Want(200)
	if row.RefreshSalt == "" || row.KeyHash == "" || !strings.Contains(text, row.ID) {
		c.Fatalf("the event is %s, the session %+v", text, row)
	}
	for _, secret := range []string{row.KeyHash, row.RefreshSalt, "KeyHash", "RefreshSalt", "Epoch", "RefreshGeneration", "SessionEpoch", "Password"} {
		if strings.Contains(text, secret) {
			c.Errorf("%q is in %s", secret, text)
		}
	}
}

// wrongPasswordsOfAUserNameTheUser: the event of a wrong password has the user if a session says who it is, in the
// application's type, and no user at a login.
func wrongPasswordsOfAUserNameTheUser(c *Case) {
	var failed []string
	c.StartMail(withEverything, members, func(cfg *config.Config) {
		cfg.Hooks.AfterLoginFailed = config.AfterHook(func(_ context.Context, m *Member, e config.Event) error {
			text := e.Login + " by " + e.Method
			if m != nil {
				text += fmt.Sprint(", user ", m.Username, " of ", m.Company)
			}
			failed = append(failed, text)
			return nil
		})
	})
	ann := c.Client()
	ann.Post("/auth/registration/", memberIn("ann")).Want(201)
	wrong := obj{"password": "wrong"}
	for path, body := range map[string]any{
		"/auth/reauthenticate/": wrong, "/auth/user/delete/": wrong, "/auth/emails/": obj{"email": "new@example.com", "password": "wrong"},
		"/auth/password/change/": change("wrong", "Mirror-Maze-88"),
	} {
		failed = nil
		ann.Post(path, body).Want(400)
		if got := strings.Join(failed, "; "); got != "ann by password, user ann of Acme" {
			c.Errorf("%s: got %q", path, got)
		}
	}
	failed = nil
	ann.Post("/auth/login/", obj{"username": "ann", "password": "wrong"}).Want(400) // logged in, but it is a login
	if got := strings.Join(failed, "; "); got != "ann by password" {
		c.Errorf("a login: got %q", got)
	}
}
