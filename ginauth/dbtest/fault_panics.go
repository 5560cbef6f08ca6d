package dbtest

// The requests that call each function of the configuration.

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// panics makes users for requests during which something panics.
type panics struct {
	*Case
	*bomb
	root *authtest.Client
	n    int
}

// panicking is a request, with its status and the one while a function panics.
type panicking struct {
	client         *authtest.Client
	method, path   string
	body           any
	status, panics int
	committed      bool   // the change is made before the function runs
	then           func() // work after the request
}

func newAuth(db *gorm.DB, views config.Views) error {
	_, err := ginauth.New(db, config.Config{Secret: authtest.Secret, Views: views})
	return err
}

func (p *panics) operator() *authtest.Client {
	p.App.User(p.T, "root", func(u *models.User) { u.IsSuperuser = true })
	return p.LoggedIn("root")
}

// ready returns the browser of the operator whose login is recent.
func (p *panics) ready() *authtest.Client {
	p.root.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	return p.root
}

func (p *panics) user() (browser *authtest.Client, name string) {
	p.n++
	name = fmt.Sprint("user", p.n)
	browser = p.SignedUp(name)
	p.verify(p.mailTo(name+"@example.com", "verify").Key(p.T)).Want(200)
	return browser, name
}

// by returns a request by a new user.
func (p *panics) by(method, path string, body any, status int) panicking {
	browser, _ := p.user()
	return panicking{client: browser, method: method, path: path, body: body, status: status, panics: 500}
}

// after returns the same with a function that runs after the change, and cannot undo it.
func after(t func() panicking) func() panicking {
	return func() panicking {
		out := t()
		out.panics, out.committed = out.status, true
		return out
	}
}

// late returns the same with a function that runs after the change, for the response.
func late(t func() panicking) func() panicking {
	return func() panicking {
		out := t()
		out.committed = true
		return out
	}
}

func (p *panics) signUp() panicking {
	p.n++
	return panicking{client: p.Client(), method: "POST", path: "registration/", body: authtest.SignUp(fmt.Sprint("new", p.n)), status: 201, panics: 500}
}

func (p *panics) login() panicking {
	_, name := p.user()
	return panicking{client: p.Client(), method: "POST", path: "login/", body: authtest.Login(name), status: 200, panics: 500}
}

func (p *panics) wrongLogin() panicking {
	out := p.login()
	out.body, out.status = obj{"username": "nobody", "password": "x"}, 400
	return out
}

func (p *panics) tokenLogin() panicking {
	out := p.login()
	out.client.Header.Set("Auth-Credential", "jwt")
	return out
}

func (p *panics) refreshing() panicking {
	_, name := p.user()
	return panicking{client: p.Client(), method: "POST", path: "token/refresh/", body: obj{"refresh": p.loginAs(name, "jwt").Refresh}, status: 200, panics: 500}
}

func (p *panics) reuse() panicking {
	_, name := p.user()
	first := p.loginAs(name, "jwt").Refresh
	p.refreshed(p.refreshed(first).Refresh)
	p.Clock.Advance(time.Minute)
	return panicking{client: p.Client(), method: "POST", path: "token/refresh/", body: obj{"refresh": first}, status: 401, panics: 500}
}

func (p *panics) changing() panicking {
	return p.by("POST", "password/change/", change(authtest.Password, "Mirror-Maze-88"), 200)
}

func (p *panics) asking() panicking {
	_, name := p.user()
	return panicking{client: p.Client(), method: "POST", path: "password/reset/", body: obj{"email": name + "@example.com"}, status: 200, panics: 500}
}

func (p *panics) resetting() panicking {
	ask := p.asking()
	ask.client.Post("/auth/password/reset/", ask.body).Want(200)
	m := p.mailTo(ask.body.(obj)["email"].(string), "reset")
	ask.path, ask.body = "password/reset/confirm/", resetForm(m.UID(p.T), m.Key(p.T), "Mirror-Maze-88")
	return ask
}

func (p *panics) verifying() panicking {
	p.n++
	name := fmt.Sprint("user", p.n)
	browser := p.SignedUp(name)
	key := p.mailTo(name+"@example.com", "verify").Key(p.T)
	return panicking{client: browser, method: "POST", path: "registration/verify-email/", body: obj{"key": key}, status: 200, panics: 500}
}

func (p *panics) choosing() panicking {
	browser, name := p.user()
	var added binding.Email
	browser.Post("/auth/emails/", obj{"email": name + "@example.org"}).Want(201).JSON(&added)
	verifyIn(browser, p.mailTo(name+"@example.org", "verify").Key(p.T)).Want(200)
	return panicking{client: browser, method: "POST", path: emailPath(added.ID, "primary")[len("/auth/"):], status: 200, panics: 500}
}

