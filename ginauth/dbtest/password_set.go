package dbtest

// POST password/set/: the first password.

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// withoutPassword returns the browser of a user who has confirmed an address and has no password, as users of a provider.
func (c *Case) withoutPassword(name string) *authtest.Client {
	c.Helper()
	browser := c.verified(name)
	c.set(name, map[string]any{"password": "!none"})
	c.Mails()
	return browser
}

func first(password string) obj { return obj{"new_password1": password, "new_password2": password} }

// firstPasswordIsSet: it ends the other sessions, and a notice is mailed. Then it is a password as any other.
func firstPasswordIsSet(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.ShowHasPassword = true })
	ann := c.withoutPassword("ann")
	other := c.Client()
	other.Cookies = ann.Clone().Cookies
	if text := ann.Get("/auth/user/").Want(200).Text; !strings.Contains(text, `"has_password":false`) {
		c.Errorf("the user is %s", text)
	}
	ann.Post("/auth/password/set/", obj{}).WantProblems("new_password1 required", "new_password2 required")
	ann.Post("/auth/password/set/", obj{"new_password1": "Mirror-Maze-88", "new_password2": "x"}).WantProblems("new_password2 password_mismatch")
	ann.Post("/auth/password/set/", first("1234")).Want(400)
	var done binding.Detail
	if ann.Post("/auth/password/set/", first("Mirror-Maze-88")).Want(200).JSON(&done); done.Detail != "Your password is set." {
		c.Errorf("the response says %q", done.Detail)
	}
	c.Mail("password_changed")
	other.Get("/auth/user/").Want(401)
	ann.Post("/auth/password/set/", first("Looking-Maze-89")).WantProblems("non_field_errors password_already_set")
	r := c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
	if !strings.Contains(r.Text, `"has_password":true`) || !strings.Contains(ann.Patch("/auth/user/", obj{"first_name": "Ann"}).Want(200).Text, `"has_password":true`) {
		c.Errorf("the login returns %s", r.Text)
	}
	c.Client().Post("/auth/password/set/", first("Mirror-Maze-88")).Want(401)
}

// firstPasswordNeedsARecentLogin: an unattended session is not enough. The owner of the address gets a link.
func firstPasswordNeedsARecentLogin(c *Case) {
	c.StartMail()
	ann := c.withoutPassword("ann")
	c.Clock.Advance(time.Hour)
	ann.Post("/auth/password/set/", first("Mirror-Maze-88")).WantCode(403, binding.CodeFreshLogin)
	if user := c.user("ann"); user.HasPassword() {
		c.Error("the password is set")
	}
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	m := c.Mail("reset")
	body := first("Mirror-Maze-88")
	body["uid"], body["token"] = m.UID(c.T), m.Key(c.T)
	c.Client().Post("/auth/password/reset/confirm/", body).Want(200)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
}

// firstPasswordIsRefused to users of a directory, and to personal tokens; the contract's user has no new field.
func firstPasswordIsRefused(c *Case) {
	c.StartMail(withEachCredential)
	ann := c.withoutPassword("ann")
	if text := ann.Get("/auth/user/").Want(200).Text; strings.Contains(text, "has_password") {
		c.Errorf("the user is %s", text)
	}
	token := c.personal(ann, obj{"name": "x"})
	c.Client().Do("POST", "/auth/password/set/", first("Mirror-Maze-88"), "Authorization", "Bearer "+token.Key).WantCode(403, binding.CodeInsufficientScope)
	c.set("ann", map[string]any{"backend": "directory", "backend_id": "1"})
	ann.Post("/auth/password/set/", first("Mirror-Maze-88")).WantProblems("new_password2 managed_elsewhere")
}

// raceToSetThePassword: of different passwords one is set. One that is sent twice gets the same response twice.
func raceToSetThePassword(c *Case) {
	for _, same := range []bool{false, true} {
		c.documented = nil
		c.StartMail()
		ann := c.withoutPassword("ann")
		clones := []*authtest.Client{ann.Clone(), ann.Clone(), ann.Clone(), ann.Clone()}
		words := []string{"Mirror-Maze-81", "Mirror-Maze-82", "Mirror-Maze-83", "Mirror-Maze-84"}
		var won atomic.Value
		got := c.concurrently(4, func(i int) *authtest.Response {
			word := words[i]
			if same {
				word = words[0]
			}
			r := clones[i].Post("/auth/password/set/", first(word))
			if r.StatusCode == 200 {
				won.Store(word)
			}
			return r
		})
		if !same && got[200] != 1 || got[200] == 0 || got[200]+got[400]+got[401] != 4 {
			c.Fatalf("same %t: the responses are %v", same, got)
		}
		c.Mail("password_changed")
		c.Client().Post("/auth/login/", obj{"username": "ann", "password": won.Load()}).Want(200)
	}
}
