package dbtest

import (
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var customCases = []func(*Case){OwnFormsAreSaved, OwnFormsMayRefuse, OwnViews, OwnTableName, OwnLoginForm, OwnFormsOfEveryRoute}

// memberSignUp is a sign-up form with two more fields.
type memberSignUp struct {
	binding.Register
	Company string `json:"company" binding:"required,max=80"`
	Seats   int    `json:"seats" binding:"omitempty,min=1,max=100"`
}

// memberProfile is what a member may change of himself.
type memberProfile struct {
	binding.UpdateUser
	Company *string   `json:"company" binding:"omitnil,max=80"`
	Notes   *[]string `json:"notes"`
}

// members configures all that.
func members(cfg *config.Config) {
	cfg.NewUser = config.Model[Member]()
	cfg.Forms.SignUp = config.Form(func(f *memberSignUp, m *Member) error {
		if f.Company == "Evil Corp" {
			return binding.Invalid("company", binding.Problem{Code: "not_welcome", Message: "We know you."})
		}
		m.Company, m.Seats = f.Company, f.Seats
		return nil
	})
	cfg.Forms.Profile = config.Form(func(f *memberProfile, m *Member) error {
		if f.Company != nil {
			m.Company = *f.Company
		}
		if f.Notes != nil {
			m.Notes = *f.Notes
		}
		m.IsStaff = true // no column of the member's own: it must not be saved
		return nil
	})
}

func memberIn(name string) obj {
	return obj{"username": name, "email": name + "@example.com", "password1": authtest.Password, "password2": authtest.Password, "company": "Acme", "seats": 3}
}

// member reads a member as the database has it.
func (c *Case) member(name string) (m Member) {
	c.Helper()
	if r := c.DB.Where("username_key = ?", name).Limit(1).Find(&m); r.Error != nil || r.RowsAffected != 1 {
		c.Fatalf("%d rows, %v", r.RowsAffected, r.Error)
	}
	return m
}

func OwnFormsAreSaved(c *Case) {
	c.start(members)
	ann := c.client()
	ann.Post("/auth/registration/", obj{"username": "ann"}).
		WantProblems("password1 required", "password2 required", "company required")
	in := memberIn("ann")
	in["seats"] = 101
	ann.Post("/auth/registration/", in).WantProblems("seats max_value")
	ann.Post("/auth/registration/", memberIn("ann")).Want(201)
	if m := c.member("ann"); m.Company != "Acme" || m.Seats != 3 {
		c.Errorf("stored %+v", m)
	}
	c.DB.Model(&Member{}).Where("username_key = ?", "ann").Update("seats", 7) // meanwhile, by the application
	ann.Patch("/auth/user/", obj{"company": "Acme & Sons", "notes": []string{"a", "b"}, "first_name": "Ann"}).Want(200)
	m := c.member("ann")
	if m.Company != "Acme & Sons" || fmt.Sprint(m.Notes) != "[a b]" || m.FirstName != "Ann" || m.Seats != 7 || m.IsStaff {
		c.Errorf("stored %+v", m)
	}
	ann.Patch("/auth/user/", obj{"company": "", "notes": []string{}}).Want(400) // blank is not allowed unless it says so
	ann.Patch("/auth/user/", obj{"notes": []string{}}).Want(200)
	ann.Patch("/auth/user/", obj{}).Want(200)
	if m := c.member("ann"); m.Company != "Acme & Sons" || len(m.Notes) != 0 {
		c.Errorf("stored %+v", m)
	}
}

func OwnFormsMayRefuse(c *Case) {
	c.startMail(mandatory, members)
	in := memberIn("ann")
	in["company"] = "Evil Corp"
	r := c.client().Post("/auth/registration/", in).WantProblems("company not_welcome")
	if !strings.Contains(r.Text, "We know you.") {
		c.Errorf("the application's words are gone: %s", r.Text)
	}
	if n := c.count(&Member{}); n != 0 {
		c.Errorf("%d members", n)
	}
	c.noMail()
}

// memberLogin and memberError are answers of the application's own.
type memberLogin struct {
	Token   string `json:"token"`
	Company string `json:"company"`
}

type memberError struct {
	Error  binding.Code      `json:"error"`
	Text   string            `json:"text"`
	Fields map[string]string `json:"fields,omitempty"`
}

// OwnViews: a login answer that sees the member, an error body, elements of lists.
func OwnViews(c *Case) {
	c.start(members, withEverything, func(cfg *config.Config) {
		cfg.Views = config.Views{
			config.UserView(func(r binding.LoginResponse, m *Member) memberLogin {
				return memberLogin{r.Key + r.Access[:0], m.Company}
			}),
			config.View(func(e binding.Error) memberError {
				out := memberError{Error: e.Code, Text: e.Message, Fields: map[string]string{}}
				for _, name := range e.FieldNames() {
					out.Fields[name] = e.Fields[name][0].Message
				}
				return out
			}),
			config.View(func(s binding.Session) obj { return obj{"from": s.IP} }),
			config.UserView(func(u binding.User, m *Member) obj { return obj{"id": u.PK, "company": m.Company} }),
		}
	})
	ann := c.client()
	ann.Header.Set("Accept", "application/json")
	var login memberLogin
	ann.Post("/auth/registration/", memberIn("ann")).Want(201).JSON(&login)
	if !strings.HasPrefix(login.Token, "gat_") || login.Company != "Acme" {
		c.Errorf("got %+v", login)
	}
	user := fmt.Sprintf(`{"company":%%q,"id":%d}`, c.member("ann").ID)
	for path, want := range map[string]string{"/auth/user/": fmt.Sprintf(user, "Acme"), "/auth/sessions/": `[{"from":"192.0.2.1"}]`} {
		if r := ann.Get(path).Want(200); r.Text != want {
			c.Errorf("%s: %s", path, r.Text)
		}
	}
	if r := ann.Patch("/auth/user/", obj{"company": "New"}).Want(200); r.Text != fmt.Sprintf(user, "New") {
		c.Errorf("after the change: %s", r.Text)
	}
	if r := ann.Post("/auth/login/", obj{}).Want(400); r.Text != `{"error":"invalid","text":"The request is not valid.","fields":{"password":"This field is required."}}` {
		c.Errorf("got %s", r.Text)
	}
	ann.Do("POST", "/auth/login/", obj{}, "Accept", "application/problem+json").WantProblems("password required")
}

// OwnTableName: every route and guard works on it, and the user within a login has its view.
func OwnTableName(c *Case) {
	c.startMail(members, withEverything, byCode, func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie}
		cfg.Views = config.Views{config.UserView(func(u binding.User, m *Member) obj { return obj{"company": m.Company} })}
	})
	c.Router.GET("/mine", c.Auth.RequireUser(), func(g *gin.Context) { g.String(200, ginauth.UserAs[Member](g).Company) })
	ann := c.client()
	if r := ann.Post("/auth/registration/", memberIn("ann")).Want(201); r.Text != `{"user":{"company":"Acme"}}` {
		c.Errorf("got %s", r.Text)
	}
	if r := ann.Get("/mine").Want(200); r.Text != "Acme" {
		c.Errorf("got %s", r.Text)
	}
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	c.askReset("ann@example.com")
	c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
	c.client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	for _, m := range c.mails() {
		if m.Kind == "login_code" {
			ann.Post("/auth/login/code/confirm/", obj{"key": m.Key(c.T)}).Want(200)
		}
	}
	ann.Post("/auth/password/change/", change("Mirror-Maze-88", "Looking-Glass-9")).Want(200)
	ann.Post("/auth/user/delete/", obj{"password": "Looking-Glass-9"}).Want(200)
	if n := c.count(&Member{}); n != 0 {
		c.Errorf("%d members", n)
	}
	if c.DB.Migrator().HasTable("auth_user") {
		c.Error("there is a table auth_user, too")
	}
}