func (p *panics) deleting() panicking {
	t := p.by("POST", "user/delete/", obj{"password": authtest.Password}, 200)
	t.client.Header.Set(config.CaptchaHeader, "x")
	return t
}

func (p *panics) revoking() panicking {
	browser, name := p.user()
	other := p.current(p.LoggedIn(name)).ID
	return panicking{client: browser, method: "DELETE", path: "sessions/" + other + "/", status: 204, panics: 500}
}

func (p *panics) banning() panicking {
	_, name := p.user()
	return panicking{client: p.ready(), method: "POST", path: fmt.Sprint("admin/users/", p.Case.user(name).ID, "/ban/"), body: obj{"reason": "x"}, status: 200, panics: 500}
}

func (p *panics) unbanning() panicking {
	t := p.banning()
	t.client.Post("/auth/"+t.path, t.body).Want(200)
	t.path, t.body = t.path[:len(t.path)-len("ban/")]+"unban/", nil
	return t
}

// mailing sends a mail, which the mailer does not survive; it goes out later.
func (p *panics) mailing() panicking {
	t := p.asking()
	t.then = func() {
		if _, err := p.Auth.SendOutbox(p.Context()); err != nil {
			p.Error(err)
		}
	}
	return t
}

func (p *panics) get(path string) func() panicking {
	return func() panicking { return p.by("GET", path, nil, 200) }
}

// triggers returns a request for each function of the configuration.
func (p *panics) triggers() map[string]func() panicking {
	token := func() panicking { return p.by("POST", "tokens/", obj{"name": "backup"}, 201) }
	listing := func() panicking {
		t := token()
		t.client.Post("/auth/tokens/", t.body).Want(201)
		t.method, t.body, t.status = "GET", nil, 200
		return t
	}
	return map[string]func() panicking{
		"Hooks.BeforeRegister": p.signUp, "Hooks.AfterRegister": after(p.signUp),
		"Hooks.BeforeLogin": p.login, "Hooks.AfterLogin": after(p.login), "Hooks.AfterLoginFailed": after(p.wrongLogin), "Hooks.After": after(p.login),
		"Hooks.AfterLogout":          after(func() panicking { return p.by("POST", "logout/", nil, 200) }),
		"Hooks.AfterRefreshReuse":    after(p.reuse),
		"Hooks.BeforePasswordChange": p.changing, "Hooks.AfterPasswordChange": after(p.changing),
		"Hooks.BeforePasswordReset": p.resetting, "Hooks.AfterPasswordReset": after(p.resetting),
		"Hooks.BeforeVerify": p.verifying, "Hooks.AfterVerify": after(p.verifying),
		"Hooks.BeforeEmailChange": p.choosing, "Hooks.AfterEmailChange": after(p.choosing),
		"Hooks.BeforeDelete": p.deleting, "Hooks.AfterDelete": after(p.deleting),
		"Hooks.AfterSessionRevoked": after(p.revoking),
		"Hooks.BeforeBan":           p.banning, "Hooks.AfterBan": after(p.banning), "Hooks.AfterUnban": after(p.unbanning),
		"Forms.SignUp": p.signUp, "Forms.Login": p.login, "Forms.PasswordChange": p.changing, "Forms.PasswordReset": p.asking, "Forms.ResetConfirm": p.resetting,
		"Forms.Profile":       func() panicking { return p.by("PATCH", "user/", obj{"first_name": "A"}, 200) },
		"Views.LoginResponse": late(p.login), "Views.User": p.get("user/"), "Views.Tokens": late(p.refreshing), "Views.Detail": late(p.asking),
		"Views.Session": p.get("sessions/"), "Views.Token": listing, "Views.NewToken": late(token), "Views.Email": p.get("emails/"),
		"Views.Error": func() panicking {
			t := p.wrongLogin()
			t.client = authtest.NewClient(p.T, p.Router) // without the view, the body is not that of the document
			t.client.Header.Set("Accept", "application/json")
			t.panics = t.status
			return t
		},
		"NewUser": p.signUp, "Backends": p.login, "RegisterGuard": p.signUp, "SessionStore": p.login, "PasswordRules": p.signUp, "Limits.Store": p.login,
		"Captcha.Verifier": p.deleting, "Export.Data": p.get("user/export/"), "JWT.Claims": p.tokenLogin, "JWT.Keys.Private": p.tokenLogin,
		"Rand": p.login, "Now": p.login, "Mail.Sender": after(p.mailing),
	}
}