type (
	siteLogin struct {
		binding.Login
		Site string `json:"site" binding:"required"`
	}
	captchaReset struct {
		binding.ResetPassword
		Captcha string `json:"captcha" binding:"required"`
	}
	hintedChange struct {
		binding.ChangePassword
		Hint string `json:"hint"`
	}
	hintedReset struct {
		binding.ConfirmReset
		Hint string `json:"hint"`
	}
)

// OwnLoginForm is asked when the password was right, and what it refuses is no login.
func OwnLoginForm(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.Login = config.Form(func(f *siteLogin, m *Member) error {
			m.Seats++
			if f.Site != "Leeds" {
				return binding.Invalid("site", binding.Problem{Code: "not_yours", Message: "You do not work there."})
			}
			return nil
		})
	})
	ann := c.signedUp("ann")
	login := obj{"username": "ann", "password": authtest.Password}
	c.client().Post("/auth/login/", login).WantProblems("site required")
	login["site"] = "York"
	c.client().Post("/auth/login/", login).WantProblems("site not_yours")
	c.client().Post("/auth/login/", obj{"username": "ann", "password": "wrong", "site": "York"}).
		WantProblems("non_field_errors invalid_credentials") // the form is asked when the password was right
	if m := c.member("ann"); m.Seats != 0 {
		c.Errorf("%d refused logins counted", m.Seats)
	}
	login["site"] = "Leeds"
	ann.Post("/auth/login/", login).Want(200)
	if m := c.member("ann"); m.Seats != 1 {
		c.Errorf("%d logins counted", m.Seats)
	}
}

// OwnFormsOfEveryRoute: those of passwords, too.
func OwnFormsOfEveryRoute(c *Case) {
	captcha := func(text string) error {
		if text != "42" {
			return binding.Invalid("captcha", binding.Problem{Code: "wrong", Message: "Try again."})
		}
		return nil
	}
	c.startMail(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.PasswordReset = config.Form(func(f *captchaReset, m *Member) error {
			if m.ID != 0 {
				return fmt.Errorf("it knows the user")
			}
			return captcha(f.Captcha)
		})
		cfg.Forms.PasswordChange = config.Form(func(f *hintedChange, m *Member) error { m.Company = f.Hint; return nil })
		cfg.Forms.ResetConfirm = config.Form(func(f *hintedReset, m *Member) error { m.Company = f.Hint; return nil })
	})
	ann := c.verified("ann")
	ann.Post("/auth/password/change/", obj{
		"old_password": authtest.Password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88", "hint": "mirrors",
	}).Want(200)
	if m := c.member("ann"); m.Company != "mirrors" {
		c.Errorf("hint %q", m.Company)
	}
	c.mails()
	c.client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "captcha": "41"}).WantProblems("captcha wrong")
	c.client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "captcha": "42"}).Want(200)
	mail := c.mail("reset")
	form := resetForm(mail.UID(c.T), mail.Key(c.T), "Looking-Glass-9")
	form["hint"] = "glasses"
	c.client().Post("/auth/password/reset/confirm/", form).Want(200)
	if m := c.member("ann"); m.Company != "glasses" {
		c.Errorf("hint %q", m.Company)
	}
}
